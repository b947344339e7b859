//! Streams of one sort, in memory up to a weight; those that were not used for longest go first.

use lru::LruCache;
use parcours_model::{AtRest, Gathered, StreamId};

/// What is kept of a stream.
pub(super) trait Shelved {
    /// About how many bytes it holds.
    fn weight(&self) -> usize;

    /// A position which its last record is not behind.
    fn last(&self) -> Option<u64>;

    /// The revision of its last record.
    fn revision(&self) -> u64;
}

impl Shelved for Gathered {
    fn weight(&self) -> usize {
        Gathered::weight(self)
    }

    fn last(&self) -> Option<u64> {
        self.position()
    }

    fn revision(&self) -> u64 {
        Gathered::revision(self)
    }
}

impl Shelved for AtRest {
    fn weight(&self) -> usize {
        AtRest::weight(self)
    }

    fn last(&self) -> Option<u64> {
        AtRest::last(self)
    }

    fn revision(&self) -> u64 {
        AtRest::revision(self)
    }
}

pub(super) struct Shelf<T> {
    slots: LruCache<StreamId, Slot<T>>,
    /// The sum of the slots' weights, in bytes.
    weight: usize,
    limit: usize,
}

struct Slot<T> {
    /// The stream's number; `None` while it has no entry.
    number: Option<u64>,
    /// Whether the stream has gone on since.
    outdated: bool,
    /// What it weighed when it was weighed last.
    weight: usize,
    kept: T,
}

impl<T: Shelved> Shelf<T> {
    pub fn new(limit: usize) -> Shelf<T> {
        Shelf {
            slots: LruCache::unbounded(),
            weight: 0,
            limit,
        }
    }

    pub fn contains(&self, stream: StreamId) -> bool {
        self.slots.peek(&stream).is_some_and(|slot| !slot.outdated)
    }

    pub fn put(&mut self, stream: StreamId, number: Option<u64>, kept: T) {
        self.forget(stream);
        let weight = size_of::<Slot<T>>() + kept.weight();
        self.weight += weight;
        let outdated = false;
        self.slots.put(
            stream,
            Slot {
                number,
                outdated,
                weight,
                kept,
            },
        );
    }

    /// A look that does not count as use.
    pub fn peek(&self, stream: StreamId) -> Option<&T> {
        self.slots.peek(&stream).map(|slot| &slot.kept)
    }

    /// For whoever leaves it as it was.
    pub fn get(&mut self, stream: StreamId) -> Option<&mut T> {
        let slot = self.slots.get_mut(&stream).filter(|slot| !slot.outdated);
        slot.map(|slot| &mut slot.kept)
    }

    /// The stream has gone on: what is kept of it is not to be decided on.
    pub fn outdated(&mut self, stream: StreamId) {
        if let Some(slot) = self.slots.peek_mut(&stream) {
            slot.outdated = true;
        }
    }

    /// Takes a stream out, with its number.
    pub fn take(&mut self, stream: StreamId) -> Option<(Option<u64>, T)> {
        let slot = self.slots.pop(&stream)?;
        self.weight -= slot.weight;
        Some((slot.number, slot.kept))
    }

    /// Changes what is kept, and weighs it anew. A stream that has no entry any more has no number either.
    pub fn change<A>(&mut self, stream: StreamId, change: impl FnOnce(&mut T) -> A) -> Option<A> {
        let slot = self.slots.get_mut(&stream)?;
        let answer = change(&mut slot.kept);
        slot.number = slot.number.filter(|_| slot.kept.revision() > 0);
        self.weight -= slot.weight;
        slot.weight = size_of::<Slot<T>>() + slot.kept.weight();
        self.weight += slot.weight;
        Some(answer)
    }

    pub fn number(&mut self, stream: StreamId) -> Option<&mut Option<u64>> {
        self.slots.get_mut(&stream).map(|slot| &mut slot.number)
    }

    pub fn forget(&mut self, stream: StreamId) {
        self.take(stream);
    }

    pub fn clear(&mut self) {
        self.slots.clear();
        self.weight = 0;
    }

    /// Hands over to `leave` what was not used for longest, until the limit holds. What was used last stays, whatever
    /// it weighs: it would only be loaded again for the next event. So does what the database may not have, from
    /// `written` on.
    pub fn trim(&mut self, written: u64, mut leave: impl FnMut(StreamId, Option<u64>, T)) {
        while self.weight > self.limit
            && self.slots.len() > 1
            && let Some((_, oldest)) = self.slots.peek_lru()
            && oldest.kept.last().is_none_or(|last| last < written)
            && let Some((stream, slot)) = self.slots.pop_lru()
        {
            self.weight -= slot.weight;
            leave(stream, slot.number, slot.kept);
        }
    }
}
