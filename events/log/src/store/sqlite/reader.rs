//! Reading: a few connections, lent to blocking threads one query at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parcours_model::StreamId;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::sync::Semaphore;

use crate::scan::{ScanRange, StreamCursor, Streams};
use crate::store::{HeadRow, PAGE_BYTES, Reader, head_row, number, stored, stream_id};
use crate::{Entry, LogError};

/// Connections at most: reading is CPU work, more than the cores would only wait for each other.
const CONNECTIONS: usize = 4;
/// Page cache of each, in KiB: the inner pages of a large log's trees.
const CACHE_KIB: i64 = 2 << 10;

/// The pool. Invariant: a permit of `free` for each connection that may be borrowed or opened.
#[derive(Clone)]
pub(crate) struct SqliteReader(Arc<Pool>);

struct Pool {
    file: PathBuf,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteReader {
    /// A pool on a file whose schema is up to date.
    pub fn new(file: &Path) -> SqliteReader {
        SqliteReader(Arc::new(Pool {
            file: file.to_owned(),
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            idle: Mutex::new(Vec::new()),
        }))
    }

    /// Runs a query on a borrowed connection, on a thread that may block.
    async fn with<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let pool = self.0.clone();
        let permit = pool
            .free
            .clone()
            .acquire_owned()
            .await
            .expect("the pool's semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let idle = pool.idle().pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&pool.file)?,
            };
            let answer = query(&connection);
            pool.idle().push(connection);
            answer
        });
        work.await.map_err(|stopped| LogError::unavailable(&stopped))?
    }
}

/// A connection that only reads.
pub(super) fn connect(file: &Path) -> Result<Connection, LogError> {
    let connection = super::connect(file, CACHE_KIB, super::PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The head as this connection sees it.
pub(super) fn head(connection: &Connection) -> Result<HeadRow, LogError> {
    let mut select = connection
        .prepare_cached("SELECT size, recorded, streams, sources, frontier FROM head WHERE only_row = 1")?;
    let mut rows = select.query([])?;
    let Some(row) = rows.next()? else {
        return Err(LogError::Damaged("the head is missing".into()));
    };
    head_row(
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get_ref(4)?.as_bytes().unwrap_or_default(),
    )
}

/// The entries of one stream, in order of revision, and its number if it has begun.
pub(super) fn stream(
    connection: &Connection,
    id: StreamId,
    below: u64,
) -> Result<(Option<u64>, Vec<Entry>), LogError> {
    page(connection, id, 0, below, usize::MAX, usize::MAX)
}

/// Entries of one stream after `revision`, as many as `limit` and the first that make `bytes` allow, and its number if it
/// has begun.
pub(super) fn page(
    connection: &Connection,
    id: StreamId,
    revision: u64,
    below: u64,
    limit: usize,
    bytes: usize,
) -> Result<(Option<u64>, Vec<Entry>), LogError> {
    let mut named = connection.prepare_cached("SELECT number FROM streams WHERE uuid = ?1 AND kind = ?2")?;
    let Some(stored_number) = named
        .query_row((id.uuid, id.kind.name()), |row| row.get::<_, i64>(0))
        .optional()?
    else {
        return Ok((None, Vec::new()));
    };
    let mut select = connection.prepare_cached(
        "SELECT position, revision, entry FROM entries
         WHERE stream = ?1 AND revision > ?2 AND position < ?3 ORDER BY revision LIMIT ?4",
    )?;
    let mut rows = select.query((
        stored_number,
        stored(revision),
        stored(below),
        stored(limit as u64),
    ))?;
    let (mut entries, mut held) = (Vec::new(), 0);
    while held < bytes
        && let Some(row) = rows.next()?
    {
        let entry = entry(row, 0, id)?;
        held += entry.bytes.len();
        entries.push(entry);
    }
    Ok((Some(number(stored_number)?), entries))
}

/// Part of a stream.
fn stream_page(
    connection: &Connection,
    id: StreamId,
    after: u64,
    below: u64,
    limit: usize,
) -> Result<Vec<Entry>, LogError> {
    let mut select = connection.prepare_cached(
        "SELECT position, revision, entry FROM entries
         WHERE stream = (SELECT number FROM streams WHERE uuid = ?1 AND kind = ?2) AND revision > ?3 AND position < ?4
         ORDER BY revision LIMIT ?5",
    )?;
    let mut rows = select.query((
        id.uuid,
        id.kind.name(),
        stored(after),
        stored(below),
        stored(limit as u64),
    ))?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row, 0, id)?;
        bytes += entry.bytes.len();
        entries.push(entry);
        if bytes >= PAGE_BYTES {
            break;
        }
    }
    Ok(entries)
}

/// An entry from three columns: position, revision, bytes.
fn entry(row: &Row<'_>, column: usize, stream: StreamId) -> Result<Entry, LogError> {
    let bytes = row
        .get_ref(column + 2)?
        .as_blob()
        .map_err(|wrong| LogError::Damaged(wrong.to_string()))?;
    Ok(Entry {
        position: number(row.get(column)?)?,
        stream,
        revision: number(row.get(column + 1)?)?,
        bytes: Bytes::copy_from_slice(bytes),
        written: None,
    })
}

fn kind_and_uuid(row: &Row<'_>, column: usize) -> Result<StreamId, LogError> {
    let kind = row
        .get_ref(column)?
        .as_str()
        .map_err(|wrong| LogError::Damaged(wrong.to_string()))?;
    stream_id(kind, row.get(column + 1)?)
}

fn read(connection: &Connection, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
    let mut select = connection.prepare_cached(
        "SELECT e.position, e.revision, e.entry, s.kind, s.uuid
         FROM entries e JOIN streams s ON s.number = e.stream
         WHERE e.position >= ?1 ORDER BY e.position LIMIT ?2",
    )?;
    let mut rows = select.query((stored(from), stored(limit as u64)))?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row, 0, kind_and_uuid(row, 3)?)?;
        bytes += entry.bytes.len();
        entries.push(entry);
        if bytes >= PAGE_BYTES {
            break;
        }
    }
    Ok(entries)
}

/// Steps through the index on (stream, revision) and stops at the first new stream once there is enough, or within the
/// first one if that alone is more than enough.
fn scan(connection: &Connection, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
    let mut select = connection.prepare_cached(
        "SELECT stream, position, revision, entry FROM entries INDEXED BY entries_by_stream
         WHERE stream > ?1 AND stream <= ?2 AND position < ?3 ORDER BY stream, revision",
    )?;
    let mut named = connection.prepare_cached("SELECT kind, uuid FROM streams WHERE number = ?1")?;
    let after = range.after.map_or(-1, |cursor| stored(cursor.0));
    let until = range.until.map_or(i64::MAX, |cursor| stored(cursor.0));
    let mut rows = select.query((after, until, stored(range.below)))?;
    let mut streams: Streams = Vec::new();
    let (mut entries, mut bytes) = (0, 0);
    while let Some(row) = rows.next()? {
        let stream = row.get::<_, i64>(0)?;
        let begins = streams
            .last()
            .is_none_or(|(cursor, ..)| stored(cursor.0) != stream);
        let enough = entries >= limit || bytes >= PAGE_BYTES;
        if enough && (begins || streams.len() == 1) {
            break;
        }
        if begins {
            let id = named.query_row([stream], |row| Ok(kind_and_uuid(row, 0)))??;
            streams.push((StreamCursor(number(stream)?), id, Vec::new()));
        }
        let (_, id, held) = streams.last_mut().expect("the entry's stream was just pushed");
        let entry = entry(row, 1, *id)?;
        entries += 1;
        bytes += entry.bytes.len();
        held.push(entry);
    }
    Ok(streams)
}

#[async_trait::async_trait]
impl Reader for SqliteReader {
    async fn head(&self) -> Result<HeadRow, LogError> {
        self.with(head).await
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.with(move |connection| read(connection, from, limit)).await
    }

    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError> {
        self.with(move |connection| Ok(stream(connection, id, below)?.1))
            .await
    }

    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.with(move |connection| stream_page(connection, id, after, below, limit))
            .await
    }

    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        self.with(move |connection| {
            ids.iter()
                .map(|id| Ok(stream(connection, *id, below)?.1))
                .collect()
        })
        .await
    }

    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
        self.with(move |connection| scan(connection, range, limit)).await
    }

    async fn size_at(&self, recorded: String) -> Result<u64, LogError> {
        // Recorded times never go backwards, so the boundary is found by halving.
        const HALVING: &str = "
            WITH RECURSIVE search (low, high) AS (
                SELECT 0, size FROM head
                UNION ALL
                SELECT iif(e.recorded <= ?1, e.position + 1, low), iif(e.recorded <= ?1, high, e.position)
                FROM search JOIN (
                    SELECT position, CAST(entry AS TEXT) ->> '$.recordedtime' AS recorded FROM entries
                ) e ON e.position = (low + high) / 2
                WHERE low < high
            )
            SELECT low FROM search WHERE low = high";
        self.with(move |connection| {
            let size: i64 = connection
                .prepare_cached(HALVING)?
                .query_row([recorded], |row| row.get(0))?;
            number(size)
        })
        .await
    }
}
