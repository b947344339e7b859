//! An event, whoever sends it and wherever it is stored.

mod id;

pub use id::EventId;

use crate::judged::Remark;
use crate::stream::StreamId;
use crate::streams::Fact;
use chrono::{DateTime, Utc};
use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// What identifies an event for ever: who sent it, and the sender's own name for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey {
    /// The CloudEvents `source`: `urn:siret:…` or `urn:region:…`.
    pub source: Arc<str>,
    /// The CloudEvents `id`, unique to its source.
    pub id: EventId,
}

impl EventKey {
    /// The event that `source` calls `id`.
    pub fn new(source: impl Into<Arc<str>>, id: impl Into<EventId>) -> Self {
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

impl Event {
    /// What is unlikely about it: recorded all the same, and told to its sender.
    pub fn remarks(&self) -> Vec<Remark> {
        self.fact.remarks(self.time)
    }
}

/// Names kept to be shared, at most.
const SHARED_NAMES: usize = 4_096;

thread_local! {
    static NAMES: RefCell<HashSet<Arc<str>>> = RefCell::default();
}

/// A sender's or an actor's name, one copy of it for many events: there are few of them, and events by the million.
pub(crate) fn shared_name(name: &str) -> Arc<str> {
    NAMES.with_borrow_mut(|names| {
        if let Some(known) = names.get(name) {
            return known.clone();
        }
        if names.len() >= SHARED_NAMES {
            names.clear();
        }
        let new: Arc<str> = name.into();
        names.insert(new.clone());
        new
    })
}
