//! The live end of the log: how far it goes, and the last entries in memory.
//!
//! Everybody who follows waits here. Those who keep up are served from memory, without a question to the
//! database; those who do not, read pages from it: a follower never makes anything grow but its own page.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::Entry;

/// Shared by the sequencer, which publishes, and by all who follow.
#[derive(Clone)]
pub(crate) struct Tail(Arc<Inner>);

struct Inner {
    size: watch::Sender<u64>,
    recent: Mutex<Recent>,
    limit: usize,
}

/// Consecutive entries, ending with the last one this process committed.
#[derive(Default)]
struct Recent {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Tail {
    /// The end of a log of `size` entries, keeping recent ones up to `limit` bytes.
    pub fn new(size: u64, limit: usize) -> Tail {
        Tail(Arc::new(Inner {
            size: watch::Sender::new(size),
            recent: Mutex::default(),
            limit,
        }))
    }

    /// The number of entries known to be committed.
    pub fn size(&self) -> u64 {
        *self.0.size.borrow()
    }

    /// Tells when the number changes.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.0.size.subscribe()
    }

    /// Another process has committed: there are now `size` entries at least.
    pub fn grown_to(&self, size: u64) {
        self.0
            .size
            .send_if_modified(|known| std::mem::replace(known, size.max(*known)) < size);
    }

    /// This process has committed these entries, which stand at consecutive positions.
    pub fn publish(&self, entries: impl ExactSizeIterator<Item = Entry>) {
        let mut recent = self.recent();
        let mut size = 0;
        for entry in entries {
            size = entry.position + 1;
            if recent
                .entries
                .back()
                .is_some_and(|last| last.position + 1 != entry.position)
            {
                *recent = Recent::default();
            }
            recent.bytes += entry.bytes.len();
            recent.entries.push_back(entry);
            while recent.bytes > self.0.limit
                && let Some(oldest) = recent.entries.pop_front()
            {
                recent.bytes -= oldest.bytes.len();
            }
        }
        drop(recent);
        self.grown_to(size);
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

    fn entries(positions: std::ops::Range<u64>) -> impl ExactSizeIterator<Item = Entry> {
        let stream = "parcours/00000000-0000-0000-0000-000000000007".parse().unwrap();
        let entry = move |position| Entry {
            position,
            stream,
            revision: position + 1,
            bytes: vec![b'x'; 10].into(),
            written: None,
        };
        positions.map(entry).collect::<Vec<_>>().into_iter()
    }

    fn positions(entries: Option<Vec<Entry>>) -> Option<Vec<u64>> {
        entries.map(|entries| entries.iter().map(|entry| entry.position).collect())
    }

    #[test]
    fn the_oldest_entries_make_room_for_the_newest() {
        let tail = Tail::new(0, 35);
        tail.publish(entries(0..5));
        assert_eq!(tail.size(), 5);
        assert_eq!(positions(tail.read(2, 2)), Some(vec![2, 3]));
        assert_eq!(tail.read(1, 2), None, "gone from memory");
        assert_eq!(tail.read(5, 2), None, "not there yet");
    }

    #[test]
    fn entries_of_another_process_leave_no_gap_in_what_is_kept() {
        let tail = Tail::new(0, 1000);
        tail.publish(entries(0..2));
        tail.grown_to(4);
        assert_eq!(tail.size(), 4);
        tail.publish(entries(4..6));
        assert_eq!(tail.read(1, 9), None);
        assert_eq!(positions(tail.read(4, 9)), Some(vec![4, 5]));
    }

    #[test]
    fn the_size_never_goes_back() {
        let tail = Tail::new(7, 1000);
        let mut watch = tail.watch();
        tail.grown_to(3);
        assert_eq!(tail.size(), 7);
        assert!(!watch.has_changed().unwrap());
        tail.grown_to(8);
        assert_eq!(*watch.borrow_and_update(), 8);
    }
}
