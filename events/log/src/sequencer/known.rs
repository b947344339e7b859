//! What the sequencer knows of streams: their histories, in memory up to a weight.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use lru::LruCache;
use parcours_model::{EventKey, Histories, History, Record, Refusal, StreamId};

use crate::LogError;
use crate::store::StoredStream;

/// Histories as they stand once everything drafted so far is committed. Whoever drafts and does not commit
/// must take back or forget the streams it touched.
pub(super) struct Known {
    slots: LruCache<StreamId, Slot>,
    /// The sum of the slots' weights, in bytes.
    weight: usize,
    limit: usize,
    /// Streams the rules have looked at since the last group: they are to stay.
    consulted: RefCell<Vec<StreamId>>,
    hasher: RandomState,
}

struct Slot {
    /// `None` while the stream has no entry.
    number: Option<u64>,
    history: History,
    /// A hash of each record's key, in order: an event's double is found without a look at the records.
    prints: Vec<u64>,
}

impl Known {
    pub fn new(limit: usize) -> Known {
        Known {
            slots: LruCache::unbounded(),
            weight: 0,
            limit,
            consulted: RefCell::default(),
            hasher: RandomState::new(),
        }
    }

    pub fn contains(&self, stream: StreamId) -> bool {
        self.slots.contains(&stream)
    }

    /// Takes in a stream as the database holds it.
    pub fn load(&mut self, stored: StoredStream) -> Result<(), LogError> {
        let mut slot = Slot::new(stored.id, stored.number);
        for entry in &stored.entries {
            let record = entry.record()?;
            if record.revision != slot.history.revision() + 1 || record.event.stream != stored.id {
                let (place, id) = (entry.position, stored.id);
                return Err(LogError::Damaged(format!(
                    "the entry at {place} is not the next of {id}"
                )));
            }
            slot.push(record, &self.hasher)?;
        }
        self.forget(stored.id);
        self.weight += slot.weight();
        self.slots.put(stored.id, slot);
        Ok(())
    }

    /// The record of an event in its stream, which must be known.
    pub fn find(&self, stream: StreamId, key: &EventKey) -> Option<&Record> {
        let slot = self.slots.peek(&stream)?;
        let print = self.hasher.hash_one(key);
        let alike = slot
            .prints
            .iter()
            .zip(slot.history.records())
            .filter(|(other, _)| **other == print);
        alike
            .map(|(_, record)| &**record)
            .find(|record| record.event.key == *key)
    }

    /// Adds a record at the end of its stream, which must be known.
    pub fn push(&mut self, record: Arc<Record>) -> Result<(), LogError> {
        let slot = self
            .slots
            .get_mut(&record.event.stream)
            .expect("the rules looked at the stream just now");
        self.weight -= slot.weight();
        let pushed = slot.push(record, &self.hasher);
        self.weight += slot.weight();
        pushed
    }

    /// Takes back the records of a stream after `revision`.
    pub fn truncate(&mut self, stream: StreamId, revision: u64) {
        if let Some(slot) = self.slots.get_mut(&stream) {
            self.weight -= slot.weight();
            slot.history.truncate(revision);
            slot.prints.truncate(slot.history.records().len());
            self.weight += slot.weight();
        }
    }

    /// The number of a known stream; `next` if it has none yet, and then true.
    pub fn number(&mut self, stream: StreamId, next: u64) -> (u64, bool) {
        let slot = self
            .slots
            .get_mut(&stream)
            .expect("a stream with drafted entries is known");
        (*slot.number.get_or_insert(next), slot.number == Some(next))
    }

    /// Forgets a stream, to be loaded again when needed.
    pub fn forget(&mut self, stream: StreamId) {
        if let Some(slot) = self.slots.pop(&stream) {
            self.weight -= slot.weight();
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.weight = 0;
    }

    /// Forgets the streams that were not used for longest until the limit holds. Not while a draft is open; and what
    /// a batch under way brings, at positions from `written` on, stays, since the database does not know it yet.
    pub fn trim(&mut self, written: u64) {
        for stream in self.consulted.get_mut().drain(..) {
            self.slots.promote(&stream);
        }
        let is_written = |slot: &Slot| {
            slot.history
                .records()
                .last()
                .is_none_or(|last| last.position < written)
        };
        while self.weight > self.limit
            && let Some((_, oldest)) = self.slots.peek_lru()
            && is_written(oldest)
            && let Some((_, slot)) = self.slots.pop_lru()
        {
            self.weight -= slot.weight();
        }
    }
}

impl Histories for Known {
    fn history(&self, stream: StreamId) -> Option<&History> {
        let slot = self.slots.peek(&stream)?;
        self.consulted.borrow_mut().push(stream);
        Some(&slot.history)
    }
}

impl Slot {
    fn new(stream: StreamId, number: Option<u64>) -> Slot {
        Slot {
            number,
            history: History::new(stream),
            prints: Vec::new(),
        }
    }

    fn push(&mut self, record: Arc<Record>, hasher: &RandomState) -> Result<(), LogError> {
        let (position, print) = (record.position, hasher.hash_one(&record.event.key));
        let no_place = |wrong| {
            LogError::Damaged(format!(
                "the entry at {position} has no place: {}",
                Refusal::from(wrong)
            ))
        };
        self.history.push(record).map_err(no_place)?;
        self.prints.push(print);
        Ok(())
    }

    /// About how many bytes it holds.
    fn weight(&self) -> usize {
        size_of::<Slot>() + self.history.weight() + 8 * self.prints.len()
    }
}
