//! What is read from the log.

use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use parcours_model::{Record, StreamId, Unreadable};
use serde::Deserialize;

use crate::store::HeadRow;
use crate::tree::Hash;
use crate::{Anchor, LogError};

/// By how much the clocks of two machines that are looked after may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// One entry of the log, as stored.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Its index in the log and in the tree, from 0.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its ordinal in its stream, from 1.
    pub revision: u64,
    /// The CloudEvent with the log's own attributes: canonical bytes (RFC 8785), the leaf of the tree.
    pub bytes: Bytes,
    /// The hash of its bytes as that leaf.
    pub leaf: Hash,
    /// What the bytes say, where this process wrote them a moment ago: one copy in memory for the sequencer and for
    /// whoever keeps up with it.
    pub(crate) written: Option<Arc<Record>>,
}

impl Entry {
    /// What the bytes say, if they say it of the place in its stream where the entry was found.
    pub fn record(&self) -> Result<Arc<Record>, Unreadable> {
        if let Some(record) = &self.written {
            return Ok(record.clone());
        }
        let record = Record::decode(self.position, &self.bytes)?;
        let (stream, revision) = (record.event.stream, record.revision);
        if (stream, revision) == (self.stream, self.revision) {
            return Ok(Arc::new(record));
        }
        Err(Unreadable {
            position: self.position,
            detail: format!(
                "it is entry {revision} of {stream}, and stands as entry {} of {}",
                self.revision, self.stream
            ),
        })
    }

    /// The place after it.
    pub fn end(&self) -> Anchor {
        Anchor {
            size: self.position + 1,
            leaf: self.leaf,
        }
    }

    /// When it was recorded: known of every entry, whatever else it says.
    pub fn recorded(&self) -> Result<DateTime<Utc>, LogError> {
        #[derive(Deserialize)]
        struct Told {
            recordedtime: DateTime<Utc>,
        }
        match &self.written {
            Some(record) => Ok(record.recorded),
            None => serde_json::from_slice(&self.bytes)
                .map(|told: Told| told.recordedtime)
                .map_err(|wrong| LogError::Damaged(format!("the entry {}: {wrong}", self.position))),
        }
    }
}

/// Entries are the same if they are stored the same.
impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        (self.position, self.stream, self.revision, &self.bytes)
            == (other.position, other.stream, other.revision, &other.bytes)
    }
}

impl Eq for Entry {}

/// The state of the whole log in three values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of entries; the position of the next one.
    pub size: u64,
    /// When the last entry was recorded, or the later instant that the log was taken to since
    /// ([`Log::reach`](crate::Log::reach)); `None` while there is none.
    pub recorded: Option<DateTime<Utc>>,
    /// The root of the tree over all entries.
    pub root: Hash,
}

impl Head {
    pub(crate) fn of(row: &HeadRow) -> Self {
        let recorded = DateTime::from_timestamp_micros(row.recorded);
        Self {
            size: row.size(),
            recorded: recorded.filter(|_| row.size() > 0),
            root: row.frontier.root(),
        }
    }

    /// How far the last entry is dated ahead of `now`, if that is more than clocks differ: some clock was once set to
    /// that time. Until then all that is recorded bears it, since recorded times never go back, and no question "as of"
    /// an earlier instant finds it.
    pub fn ahead(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        ahead(self.recorded?, now)
    }
}

/// How far `recorded` is ahead of `now`, if that is more than clocks differ.
pub(crate) fn ahead(recorded: DateTime<Utc>, now: DateTime<Utc>) -> Option<TimeDelta> {
    let ahead = recorded - now;
    (ahead > CLOCKS_DIFFER).then_some(ahead)
}
