//! Reading: a few connections, lent to blocking threads one query at a time.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parcours_model::StreamId;
use rusqlite::{Connection, OptionalExtension, Row};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use super::OpenFiles;
use super::shelf::SqliteShelf;
use crate::database::ReadOnly;
use crate::store::index::{Ask, Index, page};
use crate::store::migrations::SCHEMA;
use crate::store::{
    HeadRow, PAGE_BYTES, Reader, StoredStream, hash, head_row, number, stored, stream_id, unchanged,
};
use crate::store::{ScanRange, StreamCursor, Streams};
use crate::tree::Hash;
use crate::{Entry, LogError};

/// Connections at most: reading is CPU work, more than the cores would only wait for each other.
const CONNECTIONS: usize = 4;
/// Page cache of each, in KiB: the inner pages of a large log's trees.
const CACHE_KIB: i64 = 2 << 10;

/// The pool, and the index that says where to read.
#[derive(Clone)]
pub(crate) struct SqliteReader {
    pool: Arc<Pool>,
    index: Arc<Index>,
}

/// Invariant: a permit of `free` for each connection that may be borrowed or opened.
struct Pool {
    access: Access,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

/// How the file is reached.
enum Access {
    /// As whoever also writes it.
    Own { file: PathBuf, files: OpenFiles },
    /// As somebody who only looks.
    ReadOnly(ReadOnly),
}

impl Access {
    fn connect(&self) -> Result<Connection, LogError> {
        match self {
            Access::Own { file, files } => {
                // Another file would be read with the WAL of this one.
                files.still_stand()?;
                connect(file)
            }
            Access::ReadOnly(file) => super::prepared(file.connect(super::PATIENCE)?, CACHE_KIB),
        }
    }

    /// Fails if what was read just now may not be believed.
    fn holds(&self) -> Result<(), LogError> {
        match self {
            Access::Own { .. } => Ok(()),
            Access::ReadOnly(file) => Ok(file.still_alone()?),
        }
    }
}

impl Pool {
    fn of(access: Access) -> Pool {
        Pool {
            access,
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            idle: Mutex::new(Vec::new()),
        }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SqliteReader {
    /// A pool on a file whose schema is up to date.
    pub fn new(file: &Path, index: Arc<Index>) -> Result<SqliteReader, LogError> {
        let access = Access::Own {
            file: file.to_owned(),
            files: OpenFiles::of(file)?,
        };
        Ok(SqliteReader {
            pool: Arc::new(Pool::of(access)),
            index,
        })
    }

    /// A pool on a file that is only read, and has to be there, of this version.
    pub async fn read_only(file: &Path, index: Arc<Index>) -> Result<SqliteReader, LogError> {
        let found = ReadOnly::find(file).map_err(|error| match error.kind() {
            ErrorKind::NotFound => LogError::Absent,
            _ => LogError::unavailable(&error),
        })?;
        let reader = SqliteReader {
            pool: Arc::new(Pool::of(Access::ReadOnly(found))),
            index,
        };
        reader.with(is_current).await?;
        Ok(reader)
    }

    /// Runs a query on a borrowed connection, on a thread that may block.
    async fn with<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let pool = self.pool.clone();
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
                None => pool.access.connect()?,
            };
            let answer = query(&connection);
            pool.access.holds()?;
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

/// Fails if there is no log, or one of another version.
fn is_current(connection: &Connection) -> Result<(), LogError> {
    let table: Option<i64> = connection
        .query_row(
            "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1",
            [SCHEMA.table],
            |row| row.get(0),
        )
        .optional()?;
    if table.is_none() {
        return Err(LogError::Absent);
    }
    let last = format!("SELECT max(number) FROM {}", SCHEMA.table);
    let last: Option<i64> = connection.query_row(&last, [], |row| row.get(0))?;
    match SCHEMA.is_current(last.unwrap_or(0))? {
        true => Ok(()),
        false => Err(LogError::Older),
    }
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

/// The leaf hash of the entry at this position, if there is one.
pub(super) fn leaf(connection: &Connection, position: u64) -> Result<Option<Hash>, LogError> {
    Ok(leaves(connection, position, position.saturating_add(1))?
        .first()
        .copied())
}

/// The leaf hashes of the entries at positions from `from` to below `below`.
pub(super) fn leaves(connection: &Connection, from: u64, below: u64) -> Result<Vec<Hash>, LogError> {
    let mut select = connection.prepare_cached(
        "SELECT leaf FROM entries WHERE position >= ?1 AND position < ?2 ORDER BY position",
    )?;
    let mut rows = select.query((stored(from), stored(below)))?;
    let mut leaves = Vec::new();
    while let Some(row) = rows.next()? {
        leaves.push(hash(blob(row, 0)?)?);
    }
    Ok(leaves)
}

/// Asks row by row what no longer changes, and takes the locks of the file once for all of it.
pub(super) fn at_once<T>(
    connection: &Connection,
    ask: impl FnOnce() -> Result<T, LogError>,
) -> Result<T, LogError> {
    let _ended_at_the_end = connection
        .is_autocommit()
        .then(|| connection.unchecked_transaction())
        .transpose()?;
    ask()
}

/// The number of a stream, if it has begun.
pub(super) fn number_of(connection: &Connection, id: StreamId) -> Result<Option<u64>, LogError> {
    connection
        .prepare_cached("SELECT number FROM streams WHERE uuid = ?1 AND kind = ?2")?
        .query_row((id.uuid, id.kind.name()), |row| row.get::<_, i64>(0))
        .optional()?
        .map(number)
        .transpose()
}

/// Entries of one stream at these positions, at least the first and no more than fit in `bytes`.
pub(super) fn entries(
    connection: &Connection,
    id: StreamId,
    positions: &[u64],
    bytes: usize,
) -> Result<Vec<Entry>, LogError> {
    at_once(connection, || {
        let mut select = connection
            .prepare_cached("SELECT position, revision, entry, leaf FROM entries WHERE position = ?1")?;
        let (mut entries, mut held) = (Vec::new(), 0);
        for position in positions {
            if held >= bytes {
                break;
            }
            let mut rows = select.query([stored(*position)])?;
            let missing = || LogError::Damaged(format!("there is no entry at position {position}"));
            let entry = entry(rows.next()?.ok_or_else(missing)?, id)?;
            held += entry.bytes.len();
            entries.push(entry);
        }
        Ok(entries)
    })
}

/// An entry from the first four columns: position, revision, bytes, leaf hash.
fn entry(row: &Row<'_>, stream: StreamId) -> Result<Entry, LogError> {
    crate::store::entry(row.get(0)?, row.get(1)?, blob(row, 2)?, blob(row, 3)?, stream)
}

fn blob<'row>(row: &'row Row<'_>, column: usize) -> Result<&'row [u8], LogError> {
    let blob = row.get_ref(column)?.as_blob();
    blob.map_err(|wrong| LogError::Damaged(wrong.to_string()))
}

/// The bytes of the entry at this position, by the columns bytes and leaf hash.
pub(super) fn bytes(row: &Row<'_>, position: u64) -> Result<Bytes, LogError> {
    unchanged(position, blob(row, 0)?, blob(row, 1)?)
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
        "SELECT e.position, e.revision, e.entry, e.leaf, s.kind, s.uuid
         FROM entries e JOIN streams s ON s.number = e.stream
         WHERE e.position >= ?1 ORDER BY e.position LIMIT ?2",
    )?;
    let mut rows = select.query((stored(from), stored(limit as u64)))?;
    let (mut entries, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let entry = entry(row, kind_and_uuid(row, 4)?)?;
        bytes += entry.bytes.len();
        entries.push(entry);
        if bytes >= PAGE_BYTES {
            break;
        }
    }
    Ok(entries)
}

/// The name of a stream, by its number.
fn named(connection: &Connection, stream: u64) -> Result<StreamId, LogError> {
    connection
        .prepare_cached("SELECT kind, uuid FROM streams WHERE number = ?1")?
        .query_row([stored(stream)], |row| Ok(kind_and_uuid(row, 0)))?
}

/// Streams as the index knows them: one answer each, in the order asked.
pub(super) async fn indexed(
    connection: &Connection,
    index: &Index,
    ids: &[StreamId],
    below: u64,
) -> Result<Vec<StoredStream>, LogError> {
    let numbers = at_once(connection, || {
        ids.iter()
            .map(|id| number_of(connection, *id))
            .collect::<Result<Vec<_>, _>>()
    })?;
    let begun = numbers.iter().flatten();
    let asks: Vec<_> = begun.map(|number| Ask::stream(*number, below)).collect();
    let mut positions = index
        .positions(&SqliteShelf(connection), &asks)
        .await?
        .into_iter();
    at_once(connection, || {
        let stored = |(id, number): (&StreamId, Option<u64>)| {
            let positions = number.and_then(|_| positions.next()).unwrap_or_default();
            let entries = match entries(connection, *id, &positions, usize::MAX) {
                Err(error) if !matches!(error, LogError::Damaged(_)) => return Err(error),
                entries => entries,
            };
            Ok(StoredStream {
                id: *id,
                number,
                entries,
            })
        };
        ids.iter().zip(numbers).map(stored).collect()
    })
}

async fn streams(
    connection: &Connection,
    index: &Index,
    ids: &[StreamId],
    below: u64,
) -> Result<Vec<Vec<Entry>>, LogError> {
    let size = head(connection)?.size();
    index.cover(&SqliteShelf(connection), size.min(below)).await?;
    let streams = indexed(connection, index, ids, below).await?;
    streams.into_iter().map(|stream| stream.entries).collect()
}

/// Part of a stream, as [`Reader::stream_page`] has it.
async fn stream_page(
    connection: &Connection,
    index: &Index,
    id: StreamId,
    after: u64,
    below: u64,
    limit: usize,
) -> Result<Vec<Entry>, LogError> {
    let Some(key) = number_of(connection, id)? else {
        return Ok(Vec::new());
    };
    let shelf = SqliteShelf(connection);
    index.cover(&shelf, head(connection)?.size().min(below)).await?;
    let (ask, skip) = Ask::page(key, after, below, limit);
    let positions = index.positions(&shelf, &[ask]).await?.concat();
    entries(connection, id, page(&positions, skip, limit), PAGE_BYTES)
}

async fn scan(
    connection: &Connection,
    index: &Index,
    range: ScanRange,
    limit: usize,
) -> Result<Streams, LogError> {
    let shelf = SqliteShelf(connection);
    index
        .cover(&shelf, head(connection)?.size().min(range.below))
        .await?;
    let first = range.after.map_or(0, |cursor| cursor.0.saturating_add(1));
    let last = range.until.map_or(u64::MAX, |cursor| cursor.0);
    let mut streams: Streams = Vec::new();
    let mut bytes = 0;
    let found = index.streams(&shelf, first, last, range.below, limit).await?;
    // Of a stream that is alone, its beginning is enough.
    let most = if found.len() == 1 { PAGE_BYTES } else { usize::MAX };
    at_once(connection, || {
        for (stream, positions) in found {
            if bytes >= PAGE_BYTES {
                break;
            }
            let id = named(connection, stream)?;
            let entries = entries(connection, id, &positions, most)?;
            bytes += entries.iter().map(|entry| entry.bytes.len()).sum::<usize>();
            streams.push((StreamCursor(stream), id, entries));
        }
        Ok(streams)
    })
}

#[async_trait::async_trait]
impl Reader for SqliteReader {
    async fn head(&self) -> Result<HeadRow, LogError> {
        self.with(head).await
    }

    async fn leaf(&self, position: u64) -> Result<Option<Hash>, LogError> {
        self.with(move |connection| leaf(connection, position)).await
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.with(move |connection| read(connection, from, limit)).await
    }

    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError> {
        Ok(self.streams(vec![id], below).await?.concat())
    }

    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        let index = self.index.clone();
        self.with(move |connection| {
            Handle::current().block_on(stream_page(connection, &index, id, after, below, limit))
        })
        .await
    }

    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        let index = self.index.clone();
        self.with(move |connection| Handle::current().block_on(streams(connection, &index, &ids, below)))
            .await
    }

    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
        let index = self.index.clone();
        self.with(move |connection| Handle::current().block_on(scan(connection, &index, range, limit)))
            .await
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
