//! The port to a database, as small as the log needs it, and its two adapters.
//!
//! What both databases hold, and nothing but the sequencer writes:
//! - `head`: one row, the size of the log, the tree's frontier, the numbers given out. A writer holds its lock.
//! - `entries`: position → stream, revision, leaf hash, bytes. When an entry was recorded is what its bytes say.
//! - `streams`, `sources`: names → numbers, given in order, so that keys made of them stay small and near.
//! - `index_state`, `index_runs`, `index_blocks`: from events' names and streams to positions, behind the entries (see
//!   [`index`]). That a name is in the log once is what the sequencer makes sure of, under the head it decides on.
//! - `migrations`: what was applied.
//!
//! Each database has one SQL text a table operation, and its migrations as numbered files in `migrations/`.

pub(crate) mod index;
mod migrations;
pub(crate) mod postgres;
pub(crate) mod sqlite;
mod streams;
#[cfg(test)]
mod tests;
pub(crate) mod watched;

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Datelike, SecondsFormat, Utc};
use parcours_model::{EventKey, StreamId, Words};

use crate::tree::{Frontier, Hash};
use crate::{Anchor, Entry, LogError};
use index::shelf::{Step, Stepped};
pub(crate) use streams::ScanRange;
pub use streams::{StreamCursor, Streams};

/// A page of entries ends when its entries hold this many bytes, so that a page of any length fits in memory.
pub(crate) const PAGE_BYTES: usize = 8 << 20;

/// The row that every append locks, checks and moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeadRow {
    /// The tree over all entries; its size is the log's.
    pub frontier: Frontier,
    /// Microseconds since 1970: when the last entry was recorded, or a later instant that the log was taken to
    /// ([`Log::reach`](crate::Log::reach)). Never goes backwards: no later entry is recorded before it.
    pub recorded: i64,
    /// How many stream numbers are given out: the next number.
    pub streams: u64,
    /// How many source numbers are given out.
    pub sources: u64,
}

impl HeadRow {
    /// The number of entries.
    pub fn size(&self) -> u64 {
        self.frontier.size()
    }
}

/// What one commit writes. Its rows stand at consecutive positions from `before.size()`.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The head on which everything here was decided: nothing is written unless it is still the head.
    pub before: HeadRow,
    /// The head once this is written.
    pub after: HeadRow,
    /// Streams that begin here, with their numbers.
    pub streams: Vec<(u64, StreamId)>,
    /// Sources that send their first event here, with their numbers.
    pub sources: Vec<(u64, Arc<str>)>,
    /// The entries.
    pub rows: Vec<Row>,
}

impl Batch {
    /// Adds what was decided on top of it.
    pub fn join(&mut self, next: Batch) {
        debug_assert_eq!(self.after, next.before, "batches are joined in order");
        self.after = next.after;
        self.streams.extend(next.streams);
        self.sources.extend(next.sources);
        self.rows.extend(next.rows);
    }
}

/// One entry to be written, the names in its keys resolved to numbers.
#[derive(Debug)]
pub(crate) struct Row {
    pub entry: Entry,
    pub stream: u64,
    pub key: EventKey,
}

/// How a commit ended, when the database did its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Commit {
    /// On disk.
    Done,
    /// Nothing was written: another process has moved the head.
    Moved,
    /// Nothing was written: the database refuses something that the batch holds, for this reason. Without it, it would
    /// write the rest.
    Refused(String),
}

/// A stream as the sequencer loads it. A stream without number has no entry.
#[derive(Debug)]
pub(crate) struct StoredStream {
    pub id: StreamId,
    pub number: Option<u64>,
    /// Or why it cannot be decided on: one stream that is damaged is no reason to decide on no other.
    pub entries: Result<Vec<Entry>, LogError>,
}

/// Part of a stream, as the sequencer loads it. A stream without number has no entry.
#[derive(Debug)]
pub(crate) struct StoredPage {
    pub number: Option<u64>,
    pub entries: Vec<Entry>,
}

/// The writing side. Owned by the committer's thread, so calls may block it.
///
/// An adapter finds its connection again by itself: a call after a failure tries anew.
#[allow(async_fn_in_trait, reason = "used by one generic owner, on one thread")]
pub(crate) trait Writer: Send + 'static {
    /// Takes the write lock and answers the head. Held until the next [`commit`](Writer::commit) or
    /// [`unlock`](Writer::unlock).
    async fn lock(&mut self) -> Result<HeadRow, LogError>;

    /// The place after the last entry of this head.
    async fn end(&mut self, head: &HeadRow) -> Result<Anchor, LogError>;

    /// Gives the lock back, if it is held.
    async fn unlock(&mut self);

    /// Writes all of the batch or nothing, durably, if `batch.before` is still the head. A batch without rows
    /// only asks that. Ends the lock if it is held, however it ends.
    async fn commit(&mut self, batch: &Batch) -> Result<Commit, LogError>;

    /// Has the head's `recorded` be this much at least, durably, and answers the head. Not while the lock is held.
    async fn reach(&mut self, recorded: i64) -> Result<HeadRow, LogError>;

    /// Writes a step of the index's keeper. Not while the lock is held.
    async fn shelve(&mut self, step: &Step) -> Result<Stepped, LogError>;
}

/// What the sequencer asks before it decides. Owned by its thread, beside the one that writes: it sees what is
/// committed by this process, what others had committed when it was told so ([`catch_up`](Loader::catch_up)), and nothing
/// of the batch that is being written. Finds its connection again as a [`Writer`] does.
#[allow(async_fn_in_trait, reason = "used by one generic owner, on one thread")]
pub(crate) trait Loader: Send + 'static {
    /// Whether a question costs enough for the sequencer to look ahead and ask several at once.
    const FAR: bool;

    /// From now on it sees the first `size` entries, which are committed.
    async fn catch_up(&mut self, size: u64) -> Result<(), LogError>;

    /// These streams, one answer each, in the order asked, entries below `below` only.
    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError>;

    /// The next entries of a stream after `revision`, below position `below`: at most `limit`, fewer when they are large
    /// ([`PAGE_BYTES`]), none only at the end.
    async fn stream_page(
        &mut self,
        id: StreamId,
        revision: u64,
        below: u64,
        limit: usize,
    ) -> Result<StoredPage, LogError>;

    /// The leaf hashes of the entries at positions from `from` to below `below`, in order.
    async fn leaves(&mut self, from: u64, below: u64) -> Result<Vec<Hash>, LogError>;

    /// The streams which have entries at positions from `from` to below `below`.
    async fn moved(&mut self, from: u64, below: u64) -> Result<Vec<StreamId>, LogError>;

    /// The sources with numbers from `from` on.
    async fn sources(&mut self, from: u64) -> Result<Vec<(u64, Arc<str>)>, LogError>;

    /// The bytes of the entries at these positions, in any order, with their positions.
    async fn entries(&mut self, positions: &[u64]) -> Result<Vec<(u64, Bytes)>, LogError>;

    /// Where these events stand, if they are in the log: the index asked, the position.
    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError>;
}

/// The reading side: shared by all, never waits for the writer.
#[async_trait::async_trait]
pub(crate) trait Reader: Send + Sync + 'static {
    /// The head as last committed.
    async fn head(&self) -> Result<HeadRow, LogError>;

    /// The leaf hash of the entry at this position, if there is one.
    async fn leaf(&self, position: u64) -> Result<Option<Hash>, LogError>;

    /// Entries from `from` on, at most `limit`, fewer when they are large ([`PAGE_BYTES`]), none only at the end.
    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError>;

    /// The entries of a stream at positions below `below`, in order of revision.
    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError>;

    /// The entries of a stream at positions below `below`, from the one after revision `after` on, in order: at most
    /// `limit`, fewer when they are large, none only at the end.
    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError>;

    /// The entries of these streams at positions below `below`: one answer each, in the order asked.
    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError>;

    /// Whole streams of the range, in the order of their numbers, until `limit` entries are together. A stream that is
    /// longer than that comes alone, and only its beginning.
    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError>;

    /// How many entries were recorded at or before this time, written as entries write it ([`recorded_text`]).
    async fn size_at(&self, recorded: String) -> Result<u64, LogError>;
}

/// A time as entries write theirs: always as long, in UTC, to the microsecond, so that the order of such texts is that
/// of the times. What no four digits can say of a year is before or after all entries.
pub(crate) fn recorded_text(instant: DateTime<Utc>) -> String {
    match instant.year() {
        ..0 => String::new(),
        10_000.. => "~".to_owned(),
        _ => instant.to_rfc3339_opts(SecondsFormat::Micros, true),
    }
}

/// Numbers are stored as the databases' signed 64-bit integers.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Reads a number back; none is ever stored negative.
pub(crate) fn number(stored: i64) -> Result<u64, LogError> {
    u64::try_from(stored).map_err(|_| LogError::Damaged(format!("{stored} where a count should stand")))
}

/// Reads the columns of `head` back.
pub(crate) fn head_row(
    size: i64,
    recorded: i64,
    streams: i64,
    sources: i64,
    frontier: &[u8],
) -> Result<HeadRow, LogError> {
    let frontier = Frontier::decode(frontier).map_err(|wrong| LogError::Damaged(wrong.to_string()))?;
    if frontier.size() != number(size)? {
        return Err(LogError::Damaged(format!(
            "a log of {size} entries under a tree of {}",
            frontier.size()
        )));
    }
    Ok(HeadRow {
        frontier,
        recorded,
        streams: number(streams)?,
        sources: number(sources)?,
    })
}

/// Reads the columns of an entry of this stream back.
pub(crate) fn entry(
    position: i64,
    revision: i64,
    bytes: &[u8],
    leaf: &[u8],
    stream: StreamId,
) -> Result<Entry, LogError> {
    let position = number(position)?;
    Ok(Entry {
        position,
        stream,
        revision: number(revision)?,
        bytes: unchanged(position, bytes, leaf)?,
        leaf: hash(leaf)?,
        written: None,
    })
}

/// The bytes of an entry, if they are those whose hash was written with them: nothing is decided, told or built on others.
pub(crate) fn unchanged(position: u64, bytes: &[u8], leaf: &[u8]) -> Result<Bytes, LogError> {
    if Hash::of_leaf(bytes).0 == leaf {
        Ok(Bytes::copy_from_slice(bytes))
    } else {
        Err(LogError::Damaged(format!(
            "the entry at position {position} is not what was written: its leaf hash is another. Put a backup in its place"
        )))
    }
}

/// The place after `size` entries, the last of which has this leaf hash.
pub(crate) fn end(size: u64, leaf: Option<Hash>) -> Result<Anchor, LogError> {
    match (size, leaf) {
        (0, _) => Ok(Anchor::start()),
        (_, Some(leaf)) => Ok(Anchor { size, leaf }),
        (_, None) => Err(LogError::Damaged(format!(
            "the log has {size} entries, and the last of them is missing"
        ))),
    }
}

/// Reads a column that holds a hash back.
pub(crate) fn hash(stored: &[u8]) -> Result<Hash, LogError> {
    let wrong = |_| LogError::Damaged(format!("{} bytes where a hash should stand", stored.len()));
    stored.try_into().map(Hash).map_err(wrong)
}

/// Reads the columns that name a stream back.
pub(crate) fn stream_id(kind: &str, uuid: uuid::Uuid) -> Result<StreamId, LogError> {
    let kind = kind
        .parse()
        .map_err(|wrong: Words| LogError::Damaged(wrong.to_string()))?;
    Ok(StreamId { kind, uuid })
}
