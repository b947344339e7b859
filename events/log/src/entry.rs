//! What is read from the log.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use parcours_model::StreamId;

use crate::tree::Hash;

/// One entry of the log, as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its index in the log and in the tree, from 0.
    pub position: u64,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its ordinal in its stream, from 1.
    pub revision: u64,
    /// The CloudEvent with the log's own attributes: canonical bytes (RFC 8785), the leaf of the tree.
    pub bytes: Bytes,
}

/// The state of the whole log in three values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The number of entries; the position of the next one.
    pub size: u64,
    /// When the last entry was recorded; `None` while there is none.
    pub recorded: Option<DateTime<Utc>>,
    /// The root of the tree over all entries.
    pub root: Hash,
}
