//! PostgreSQL, without the service.

use super::rows::Row;
use super::{Engine, Tables};
use parcours_model::StreamKind;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::ToSql;
use postgres::{Client, NoTls, RowIter, Statement};
use uuid::Uuid;

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
    batch: Statement,
    single: Statement,
    parcours: Statement,
}

impl Connected {
    pub fn open(url: &str) -> anyhow::Result<Self> {
        let mut client = Client::connect(url, NoTls)?;
        // Without statistics of a table just filled the planner might sort what an index has in order.
        client.batch_execute("SET enable_sort = off")?;
        let parcours = "SELECT revision, entry FROM parcours_log.entries
             WHERE stream = (SELECT number FROM parcours_log.streams WHERE uuid = $1 AND kind = $2) ORDER BY revision";
        Ok(Self {
            batch: client.prepare(BATCH)?,
            single: client.prepare(SINGLE)?,
            parcours: client.prepare(parcours)?,
            client,
        })
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
        self.client.execute(
            &self.single,
            &[&&**id, source, position, stream, revision, &leaf, &entry],
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
            &rows.iter().map(|row| &*row.id).collect::<Vec<_>>(),
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
        self.client.execute(&self.batch, &parameters)?;
        Ok(())
    }

    fn scan(&mut self) -> anyhow::Result<u64> {
        let none: [&(dyn ToSql + Sync); 0] = [];
        count(self.client.query_raw(
            "SELECT position, entry FROM parcours_log.entries ORDER BY position",
            none,
        )?)
    }

    fn parcours(&mut self, uuid: Uuid) -> anyhow::Result<u64> {
        let kind = StreamKind::Parcours.name();
        let parameters: [&(dyn ToSql + Sync); 2] = [&uuid, &kind];
        count(self.client.query_raw(&self.parcours, parameters)?)
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
