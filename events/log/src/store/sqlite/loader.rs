//! What the sequencer asks: one connection that only reads, beside the one that writes.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parcours_model::{EventKey, StreamId};
use rusqlite::{Connection, OptionalExtension};

use super::reader;
use super::shelf::SqliteShelf;
use crate::LogError;
use crate::store::index::{Ask, Index, Pages, candidates, named, page};
use crate::store::{Loader, PAGE_BYTES, StoredPage, StoredStream, number, stored, stream_id};
use crate::tree::Hash;

/// The connection.
pub(crate) struct SqliteLoader {
    connection: Connection,
    index: Arc<Index>,
    pages: Pages,
}

impl SqliteLoader {
    /// Connects to a file whose schema is up to date.
    pub fn open(file: &Path, index: Arc<Index>) -> Result<SqliteLoader, LogError> {
        Ok(SqliteLoader {
            connection: reader::connect(file)?,
            index,
            pages: Pages::default(),
        })
    }

    fn shelf(&self) -> SqliteShelf<&Connection> {
        SqliteShelf(&self.connection)
    }
}

impl Loader for SqliteLoader {
    const FAR: bool = false;

    async fn catch_up(&mut self, size: u64) -> Result<(), LogError> {
        self.index.cover(&self.shelf(), size).await
    }

    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError> {
        reader::indexed(&self.connection, &self.index, ids, below).await
    }

    async fn stream_page(
        &mut self,
        id: StreamId,
        revision: u64,
        below: u64,
        limit: usize,
    ) -> Result<StoredPage, LogError> {
        let number = reader::number_of(&self.connection, id)?;
        let mut entries = Vec::new();
        if let Some(key) = number {
            let (ask, skip) = self.pages.next(id, key, revision, below, limit);
            let positions = self.index.positions(&self.shelf(), &[ask]).await?.concat();
            entries = reader::entries(&self.connection, id, page(&positions, skip, limit), PAGE_BYTES)?;
            self.pages.read(id, &entries);
        }
        Ok(StoredPage { number, entries })
    }

    async fn leaves(&mut self, from: u64, below: u64) -> Result<Vec<Hash>, LogError> {
        reader::leaves(&self.connection, from, below)
    }

    async fn moved(&mut self, from: u64, below: u64) -> Result<Vec<StreamId>, LogError> {
        let mut select = self.connection.prepare_cached(
            "SELECT kind, uuid FROM streams WHERE number IN
                 (SELECT stream FROM entries WHERE position >= ?1 AND position < ?2)",
        )?;
        let mut rows = select.query((stored(from), stored(below)))?;
        let mut moved = Vec::new();
        while let Some(row) = rows.next()? {
            let kind: String = row.get(0)?;
            moved.push(stream_id(&kind, row.get(1)?)?);
        }
        Ok(moved)
    }

    async fn sources(&mut self, from: u64) -> Result<Vec<(u64, Arc<str>)>, LogError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT number, source FROM sources WHERE number >= ?1")?;
        let mut rows = select.query([stored(from)])?;
        let mut sources = Vec::new();
        while let Some(row) = rows.next()? {
            sources.push((number(row.get(0)?)?, row.get::<_, String>(1)?.into()));
        }
        Ok(sources)
    }

    async fn entries(&mut self, positions: &[u64]) -> Result<Vec<(u64, Bytes)>, LogError> {
        let mut select = self
            .connection
            .prepare_cached("SELECT entry, leaf FROM entries WHERE position = ?1")?;
        let mut load = |position: &u64| {
            let bytes = select.query_row([stored(*position)], |row| Ok(reader::bytes(row, *position)))?;
            Ok((*position, bytes?))
        };
        reader::at_once(&self.connection, || positions.iter().map(&mut load).collect())
    }

    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError> {
        let asks: Vec<_> = keys.iter().map(|key| Ask::name(self.index.name(key))).collect();
        let alike = self.index.positions(&self.shelf(), &asks).await?;
        reader::at_once(&self.connection, || {
            let mut select = self
                .connection
                .prepare_cached("SELECT entry FROM entries WHERE position = ?1")?;
            let mut found = Vec::new();
            for (index, position) in candidates(&alike) {
                let entry: Option<Vec<u8>> = select
                    .query_row([stored(position)], |row| row.get(0))
                    .optional()?;
                if entry.and_then(|entry| named(&entry)).as_ref() == Some(&keys[index]) {
                    found.push((index, position));
                }
            }
            Ok(found)
        })
    }
}
