//! The live end of the log: how far it goes, and the last entries in memory.
//!
//! Everybody who follows waits here. Those who keep up are served from memory, without a question to the
//! database; those who do not, read pages from it: a follower never makes anything grow but its own page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::tree::Hash;
use crate::{Anchor, Entry, LogError};

/// Shared by the sequencer, which publishes, and by all who follow.
#[derive(Clone)]
pub(crate) struct Tail(Arc<Inner>);

struct Inner {
    /// The last place that this process knows the log to have.
    end: watch::Sender<Anchor>,
    recent: Mutex<Recent>,
    limit: usize,
}

/// Consecutive entries, ending with the last one this process committed.
#[derive(Default)]
struct Recent {
    /// The leaf hash of the entry before the first of them, if it is known.
    before: Option<Hash>,
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Tail {
    /// The end of a log, keeping recent entries up to `limit` bytes.
    pub fn new(end: Anchor, limit: usize) -> Tail {
        Tail(Arc::new(Inner {
            end: watch::Sender::new(end),
            recent: Mutex::default(),
            limit,
        }))
    }

    /// The number of entries known to be committed.
    pub fn size(&self) -> u64 {
        self.end().size
    }

    /// The last place that the log is known to have.
    pub fn end(&self) -> Anchor {
        *self.0.end.borrow()
    }

    /// Tells when it changes.
    pub fn watch(&self) -> watch::Receiver<Anchor> {
        self.0.end.subscribe()
    }

    /// Takes in what was seen of the log. `known` is the end as it was known before that look, `there` the leaf hash of its
    /// last entry as it was seen. The log that was seen has to go on from there, or it is another one.
    pub fn saw(&self, known: Anchor, seen: Anchor, there: Option<Hash>) -> Result<(), LogError> {
        if seen.size < known.size {
            return Err(LogError::gone_back(known.size, seen.size));
        }
        if let Some(last) = known.last().filter(|_| !known.is_held(there)) {
            return Err(LogError::another_entry(last));
        }
        self.grown_to(seen);
        Ok(())
    }

    /// Others have committed: the log has this place, which goes on from the one that is known.
    pub fn grown_to(&self, end: Anchor) {
        self.0.end.send_if_modified(|known| {
            let grown = known.size < end.size;
            if grown {
                *known = end;
            }
            grown
        });
    }

    /// This process has committed these entries, which stand at consecutive positions.
    pub fn publish(&self, entries: impl ExactSizeIterator<Item = Entry>) {
        let mut recent = self.recent();
        let known = self.end();
        let mut end = None;
        for entry in entries {
            end = Some(entry.end());
            if recent
                .entries
                .back()
                .is_some_and(|last| last.position + 1 != entry.position)
            {
                *recent = Recent::default();
            }
            if recent.entries.is_empty() {
                recent.before = (known.size == entry.position).then_some(known.leaf);
            }
            recent.bytes += entry.bytes.len();
            recent.entries.push_back(entry);
            while recent.bytes > self.0.limit
                && let Some(oldest) = recent.entries.pop_front()
            {
                recent.bytes -= oldest.bytes.len();
                recent.before = Some(oldest.leaf);
            }
        }
        drop(recent);
        if let Some(end) = end {
            self.grown_to(end);
        }
    }

    /// As [`read`](Tail::read), if the entry before them is known to have the leaf hash `before`, where it matters.
    pub fn read_after(&self, from: u64, before: Option<Hash>, limit: usize) -> Option<Vec<Entry>> {
        match before {
            Some(before) if self.leaf(from.checked_sub(1)?)? != before => None,
            _ => self.read(from, limit),
        }
    }

    /// The leaf hash of the entry at this position, if it is in memory.
    fn leaf(&self, position: u64) -> Option<Hash> {
        let recent = self.recent();
        let first = recent.entries.front()?.position;
        match position.checked_sub(first) {
            Some(place) => {
                let place = usize::try_from(place).ok()?;
                recent.entries.get(place).map(|entry| entry.leaf)
            }
            None => recent.before.filter(|_| position + 1 == first),
        }
    }

    /// Entries from `from` on, at most `limit`, if the first of them is in memory.
    pub fn read(&self, from: u64, limit: usize) -> Option<Vec<Entry>> {
        let recent = self.recent();
        let first = recent.entries.front()?.position;
        let skipped = usize::try_from(from.checked_sub(first)?).ok()?;
        let entries: Vec<_> = recent.entries.iter().skip(skipped).take(limit).cloned().collect();
        (!entries.is_empty()).then_some(entries)
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.0.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(position: u64) -> Hash {
        Hash::of_leaf(&position.to_be_bytes())
    }

    fn end(size: u64) -> Anchor {
        match size.checked_sub(1) {
            Some(last) => Anchor {
                size,
                leaf: leaf(last),
            },
            None => Anchor::start(),
        }
    }

    fn entries(positions: std::ops::Range<u64>) -> impl ExactSizeIterator<Item = Entry> {
        let stream = "parcours/00000000-0000-0000-0000-000000000007".parse().unwrap();
        let entry = move |position| Entry {
            position,
            stream,
            revision: position + 1,
            bytes: vec![b'x'; 10].into(),
            leaf: leaf(position),
            written: None,
        };
        positions.map(entry).collect::<Vec<_>>().into_iter()
    }

    fn positions(entries: Option<Vec<Entry>>) -> Option<Vec<u64>> {
        entries.map(|entries| entries.iter().map(|entry| entry.position).collect())
    }

    #[test]
    fn the_oldest_entries_make_room_for_the_newest() {
        let tail = Tail::new(end(0), 35);
        tail.publish(entries(0..5));
        assert_eq!(tail.size(), 5);
        assert_eq!(positions(tail.read(2, 2)), Some(vec![2, 3]));
        assert_eq!(tail.read(1, 2), None, "gone from memory");
        assert_eq!(tail.read(5, 2), None, "not there yet");
        assert_eq!(positions(tail.read_after(2, Some(leaf(1)), 1)), Some(vec![2]));
        assert_eq!(positions(tail.read_after(4, Some(leaf(3)), 9)), Some(vec![4]));
        assert_eq!(
            tail.read_after(4, Some(leaf(9)), 9),
            None,
            "another entry is before it"
        );
    }

    #[test]
    fn entries_of_another_process_leave_no_gap_in_what_is_kept() {
        let tail = Tail::new(end(0), 1000);
        tail.publish(entries(0..2));
        tail.grown_to(end(4));
        assert_eq!(tail.size(), 4);
        tail.publish(entries(4..6));
        assert_eq!(tail.read(1, 9), None);
        assert_eq!(positions(tail.read(4, 9)), Some(vec![4, 5]));
        assert_eq!(positions(tail.read_after(4, Some(leaf(3)), 9)), Some(vec![4, 5]));
    }

    #[test]
    fn the_size_never_goes_back() {
        let tail = Tail::new(end(7), 1000);
        let mut watch = tail.watch();
        tail.grown_to(end(3));
        assert_eq!(tail.size(), 7);
        assert!(!watch.has_changed().unwrap());
        tail.grown_to(end(8));
        assert_eq!(*watch.borrow_and_update(), end(8));
    }

    #[test]
    fn what_is_seen_has_to_go_on_from_what_was_known_before_the_look() {
        let tail = Tail::new(end(5), 1000);
        let known = tail.end();
        tail.publish(entries(5..7));
        tail.saw(known, end(6), Some(leaf(4))).unwrap();
        assert_eq!(tail.size(), 7, "seen before the last commit, and told after it");
        tail.saw(tail.end(), end(9), Some(leaf(6))).unwrap();
        assert_eq!(tail.end(), end(9));
        for (seen, there) in [(4, Some(leaf(8))), (9, Some(leaf(7))), (12, None)] {
            let wrong = tail.saw(tail.end(), end(seen), there);
            assert!(matches!(wrong, Err(LogError::Replaced(_))), "{wrong:?}");
        }
        assert_eq!(tail.end(), end(9), "and is not believed");
        Tail::new(end(0), 1000).saw(end(0), end(3), None).unwrap();
    }
}
