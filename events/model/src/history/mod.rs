//! The events of one stream, and the order in which they really happened.
//!
//! Two orders, never mixed up: **records** stand as they arrived (by revision), and nothing ever changes them;
//! the **effective history** is what they say together: corrections and annulments applied, ordered by effective
//! time, then by the type's place in the journey, then by id. Rules and views look at the effective history only.

mod amendment;

pub use amendment::Misdirected;

use crate::envelope::Record;
use crate::event::EventKey;
use crate::stream::StreamId;
use crate::streams::Fact;
use amendment::Amendment;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// All records of one stream. Cloning shares the records.
#[derive(Clone, Debug)]
pub struct History {
    stream: StreamId,
    records: Vec<Arc<Record>>,
    /// The corrections and annulments, in order of arrival.
    amendments: Vec<Amendment>,
    /// Invariant: sorted by `order`; one slot for each record that is a fact and is not annulled.
    slots: Vec<Slot>,
    weight: usize,
}

/// A fact that stands, and the correction that stands on it.
#[derive(Clone, Copy, Debug)]
struct Slot {
    time: DateTime<Utc>,
    record: usize,
    amendment: Option<usize>,
}

/// A fact of the effective history.
#[derive(Clone, Copy, Debug)]
pub struct Effective<'a> {
    /// When it happened, as far as is known now.
    pub time: DateTime<Utc>,
    /// What happened, as far as is known now.
    pub fact: &'a Fact,
    /// The event that stated it first.
    pub record: &'a Record,
    /// The correction that stands, if any.
    pub correction: Option<&'a Record>,
}

impl Effective<'_> {
    /// What identifies the event that stated the fact.
    pub fn key(&self) -> &EventKey {
        &self.record.event.key
    }
}

/// Two facts are the same if they say the same of the same event, however that became known.
impl PartialEq for Effective<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.time, self.fact, self.key()) == (other.time, other.fact, other.key())
    }
}

impl History {
    /// The history of a stream to which nothing has happened.
    pub fn new(stream: StreamId) -> Self {
        Self {
            stream,
            records: Vec::new(),
            amendments: Vec::new(),
            slots: Vec::new(),
            weight: 0,
        }
    }

    /// Reads a whole stream; `records` stand in the order of their revisions.
    pub fn replay(
        stream: StreamId,
        records: impl IntoIterator<Item = impl Into<Arc<Record>>>,
    ) -> Result<Self, Misdirected> {
        let mut history = Self::new(stream);
        for record in records {
            history.push(record)?;
        }
        Ok(history)
    }

    /// Adds the stream's next record. Refuses an amendment that names nothing it can amend, and then changes nothing.
    /// Complexity: O(log n) to find its place, O(n) to make room.
    pub fn push(&mut self, record: impl Into<Arc<Record>>) -> Result<(), Misdirected> {
        let record = record.into();
        let amendment = Amendment::of(self, &record)?;
        let index = self.records.len();
        self.weight += weight(&record);
        self.records.push(record);
        match amendment {
            None => self.place(Slot {
                time: self.records[index].event.time,
                record: index,
                amendment: None,
            }),
            Some(amendment) => self.apply(Amendment {
                record: index,
                ..amendment
            }),
        }
        Ok(())
    }

    /// Forgets every record after `revision`, as if it had never been pushed.
    pub fn truncate(&mut self, revision: u64) {
        let keep = usize::try_from(revision).unwrap_or(usize::MAX);
        if keep >= self.records.len() {
            return;
        }
        let kept: Vec<_> = self.records.drain(..keep).collect();
        *self = Self::new(self.stream);
        for record in kept {
            self.push(record)
                .expect("what was accepted once is accepted again in the same order");
        }
    }

    /// The history as it stood when the log had `size` entries.
    pub fn as_of(&self, size: u64) -> Self {
        let mut earlier = self.clone();
        earlier.truncate(self.records.partition_point(|record| record.position < size) as u64);
        earlier
    }

    /// The stream.
    pub fn stream(&self) -> StreamId {
        self.stream
    }

    /// The revision of the last record; 0 for a stream to which nothing has happened.
    pub fn revision(&self) -> u64 {
        self.records.len() as u64
    }

    /// Whether nothing has happened to the stream.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Every record, in order of arrival.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// The record of an event.
    pub fn find(&self, key: &EventKey) -> Option<&Arc<Record>> {
        self.index_of(key).map(|index| &self.records[index])
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.weight
    }

    /// The effective history.
    pub fn effective(&self) -> impl ExactSizeIterator<Item = Effective<'_>> + Clone {
        self.slots.iter().map(|slot| {
            let record = &*self.records[slot.record];
            let amendment = slot.amendment.map(|index| &self.amendments[index]);
            Effective {
                time: slot.time,
                fact: amendment
                    .and_then(|amendment| amendment.fact.as_deref())
                    .unwrap_or(&record.event.fact),
                record,
                correction: amendment.map(|amendment| &*self.records[amendment.record]),
            }
        })
    }

    /// What became of the fact that `record` stated: `None` if it is annulled, or states no fact.
    pub fn standing(&self, key: &EventKey) -> Option<Effective<'_>> {
        self.effective().find(|fact| fact.key() == key)
    }

    fn index_of(&self, key: &EventKey) -> Option<usize> {
        self.records.iter().position(|record| record.event.key == *key)
    }

    fn place(&mut self, slot: Slot) {
        let at = self
            .slots
            .partition_point(|other| self.order(other) < self.order(&slot));
        self.slots.insert(at, slot);
    }

    fn order(&self, slot: &Slot) -> (DateTime<Utc>, u8, &str, &str) {
        let event = &self.records[slot.record].event;
        (slot.time, event.fact.place(), &event.key.id, &event.key.source)
    }

    /// Takes the target's slot out and puts it back as all amendments of it together say.
    fn apply(&mut self, amendment: Amendment) {
        let target = amendment.target;
        self.amendments.push(amendment);
        if let Some(lifted) = self.amendments.last().and_then(|amendment| amendment.lifts) {
            self.amendments[lifted].lifted = true;
        }
        self.slots.retain(|slot| slot.record != target);
        let standing = || {
            self.amendments
                .iter()
                .enumerate()
                .filter(|(_, amendment)| amendment.target == target && !amendment.lifted)
        };
        if standing().any(|(_, amendment)| amendment.annuls) {
            return;
        }
        let original = self.records[target].event.time;
        let last = standing().rfind(|(_, amendment)| amendment.lifts.is_none());
        let slot = Slot {
            record: target,
            time: last.and_then(|(_, amendment)| amendment.time).unwrap_or(original),
            amendment: last.map(|(index, _)| index),
        };
        self.place(slot);
    }
}

fn weight(record: &Record) -> usize {
    // The record with the counts of its `Arc`, its id likewise, a slot; the rest of the fact's heap as measured on a
    // simulated programme, where most facts have none and the bilan has several hundred bytes.
    let counts = 2 * size_of::<usize>();
    size_of::<Record>()
        + counts
        + record.event.key.id.len()
        + counts
        + size_of::<Slot>()
        + size_of::<Arc<Record>>()
        + 48
}
