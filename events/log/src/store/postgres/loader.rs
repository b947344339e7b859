//! What the sequencer asks: one connection that only reads, beside the one that writes.

use std::sync::Arc;

use bytes::Bytes;
use parcours_model::{EventKey, StreamId};
use tokio_postgres::{Client, Error, Row, Statement};

use super::config;
use super::link::{Link, Prepared};
use super::reader::entry;
use crate::LogError;
use crate::store::{Loader, PAGE_BYTES, StoredStream, number, stored, stream_id};

/// One row an entry; a stream without entries below the limit has one row without entry. The subquery keeps the
/// plan to one look into the index a stream, whatever the planner believes of the tables' sizes.
pub(super) const STREAMS: &str = "
    SELECT n.asked, s.number, e.position, e.revision, e.entry
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS n (kind, uuid, asked)
    JOIN parcours_log.streams s ON s.uuid = n.uuid AND s.kind = n.kind
    LEFT JOIN LATERAL (
        SELECT position, revision, entry FROM parcours_log.entries
        WHERE stream = s.number AND position < $3 OFFSET 0
    ) e ON true
    ORDER BY n.asked, e.revision";

/// A page of one stream, ended by the entry with which it holds $6 bytes; one row without entry if there is none after
/// the revision.
const PAGE: &str = "
    SELECT s.number, e.position, e.revision, e.entry
    FROM parcours_log.streams s
    LEFT JOIN LATERAL (
        SELECT position, revision, entry, sum(octet_length(entry)) OVER (ORDER BY revision) - octet_length(entry) AS held
        FROM parcours_log.entries
        WHERE stream = s.number AND revision > $3 AND position < $4 ORDER BY revision LIMIT $5
    ) e ON e.held < $6::bigint
    WHERE s.uuid = $1 AND s.kind = $2
    ORDER BY e.revision";

const MOVED: &str = "
    SELECT kind, uuid FROM parcours_log.streams
    WHERE number IN (SELECT stream FROM parcours_log.entries WHERE position >= $1 AND position < $2)";

const SOURCES: &str = "SELECT number, source FROM parcours_log.sources WHERE number >= $1";

const ENTRIES: &str = "SELECT position, entry FROM parcours_log.entries WHERE position = ANY ($1)";

const POSITIONS: &str = "
    SELECT n.asked, i.position
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS n (id, source, asked)
    JOIN parcours_log.sources s ON s.source = n.source
    JOIN parcours_log.event_ids i ON i.id = n.id AND i.source = s.number";

/// The connection.
pub(crate) struct PostgresLoader {
    link: Link<Statements>,
}

/// The questions, prepared.
struct Statements {
    streams: Statement,
    #[allow(dead_code, reason = "for streams too long to be loaded at once")]
    page: Statement,
    moved: Statement,
    sources: Statement,
    entries: Statement,
    positions: Statement,
}

impl Prepared for Statements {
    async fn prepare(client: &Client) -> Result<Statements, Error> {
        Ok(Statements {
            streams: client.prepare(STREAMS).await?,
            page: client.prepare(PAGE).await?,
            moved: client.prepare(MOVED).await?,
            sources: client.prepare(SOURCES).await?,
            entries: client.prepare(ENTRIES).await?,
            positions: client.prepare(POSITIONS).await?,
        })
    }
}

impl PostgresLoader {
    /// Connects to a database whose schema is up to date when it is asked something.
    pub fn new(url: &str) -> Result<PostgresLoader, LogError> {
        Ok(PostgresLoader {
            link: Link::new(config(url)?),
        })
    }
}

impl Loader for PostgresLoader {
    const FAR: bool = true;

    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError> {
        let kinds: Vec<_> = ids.iter().map(|id| id.kind.name()).collect();
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid).collect();
        let rows = self
            .link
            .ask(|s| &s.streams, &[&kinds, &uuids, &stored(below)])
            .await?;
        let mut streams: Vec<_> = ids
            .iter()
            .map(|id| StoredStream {
                id: *id,
                number: None,
                entries: Vec::new(),
            })
            .collect();
        for row in rows {
            let asked = usize::try_from(row.get::<_, i64>(0) - 1).ok();
            let Some(stream) = asked.and_then(|asked| streams.get_mut(asked)) else {
                continue;
            };
            stream.number = Some(number(row.get(1))?);
            if row.get::<_, Option<i64>>(2).is_some() {
                stream.entries.push(entry(&row, 2, stream.id)?);
            }
        }
        Ok(streams)
    }

    async fn stream_page(
        &mut self,
        id: StreamId,
        revision: u64,
        below: u64,
        limit: usize,
    ) -> Result<StoredStream, LogError> {
        let kind = id.kind.name();
        let [revision, below] = [revision, below].map(stored);
        let [limit, bytes] = [limit, PAGE_BYTES].map(|most| stored(most as u64));
        let rows = self
            .link
            .ask(|s| &s.page, &[&id.uuid, &kind, &revision, &below, &limit, &bytes])
            .await?;
        let number = rows.first().map(|row| number(row.get(0))).transpose()?;
        let entries = rows
            .iter()
            .filter(|row| row.get::<_, Option<i64>>(1).is_some())
            .map(|row| entry(row, 1, id))
            .collect::<Result<_, _>>()?;
        Ok(StoredStream { id, number, entries })
    }

    async fn moved(&mut self, from: u64, below: u64) -> Result<Vec<StreamId>, LogError> {
        let rows = self
            .link
            .ask(|s| &s.moved, &[&stored(from), &stored(below)])
            .await?;
        rows.iter().map(|row| stream_id(row.get(0), row.get(1))).collect()
    }

    async fn sources(&mut self, from: u64) -> Result<Vec<(u64, Arc<str>)>, LogError> {
        let rows = self.link.ask(|s| &s.sources, &[&stored(from)]).await?;
        rows.iter()
            .map(|row| Ok((number(row.get(0))?, row.get::<_, &str>(1).into())))
            .collect()
    }

    async fn entries(&mut self, positions: &[u64]) -> Result<Vec<(u64, Bytes)>, LogError> {
        let positions: Vec<_> = positions.iter().map(|position| stored(*position)).collect();
        let rows = self.link.ask(|s| &s.entries, &[&positions]).await?;
        rows.iter()
            .map(|row| Ok((number(row.get(0))?, Bytes::copy_from_slice(row.get(1)))))
            .collect()
    }

    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError> {
        let ids: Vec<_> = keys.iter().map(|key| &*key.id).collect();
        let sources: Vec<_> = keys.iter().map(|key| &*key.source).collect();
        let rows = self.link.ask(|s| &s.positions, &[&ids, &sources]).await?;
        let asked = |row: &Row| usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
        rows.iter()
            .map(|row| Ok((asked(row), number(row.get(1))?)))
            .collect()
    }
}
