//! What decisions need to know of a stream that everybody writes to, at a cost that does not grow with it.
//!
//! A session with entry all year, a year's envelope, a community: walking through all that happened to it would make each
//! decision dearer than the last. Of such a stream no history is kept; a structure takes one fact in, or back, at any instant,
//! in O(log n), and decides what the rules of its kind say of the whole history.

use super::budget::Budget;
use super::membership::Membership;
use super::occupancy::Occupancy;
use super::refusal::Refusal;
use crate::envelope::Record;
use crate::event::{Event, EventId};
use crate::stream::StreamId;
use crate::streams::StreamKind;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The effective order of facts: time, the type's place, id, source.
pub(super) type Order = (DateTime<Utc>, u8, EventId, Arc<str>);

pub(super) fn order_of(event: &Event) -> Order {
    let (id, source) = (event.key.id.clone(), event.key.source.clone());
    (event.time, event.fact.place(), id, source)
}

/// One kind of such a stream.
pub(super) trait Gather {
    /// Takes a fact in.
    fn take_in(&mut self, event: &Event);

    /// Takes back a fact that was taken in.
    fn take_back(&mut self, event: &Event);

    /// Why these events cannot be recorded together, if they cannot: each refusal with the place of the event at fault.
    /// They are refused for what they bring or worsen, and for nothing that was there.
    fn refusals(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)>;

    /// About how many bytes it holds.
    fn weight(&self) -> usize;
}

/// What is known of such a stream.
#[derive(Clone, Debug)]
pub struct Gathered {
    revision: u64,
    /// The position of the last record, or of a later one that was taken back.
    position: Option<u64>,
    of: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Session(Box<Occupancy>),
    Envelope(Box<Budget>),
    Community(Box<Membership>),
}

impl StreamKind {
    /// Whether everybody writes to streams of this kind, so that they are decided on without their histories.
    pub fn is_gathered(self) -> bool {
        matches!(
            self,
            StreamKind::Session | StreamKind::Envelope | StreamKind::Community
        )
    }
}

impl Gathered {
    /// Of a stream to which nothing has happened. Only for a kind that [is gathered](StreamKind::is_gathered).
    pub fn new(stream: StreamId) -> Self {
        let of = match stream.kind {
            StreamKind::Session => Kind::Session(Box::default()),
            StreamKind::Envelope => Kind::Envelope(Box::default()),
            StreamKind::Community => Kind::Community(Box::default()),
            kind => unreachable!("{} has histories", kind.name()),
        };
        Self {
            revision: 0,
            position: None,
            of,
        }
    }

    /// The revision of the last record; 0 for a stream to which nothing has happened.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// A position that its last record is not behind.
    pub fn position(&self) -> Option<u64> {
        self.position
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + match &self.of {
                Kind::Session(occupancy) => occupancy.weight(),
                Kind::Envelope(budget) => budget.weight(),
                Kind::Community(membership) => membership.weight(),
            }
    }

    /// Takes the stream's next record in.
    pub fn push(&mut self, record: &Record) {
        self.kind().take_in(&record.event);
        self.revision += 1;
        self.position = Some(record.position);
    }

    /// Takes back the record that was pushed last.
    pub fn pop(&mut self, record: &Record) {
        self.kind().take_back(&record.event);
        self.revision -= 1;
    }

    /// Why these events cannot be recorded together, if they cannot: each refusal with the place of the event at fault.
    /// They are refused for what they bring or worsen, and for nothing that was there.
    pub fn refusals(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)> {
        self.kind().refusals(events)
    }

    fn kind(&mut self) -> &mut dyn Gather {
        match &mut self.of {
            Kind::Session(occupancy) => occupancy.as_mut(),
            Kind::Envelope(budget) => budget.as_mut(),
            Kind::Community(membership) => membership.as_mut(),
        }
    }
}
