//! Reading: a small pool of connections.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::TryStreamExt;
use parcours_model::StreamId;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::{scan, standby};
use crate::postgres::{ANSWER_LIMIT, Door, Lent, Pool};
use crate::store::index::{Ask, Index, candidates, page};
use crate::store::migrations::SCHEMA;
use crate::store::{HeadRow, PAGE_BYTES, Reader, hash, head_row, number, stored, stream_id};
use crate::store::{ScanRange, Streams};
use crate::tree::Hash;
use crate::{Entry, LogError};

/// Connections at most.
const CONNECTIONS: usize = 8;

pub(super) const HEAD: &str = "SELECT size, recorded, streams, sources, frontier FROM parcours_log.head";

/// The pool.
pub(crate) struct PostgresReader {
    pool: Pool,
    index: Arc<Index>,
}

impl PostgresReader {
    /// A pool behind this door; it connects when it is asked something.
    pub fn new(door: Door, index: Arc<Index>) -> PostgresReader {
        PostgresReader {
            pool: Pool::new(door, CONNECTIONS),
            index,
        }
    }

    /// The same on a log that is only read, and has to be there, of this version.
    pub async fn read_only(door: Door, index: Arc<Index>) -> Result<PostgresReader, LogError> {
        let reader = PostgresReader::new(door.with("-c default_transaction_read_only=on"), index);
        let schema = SCHEMA.postgres;
        let there = format!("SELECT to_regclass('{schema}.migrations') IS NOT NULL");
        if !reader.query(&there, &[]).await?.iter().any(|row| row.get(0)) {
            return Err(LogError::Absent);
        }
        let last = format!("SELECT coalesce(max(number), 0) FROM {schema}.migrations");
        let rows = reader.query(&last, &[]).await?;
        match SCHEMA.is_current(rows.first().map_or(0, |row| row.get(0)))? {
            true => Ok(reader),
            false => Err(LogError::Older),
        }
    }

    /// Asks a question; each row of the answer is waited for.
    pub(super) async fn query(
        &self,
        sql: &str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, LogError> {
        query(&self.pool.get().await?, sql, parameters).await
    }
}

/// Asks a question on this connection; each row of the answer is waited for.
pub(super) async fn query(
    client: &Lent,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<Row>, LogError> {
    let mut rows = Vec::new();
    let all = |row| {
        rows.push(row);
        Ok(true)
    };
    each_row(client, sql, parameters, all).await?;
    Ok(rows)
}

impl PostgresReader {
    /// The size of the log, and the number of a stream if it has begun.
    async fn size_and_number(&self, id: StreamId) -> Result<Option<(u64, u64)>, LogError> {
        const NUMBER: &str = "
            SELECT h.size, s.number
            FROM parcours_log.head h JOIN parcours_log.streams s ON s.uuid = $1 AND s.kind = $2";
        let rows = self.query(NUMBER, &[&id.uuid, &id.kind.name()]).await?;
        let numbers = rows
            .first()
            .map(|row| Ok((number(row.get(0))?, number(row.get(1))?)));
        numbers.transpose()
    }
}

/// Rows of a query as they come, each given to `take`, until it says false.
async fn each_row(
    client: &Lent,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
    mut take: impl FnMut(Row) -> Result<bool, LogError>,
) -> Result<(), LogError> {
    let rows = async {
        let select = client.prepare_cached(sql).await?;
        client.query_raw(&select, parameters.iter().copied()).await
    };
    let mut rows = std::pin::pin!(client.ask(ANSWER_LIMIT, rows).await?);
    while let Some(row) = client.ask(ANSWER_LIMIT, rows.try_next()).await? {
        if !take(row)? {
            break;
        }
    }
    Ok(())
}

pub(super) fn head(row: &Row) -> Result<HeadRow, LogError> {
    head_row(row.get(0), row.get(1), row.get(2), row.get(3), row.get(4))
}

/// An entry from the first four columns: position, revision, bytes, leaf hash.
pub(super) fn entry(row: &Row, stream: StreamId) -> Result<Entry, LogError> {
    crate::store::entry(row.get(0), row.get(1), row.get(2), row.get(3), stream)
}

#[async_trait::async_trait]
impl Reader for PostgresReader {
    async fn head(&self) -> Result<HeadRow, LogError> {
        let rows = self.query(HEAD, &[]).await?;
        head(
            rows.first()
                .ok_or_else(|| LogError::Damaged("the head is missing".into()))?,
        )
    }

    async fn leaf(&self, position: u64) -> Result<Option<Hash>, LogError> {
        const LEAF: &str = "
            SELECT (SELECT leaf FROM parcours_log.entries WHERE position = $1), pg_is_in_recovery()";
        let rows = self.query(LEAF, &[&stored(position)]).await?;
        let leaf: Option<&[u8]> = rows.first().and_then(|row| row.get(0));
        match leaf {
            None if rows.first().is_some_and(|row| row.get(1)) => Err(standby()),
            leaf => leaf.map(hash).transpose(),
        }
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        const READ: &str = "
            SELECT e.position, e.revision, e.entry, e.leaf, s.kind, s.uuid
            FROM parcours_log.entries e JOIN parcours_log.streams s ON s.number = e.stream
            WHERE e.position >= $1 AND e.position < $2
            ORDER BY e.position";
        let client = self.pool.get().await?;
        let (mut entries, mut bytes) = (Vec::new(), 0);
        let until = from.saturating_add(limit as u64);
        each_row(&client, READ, &[&stored(from), &stored(until)], |row| {
            let entry = entry(&row, stream_id(row.get(4), row.get(5))?)?;
            bytes += entry.bytes.len();
            entries.push(entry);
            Ok(bytes < PAGE_BYTES)
        })
        .await?;
        Ok(entries)
    }

    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError> {
        let Some((size, number)) = self.size_and_number(id).await? else {
            return Ok(Vec::new());
        };
        self.index.cover(self, size.min(below)).await?;
        let ask = Ask::stream(number, below);
        let positions = self.index.positions(self, &[ask]).await?.concat();
        let client = self.pool.get().await?;
        let mut entries = Vec::with_capacity(positions.len());
        for part in positions.chunks(scan::PART) {
            entries.extend(
                scan::rows(&client, part)
                    .await?
                    .iter()
                    .map(|row| entry(row, id))
                    .collect::<Result<Vec<_>, _>>()?,
            );
        }
        Ok(entries)
    }

    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let Some((size, number)) = self.size_and_number(id).await? else {
            return Ok(Vec::new());
        };
        self.index.cover(self, size.min(below)).await?;
        let (ask, skip) = Ask::page(number, after, below, limit);
        let positions = self.index.positions(self, &[ask]).await?.concat();
        scan::page(&self.pool.get().await?, id, page(&positions, skip, limit)).await
    }

    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        const NUMBERS: &str = "
            SELECT n.asked, s.number, h.size
            FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS n (kind, uuid, asked)
            JOIN parcours_log.streams s ON s.uuid = n.uuid AND s.kind = n.kind
            CROSS JOIN parcours_log.head h";
        let kinds: Vec<_> = ids.iter().map(|id| id.kind.name()).collect();
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid).collect();
        let rows = self.query(NUMBERS, &[&kinds, &uuids]).await?;
        let size = rows.first().map_or(0, |row| row.get(2));
        self.index.cover(self, number(size)?.min(below)).await?;
        let (mut asked, mut asks) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
        for row in &rows {
            asked.push(usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default());
            asks.push(Ask::stream(number(row.get(1))?, below));
        }
        let found = self.index.positions(self, &asks).await?;
        let of: HashMap<u64, usize> = candidates(&found)
            .map(|(place, position)| (position, asked[place]))
            .collect();
        let mut positions: Vec<u64> = of.keys().copied().collect();
        positions.sort_unstable();
        let client = self.pool.get().await?;
        let mut streams: Vec<Vec<Entry>> = ids.iter().map(|_| Vec::new()).collect();
        for part in positions.chunks(scan::PART) {
            for row in scan::rows(&client, part).await? {
                let place = of[&number(row.get(0))?];
                streams[place].push(entry(&row, ids[place])?);
            }
        }
        Ok(streams)
    }

    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
        let rows = self.query(HEAD, &[]).await?;
        let size = rows.first().map_or(0, |row| row.get(0));
        self.index.cover(self, number(size)?.min(range.below)).await?;
        let first = range.after.map_or(0, |cursor| cursor.0.saturating_add(1));
        let last = range.until.map_or(u64::MAX, |cursor| cursor.0);
        let streams = self.index.streams(self, first, last, range.below, limit).await?;
        scan::read(&self.pool.get().await?, streams).await
    }

    async fn size_at(&self, recorded: String) -> Result<u64, LogError> {
        // Recorded times never go backwards, so the boundary is found by halving. `json` and not `jsonb`, which would
        // take the whole entry apart.
        const HALVING: &str = "
            WITH RECURSIVE search (low, high) AS (
                SELECT 0::bigint, size FROM parcours_log.head
                UNION ALL
                SELECT CASE WHEN e.recorded <= $1 THEN e.position + 1 ELSE low END,
                       CASE WHEN e.recorded <= $1 THEN high ELSE e.position END
                FROM search JOIN LATERAL (
                    SELECT position,
                           (convert_from(entry, 'UTF8')::json ->> 'recordedtime') COLLATE \"C\" AS recorded
                    FROM parcours_log.entries WHERE position = (low + high) / 2
                ) e ON true
                WHERE low < high
            )
            SELECT low FROM search WHERE low = high";
        let rows = self.query(HALVING, &[&recorded]).await?;
        number(rows.first().map_or(0, |row| row.get(0)))
    }
}
