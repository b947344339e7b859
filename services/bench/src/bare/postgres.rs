//! PostgreSQL, without the service.

use super::rows::Row;
use super::{Engine, Tables};
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, NoTls, RowIter, Statement};

/// All of a transaction in one question, as arrays.
const BATCH: &str = "
    WITH ids AS (
        INSERT INTO parcours_log.event_ids (id, source, position) SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
    ), names AS (
        INSERT INTO parcours_log.streams (number, kind, uuid) SELECT * FROM unnest($4::bigint[], $5::text[], $6::uuid[])
    ), senders AS (
        INSERT INTO parcours_log.sources (number, source) SELECT * FROM unnest($7::bigint[], $8::text[])
    )
    INSERT INTO parcours_log.entries (position, stream, revision, leaf, entry)
    SELECT * FROM unnest($3::bigint[], $9::bigint[], $10::bigint[], $11::bytea[], $12::bytea[])";

/// A row that begins no stream and comes from a known sender.
const SINGLE: &str = "
    WITH ids AS (INSERT INTO parcours_log.event_ids (id, source, position) VALUES ($1, $2, $3))
    INSERT INTO parcours_log.entries (position, stream, revision, leaf, entry) VALUES ($3, $4, $5, $6, $7)";

/// Told with the figures.
const SETTINGS: [&str; 6] = [
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "shared_buffers",
    "max_wal_size",
    "wal_sync_method",
];

pub(super) struct Connected {
    client: Client,
    /// Prepared once the tables they need are there.
    inserts: Option<(Statement, Statement)>,
}

impl Connected {
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let mut client = Client::connect(url, NoTls)?;
        // Without statistics of a table just filled the planner might sort what an index has in order.
        client.batch_execute("SET enable_sort = off")?;
        Ok(Self {
            inserts: None,
            client,
        })
    }

    /// The statements for a batch, and for a single row.
    fn inserts(&mut self) -> anyhow::Result<(Statement, Statement)> {
        if let Some(prepared) = &self.inserts {
            return Ok(prepared.clone());
        }
        let prepared = (self.client.prepare(BATCH)?, self.client.prepare(SINGLE)?);
        Ok(self.inserts.insert(prepared).clone())
    }

    fn insert_alone(&mut self, row: &Row) -> anyhow::Result<()> {
        let Row {
            position,
            stream,
            revision,
            id,
            source,
            ..
        } = row;
        let (leaf, entry) = (row.leaf.as_slice(), &*row.entry);
        let (_, single) = self.inserts()?;
        self.client.execute(
            &single,
            &[&id.to_string(), source, position, stream, revision, &leaf, &entry],
        )?;
        Ok(())
    }
}

impl Tables for Connected {
    fn insert(&mut self, rows: &[Row]) -> anyhow::Result<()> {
        if let [row] = rows
            && row.begins.is_none()
            && row.sender.is_none()
        {
            return self.insert_alone(row);
        }
        let (begun, sent) = (
            || rows.iter().filter(|row| row.begins.is_some()),
            || rows.iter().filter(|row| row.sender.is_some()),
        );
        let parameters: [&(dyn ToSql + Sync); 12] = [
            &rows.iter().map(|row| row.id.to_string()).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.source).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.position).collect::<Vec<_>>(),
            &begun().map(|row| row.stream).collect::<Vec<_>>(),
            &begun()
                .filter_map(|row| Some(row.begins?.kind.name()))
                .collect::<Vec<_>>(),
            &begun()
                .filter_map(|row| Some(row.begins?.uuid))
                .collect::<Vec<_>>(),
            &sent().map(|row| row.source).collect::<Vec<_>>(),
            &sent().filter_map(|row| row.sender.as_deref()).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.stream).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.revision).collect::<Vec<_>>(),
            &rows.iter().map(|row| row.leaf.as_slice()).collect::<Vec<_>>(),
            &rows.iter().map(|row| &*row.entry).collect::<Vec<_>>(),
        ];
        let (batch, _) = self.inserts()?;
        self.client.execute(&batch, &parameters)?;
        Ok(())
    }

    fn scan(&mut self) -> anyhow::Result<u64> {
        let none: [&(dyn ToSql + Sync); 0] = [];
        count(self.client.query_raw(
            "SELECT position, entry FROM parcours_log.entries ORDER BY position",
            none,
        )?)
    }

    fn index(&mut self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute(
            "CREATE TABLE parcours_log.event_ids (
                 id text COLLATE \"C\" NOT NULL, source bigint NOT NULL, position bigint NOT NULL, PRIMARY KEY (id, source)
             );
             CREATE UNIQUE INDEX entries_by_stream ON parcours_log.entries (stream, revision);",
        )?)
    }

    fn at(&mut self, positions: &[i64]) -> anyhow::Result<u64> {
        count(self.client.query_raw(
            "SELECT revision, entry FROM parcours_log.entries WHERE position = ANY ($1)",
            [positions],
        )?)
    }

    fn engine(&mut self) -> anyhow::Result<Engine> {
        let version: String = self.client.query_one("SHOW server_version", &[])?.get(0);
        let mut setting = |name: &&str| -> anyhow::Result<(String, String)> {
            Ok((
                (*name).to_owned(),
                self.client.query_one(&format!("SHOW {name}"), &[])?.get(0),
            ))
        };
        let settings = SETTINGS.iter().map(&mut setting).collect::<anyhow::Result<_>>()?;
        Ok(Engine {
            version: format!("PostgreSQL {version}"),
            settings,
        })
    }
}

/// Goes through rows as they come, whose second column is an entry, and looks at its bytes.
fn count(mut rows: RowIter<'_>) -> anyhow::Result<u64> {
    let mut count = 0;
    while let Some(row) = rows.next()? {
        anyhow::ensure!(
            row.get::<_, &[u8]>(1).starts_with(b"{"),
            "an entry is no JSON object"
        );
        count += 1;
    }
    Ok(count)
}
