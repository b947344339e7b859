//! What the sequencer asks: one connection that only reads, beside the one that writes.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parcours_model::{EventKey, StreamId};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::link::{Link, Prepared};
use super::reader::{PostgresReader, entry};
use crate::postgres::Door;
use crate::store::index::{Ask, Index, Pages, candidates, named, page};
use crate::store::{
    Loader, PAGE_BYTES, StoredPage, StoredStream, hash, number, stored, stream_id, unchanged,
};
use crate::tree::Hash;
use crate::{Entry, LogError};

const NUMBERS: &str = "
    SELECT n.asked, s.number
    FROM unnest($1::text[], $2::uuid[]) WITH ORDINALITY AS n (kind, uuid, asked)
    JOIN parcours_log.streams s ON s.uuid = n.uuid AND s.kind = n.kind";

const ROWS: &str =
    "SELECT position, revision, entry, leaf FROM parcours_log.entries WHERE position = ANY ($1)";

const LEAVES: &str = "
    SELECT leaf FROM parcours_log.entries WHERE position >= $1 AND position < $2 ORDER BY position";

const MOVED: &str = "
    SELECT kind, uuid FROM parcours_log.streams
    WHERE number IN (SELECT stream FROM parcours_log.entries WHERE position >= $1 AND position < $2)";

const SOURCES: &str = "SELECT number, source FROM parcours_log.sources WHERE number >= $1";

const ENTRIES: &str = "SELECT position, entry, leaf FROM parcours_log.entries WHERE position = ANY ($1)";

/// The connection.
pub(crate) struct PostgresLoader {
    link: Link<Statements>,
    shelf: PostgresReader,
    index: Arc<Index>,
    pages: Pages,
}

/// Entries read at a time for a page, which may be large.
const PART: usize = 512;

/// The questions, prepared.
struct Statements {
    numbers: Statement,
    rows: Statement,
    leaves: Statement,
    moved: Statement,
    sources: Statement,
    entries: Statement,
}

impl Prepared for Statements {
    async fn prepare(client: &Client) -> Result<Statements, Error> {
        Ok(Statements {
            numbers: client.prepare(NUMBERS).await?,
            rows: client.prepare(ROWS).await?,
            leaves: client.prepare(LEAVES).await?,
            moved: client.prepare(MOVED).await?,
            sources: client.prepare(SOURCES).await?,
            entries: client.prepare(ENTRIES).await?,
        })
    }
}

impl PostgresLoader {
    /// Connects to a database whose schema is up to date when it is asked something.
    pub fn new(door: Door, index: Arc<Index>) -> PostgresLoader {
        PostgresLoader {
            link: Link::new(door.clone()),
            shelf: PostgresReader::new(door, index.clone()),
            index,
            pages: Pages::default(),
        }
    }

    /// The numbers of those streams that have begun, by the index asked.
    async fn numbers(&mut self, ids: &[StreamId]) -> Result<Vec<(usize, u64)>, LogError> {
        let kinds: Vec<_> = ids.iter().map(|id| id.kind.name()).collect();
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid).collect();
        let rows = self.link.ask(|s| &s.numbers, &[&kinds, &uuids]).await?;
        let asked = |row: &Row| usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
        rows.iter()
            .map(|row| Ok((asked(row), number(row.get(1))?)))
            .collect()
    }

    /// The entries at these positions, each of the stream beside it; or which is damaged.
    async fn rows(
        &mut self,
        wanted: &HashMap<u64, StreamId>,
    ) -> Result<Vec<(StreamId, Result<Entry, LogError>)>, LogError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let positions: Vec<_> = wanted.keys().map(|position| stored(*position)).collect();
        let rows = self.link.ask(|s| &s.rows, &[&positions]).await?;
        if rows.len() != wanted.len() {
            return Err(LogError::Damaged(format!(
                "{} entries of {} at positions of the index",
                rows.len(),
                wanted.len()
            )));
        }
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            let position = number(row.get(0))?;
            let stream = wanted[&position];
            entries.push((position, (stream, entry(row, stream))));
        }
        entries.sort_unstable_by_key(|(position, _)| *position);
        Ok(entries.into_iter().map(|(_, entry)| entry).collect())
    }
}

impl Loader for PostgresLoader {
    const FAR: bool = true;

    async fn catch_up(&mut self, size: u64) -> Result<(), LogError> {
        self.index.cover(&self.shelf, size).await
    }

    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError> {
        let empty = |id: &StreamId| StoredStream {
            id: *id,
            number: None,
            entries: Ok(Vec::new()),
        };
        let mut streams: Vec<_> = ids.iter().map(empty).collect();
        let numbers = self.numbers(ids).await?;
        let asks: Vec<_> = numbers.iter().map(|(_, key)| Ask::stream(*key, below)).collect();
        let found = self.index.positions(&self.shelf, &asks).await?;
        let wanted = candidates(&found).map(|(n, position)| (position, ids[numbers[n].0]));
        let entries = self.rows(&wanted.collect()).await?;
        let mut of_stream: HashMap<StreamId, Vec<Result<Entry, LogError>>> = HashMap::new();
        for (stream, entry) in entries {
            of_stream.entry(stream).or_default().push(entry);
        }
        for (asked, number) in numbers {
            streams[asked].number = Some(number);
            let entries = of_stream.remove(&ids[asked]).unwrap_or_default();
            streams[asked].entries = entries.into_iter().collect();
        }
        Ok(streams)
    }

    async fn stream_page(
        &mut self,
        id: StreamId,
        revision: u64,
        below: u64,
        limit: usize,
    ) -> Result<StoredPage, LogError> {
        let number = self.numbers(&[id]).await?.first().map(|(_, number)| *number);
        let mut entries: Vec<Entry> = Vec::new();
        if let Some(key) = number {
            let (ask, skip) = self.pages.next(id, key, revision, below, limit);
            let positions = self.index.positions(&self.shelf, &[ask]).await?.concat();
            let mut held = 0;
            for part in page(&positions, skip, limit).chunks(PART) {
                let wanted = part.iter().map(|position| (*position, id)).collect();
                let part = self.rows(&wanted).await?.into_iter().map(|(_, entry)| entry);
                let part = part.collect::<Result<Vec<Entry>, _>>()?;
                held += part.iter().map(|entry| entry.bytes.len()).sum::<usize>();
                entries.extend(part);
                if held >= PAGE_BYTES {
                    break;
                }
            }
            self.pages.read(id, &entries);
        }
        Ok(StoredPage { number, entries })
    }

    async fn leaves(&mut self, from: u64, below: u64) -> Result<Vec<Hash>, LogError> {
        let range: [&(dyn ToSql + Sync); 2] = [&stored(from), &stored(below)];
        let rows = self.link.ask(|s| &s.leaves, &range).await?;
        rows.iter().map(|row| hash(row.get(0))).collect()
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
            .map(|row| {
                let position = number(row.get(0))?;
                Ok((position, unchanged(position, row.get(1), row.get(2))?))
            })
            .collect()
    }

    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError> {
        let asks: Vec<_> = keys.iter().map(|key| Ask::name(self.index.name(key))).collect();
        let alike = self.index.positions(&self.shelf, &asks).await?;
        let mut wanted: Vec<_> = candidates(&alike).map(|(_, position)| position).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        wanted.sort_unstable();
        wanted.dedup();
        let entries = self.entries(&wanted).await?;
        let names: HashMap<u64, EventKey> = entries
            .iter()
            .filter_map(|(position, entry)| Some((*position, named(entry)?)))
            .collect();
        Ok(candidates(&alike)
            .filter(|(index, position)| names.get(position) == Some(&keys[*index]))
            .collect())
    }
}
