//! What the sequencer knows of streams: their histories, in memory up to a weight.

use std::cell::RefCell;

use lru::LruCache;
use parcours_model::{Histories, History, Record, Refusal, StreamId};

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
}

struct Slot {
    /// `None` while the stream has no entry.
    number: Option<u64>,
    history: History,
    weight: usize,
}

impl Known {
    pub fn new(limit: usize) -> Known {
        Known {
            slots: LruCache::unbounded(),
            weight: 0,
            limit,
            consulted: RefCell::default(),
        }
    }

    pub fn contains(&self, stream: StreamId) -> bool {
        self.slots.contains(&stream)
    }

    /// Takes in a stream as the database holds it.
    pub fn load(&mut self, stored: StoredStream) -> Result<(), LogError> {
        let mut history = History::new(stored.id);
        for entry in &stored.entries {
            let record = Record::decode(entry.position, &entry.bytes)?;
            if record.revision != history.revision() + 1 || record.event.stream != stored.id {
                let place = entry.position;
                return Err(LogError::Damaged(format!(
                    "the entry at {place} is not the next of {}",
                    stored.id
                )));
            }
            push(&mut history, record)?;
        }
        let weight = history.weight();
        self.weight += weight;
        if let Some(old) = self.slots.put(
            stored.id,
            Slot {
                number: stored.number,
                history,
                weight,
            },
        ) {
            self.weight -= old.weight;
        }
        Ok(())
    }

    /// Adds a record at the end of its stream, which must be known.
    pub fn push(&mut self, record: Record) -> Result<(), LogError> {
        let slot = self
            .slots
            .get_mut(&record.event.stream)
            .expect("the rules looked at the stream just now");
        push(&mut slot.history, record)?;
        self.weight += reweigh(slot);
        Ok(())
    }

    /// Takes back the records of a stream after `revision`.
    pub fn truncate(&mut self, stream: StreamId, revision: u64) {
        if let Some(slot) = self.slots.get_mut(&stream) {
            self.weight -= slot.weight;
            slot.history.truncate(revision);
            slot.weight = slot.history.weight();
            self.weight += slot.weight;
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
            self.weight -= slot.weight;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.clear();
        self.weight = 0;
    }

    /// Forgets the streams that were not used for longest until the limit holds. Not while a draft is open.
    pub fn trim(&mut self) {
        for stream in self.consulted.get_mut().drain(..) {
            self.slots.promote(&stream);
        }
        while self.weight > self.limit
            && let Some((_, slot)) = self.slots.pop_lru()
        {
            self.weight -= slot.weight;
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

fn push(history: &mut History, record: Record) -> Result<(), LogError> {
    let position = record.position;
    history.push(record).map_err(|wrong| {
        LogError::Damaged(format!(
            "the entry at {position} has no place: {}",
            Refusal::from(wrong)
        ))
    })
}

/// Weighs a slot again after it grew; answers by how much.
fn reweigh(slot: &mut Slot) -> usize {
    let before = std::mem::replace(&mut slot.weight, slot.history.weight());
    slot.weight.saturating_sub(before)
}
