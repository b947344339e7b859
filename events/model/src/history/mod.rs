//! The events of one stream, and the order in which they really happened.
//!
//! Two orders, never mixed up: **records** stand as they arrived (by revision), and nothing ever changes them;
//! the **effective history** is what they say together: corrections and annulments applied, ordered by effective
//! time, and within an instant as [`rank`](mod@rank) says. Rules and views look at the effective history only.

mod amendment;
mod at_rest;
mod rank;

pub use amendment::Misdirected;
pub use at_rest::AtRest;

use crate::envelope::Record;
use crate::event::{EventId, EventKey};
use crate::stream::StreamId;
use crate::streams::{Fact, offer};
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
    /// The facts that were told in an older version of their type, upcast, by their records' places in order.
    upcast: Vec<(u32, Arc<Fact>)>,
    /// Invariant: sorted by `order`; one slot for each record that is a fact and is not annulled.
    slots: Vec<Slot>,
    weight: usize,
}

/// A fact that stands, and the corrections that stand on it, by their places among the amendments.
#[derive(Clone, Copy, Debug)]
struct Slot {
    time: DateTime<Utc>,
    /// Its place among the facts of its instant.
    rank: u16,
    record: u32,
    /// The last correction.
    correction: Option<u32>,
    /// The last correction that gives data.
    data: Option<u32>,
}

/// A place in a history's lists, in the width that slots keep it: there are as many of them as facts.
fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("a stream has fewer than 2^32 records")
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
        Self::of_capacity(stream, 0)
    }

    /// With room for so many records.
    fn of_capacity(stream: StreamId, records: usize) -> Self {
        Self {
            stream,
            records: Vec::with_capacity(records),
            amendments: Vec::new(),
            upcast: Vec::new(),
            slots: Vec::with_capacity(records),
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
        if let Some(newer) = record.event.fact.upcast() {
            self.upcast.push((narrow(index), Arc::new(newer)));
        }
        self.records.push(record);
        match amendment {
            None => self.stand(index),
            Some(amendment) => {
                let (target, lifts) = (amendment.target, amendment.lifts);
                self.amendments.push(Amendment {
                    record: index,
                    ..amendment
                });
                if let Some(lifted) = lifts {
                    self.amendments[lifted].lifted = true;
                }
                self.stand(target);
            }
        }
        Ok(())
    }

    /// Takes the last record back, as if it had never been pushed. Complexity: as [`push`](History::push).
    pub fn pop(&mut self) -> Option<Arc<Record>> {
        let index = self.records.len().checked_sub(1)?;
        let amendment = self.amendments.last().filter(|last| last.record == index);
        let amended = amendment.map(|last| (last.target, last.lifts));
        self.take_out(amended.map_or(index, |(target, _)| target));
        let record = self.records.pop()?;
        self.upcast.pop_if(|(of, _)| *of == narrow(index));
        self.weight -= weight(&record);
        if let Some((target, lifts)) = amended {
            self.amendments.pop();
            if let Some(lifted) = lifts {
                self.amendments[lifted].lifted = false;
            }
            self.stand(target);
        }
        Some(record)
    }

    /// Takes back every record after `revision`.
    pub fn truncate(&mut self, revision: u64) {
        while self.revision() > revision {
            self.pop();
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
            let correction = slot.correction.map(|index| &self.amendments[index as usize]);
            Effective {
                time: slot.time,
                fact: self.fact(slot),
                record: &self.records[slot.record as usize],
                correction: correction.map(|amendment| &*self.records[amendment.record]),
            }
        })
    }

    /// What became of the fact that `record` stated: `None` if it is annulled, or states no fact.
    pub fn standing(&self, key: &EventKey) -> Option<Effective<'_>> {
        self.effective().find(|fact| fact.key() == key)
    }

    /// The fact that an amendment corrects or annuls, by what identifies it. The amendment is a record of this history.
    pub fn amended(&self, amendment: &EventKey) -> Option<&EventKey> {
        let index = self.index_of(amendment)?;
        let amendment = self.amendments.iter().find(|one| one.record == index)?;
        Some(&self.records[amendment.target].event.key)
    }

    /// The data that a correction of this history gives, in the version of the type that it corrects.
    pub fn corrected(&self, correction: &EventKey) -> Option<&Fact> {
        let index = self.index_of(correction)?;
        let amendment = self.amendments.iter().find(|one| one.record == index)?;
        amendment.told.as_deref()
    }

    /// The correction in whose stead the correction `key` stood when it was recorded.
    pub fn superseded_by(&self, key: &EventKey) -> Option<&EventKey> {
        let index = self.index_of(key)?;
        let place = self.amendments.iter().position(|one| one.record == index)?;
        let (earlier, this) = (&self.amendments[..place], &self.amendments[place]);
        let lifted = |one: usize| earlier.iter().any(|later| later.lifts == Some(one));
        let replaced = earlier
            .iter()
            .enumerate()
            .rfind(|(one, earlier)| earlier.corrects() && earlier.target == this.target && !lifted(*one));
        let (_, replaced) = replaced.filter(|_| this.corrects())?;
        Some(&self.records[replaced.record].event.key)
    }

    fn index_of(&self, key: &EventKey) -> Option<usize> {
        self.records.iter().position(|record| record.event.key == *key)
    }

    fn fact(&self, slot: &Slot) -> &Fact {
        slot.data
            .and_then(|index| self.amendments[index as usize].fact.as_deref())
            .or_else(|| self.newer(slot.record))
            .unwrap_or(&self.records[slot.record as usize].event.fact)
    }

    /// What a record told in an older version of its type, upcast.
    fn newer(&self, record: u32) -> Option<&Fact> {
        let place = self.upcast.binary_search_by_key(&record, |(of, _)| *of).ok()?;
        Some(&self.upcast[place].1)
    }

    /// Puts the fact of a record where everything that is known of it says, or takes it out if it is annulled.
    fn stand(&mut self, record: usize) {
        self.take_out(record);
        let mut slot = Slot {
            time: self.records[record].event.time,
            rank: 0,
            record: narrow(record),
            correction: None,
            data: None,
        };
        let standing = self.amendments.iter().enumerate();
        for (index, amendment) in standing.filter(|(_, one)| one.target == record && !one.lifted) {
            if amendment.annuls {
                return;
            }
            if amendment.corrects() {
                slot.correction = Some(narrow(index));
                slot.time = amendment.time.unwrap_or(slot.time);
                slot.data = amendment.fact.as_ref().map_or(slot.data, |_| Some(narrow(index)));
            }
        }
        self.place(slot);
    }

    fn place(&mut self, slot: Slot) {
        let rank = self.rank(&slot);
        let slot = Slot { rank, ..slot };
        let at = self
            .slots
            .partition_point(|other| self.order(other) < self.order(&slot));
        self.slots.insert(at, slot);
        if rank::bears_on_others(self.fact(&slot)) {
            self.arrange(slot.time);
        }
    }

    /// Takes the fact of a record out, if it stands.
    fn take_out(&mut self, record: usize) {
        // What came last is most often what happened last.
        let Some(at) = self.slots.iter().rposition(|slot| slot.record as usize == record) else {
            return;
        };
        let slot = self.slots.remove(at);
        if rank::bears_on_others(self.fact(&slot)) {
            self.arrange(slot.time);
        }
    }

    /// Orders the facts of an instant anew, once one came or went that bears on the order of others.
    fn arrange(&mut self, time: DateTime<Utc>) {
        let range = self.slots.partition_point(|slot| slot.time < time)
            ..self.slots.partition_point(|slot| slot.time <= time);
        let mut slots = self.slots[range.clone()].to_vec();
        for slot in &mut slots {
            slot.rank = self.rank(slot);
        }
        slots.sort_by(|one, other| self.order(one).cmp(&self.order(other)));
        self.slots[range].copy_from_slice(&slots);
    }

    fn rank(&self, slot: &Slot) -> u16 {
        rank::of(self.fact(slot), || self.instant(slot.time))
    }

    /// The facts of an instant.
    fn instant(&self, time: DateTime<Utc>) -> impl Iterator<Item = &Fact> {
        let from = self.slots.partition_point(|slot| slot.time < time);
        let slots = self.slots[from..]
            .iter()
            .take_while(move |slot| slot.time == time);
        slots.map(|slot| self.fact(slot))
    }

    fn order(&self, slot: &Slot) -> (DateTime<Utc>, u16, &EventId, &str) {
        let event = &self.records[slot.record as usize].event;
        (slot.time, slot.rank, &event.key.id, &event.key.source)
    }
}

/// Bytes that a fact has outside of itself, as measured on a simulated programme, where most have none and the bilan has
/// several hundred.
const FACT_HEAP: usize = 48;

/// The same of this fact. An offer is weighed, since its texts have up to 50 kB: a catalogue of such would be taken for a
/// fiftieth of what it is.
fn heap(fact: &Fact) -> usize {
    match fact {
        Fact::Offer(offer::Fact::Published(offer) | offer::Fact::Revised(offer)) => offer.heap(),
        _ => FACT_HEAP,
    }
}

fn weight(record: &Record) -> usize {
    // The record with the counts of its `Arc`.
    size_of::<Record>()
        + 2 * size_of::<usize>()
        + record.event.key.id.heap()
        + size_of::<Slot>()
        + size_of::<Arc<Record>>()
        + heap(&record.event.fact)
}
