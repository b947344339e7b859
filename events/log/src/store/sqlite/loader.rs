//! What the sequencer asks: one connection that only reads, beside the one that writes.

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use parcours_model::{EventKey, StreamId};
use rusqlite::{Connection, OptionalExtension};

use super::reader;
use crate::LogError;
use crate::store::{Loader, PAGE_BYTES, StoredStream, number, stored, stream_id};

/// The connection.
pub(crate) struct SqliteLoader {
    connection: Connection,
}

impl SqliteLoader {
    /// Connects to a file whose schema is up to date.
    pub fn open(file: &Path) -> Result<SqliteLoader, LogError> {
        Ok(SqliteLoader {
            connection: reader::connect(file)?,
        })
    }
}

impl Loader for SqliteLoader {
    const FAR: bool = false;

    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError> {
        let load = |id: &StreamId| {
            let (number, entries) = reader::stream(&self.connection, *id, below)?;
            Ok(StoredStream {
                id: *id,
                number,
                entries,
            })
        };
        ids.iter().map(load).collect()
    }

    async fn stream_page(
        &mut self,
        id: StreamId,
        revision: u64,
        below: u64,
        limit: usize,
    ) -> Result<StoredStream, LogError> {
        let (number, entries) = reader::page(&self.connection, id, revision, below, limit, PAGE_BYTES)?;
        Ok(StoredStream { id, number, entries })
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
            .prepare_cached("SELECT entry FROM entries WHERE position = ?1")?;
        let mut load = |position: &u64| {
            let bytes: Vec<u8> = select.query_row([stored(*position)], |row| row.get(0))?;
            Ok((*position, bytes.into()))
        };
        positions.iter().map(&mut load).collect()
    }

    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError> {
        let mut select = self.connection.prepare_cached(
            "SELECT position FROM event_ids
             WHERE id = ?1 AND source = (SELECT number FROM sources WHERE source = ?2)",
        )?;
        let mut found = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            let position: Option<i64> = select
                .query_row((&*key.id, &*key.source), |row| row.get(0))
                .optional()?;
            if let Some(position) = position {
                found.push((index, number(position)?));
            }
        }
        Ok(found)
    }
}
