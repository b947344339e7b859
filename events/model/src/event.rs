//! An event, whoever sends it and wherever it is stored.

use crate::stream::StreamId;
use crate::streams::Fact;
use chrono::{DateTime, Utc};
use std::fmt;
use std::sync::Arc;

/// What identifies an event for ever: who sent it, and the sender's own name for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// The CloudEvents `source`: `urn:siret:…` or `urn:region:…`.
    pub source: Arc<str>,
    /// The CloudEvents `id`, unique to its source.
    pub id: Arc<str>,
}

impl EventKey {
    /// The event that `source` calls `id`.
    pub fn new(source: impl Into<Arc<str>>, id: impl Into<Arc<str>>) -> Self {
        Self {
            source: source.into(),
            id: id.into(),
        }
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.id, self.source)
    }
}

/// A fact which happened at a time in a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What identifies it.
    pub key: EventKey,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// When it happened: the effective time.
    pub time: DateTime<Utc>,
    /// What happened.
    pub fact: Fact,
}
