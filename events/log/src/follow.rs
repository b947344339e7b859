//! Following the log as it grows.

use std::sync::Arc;

use tokio::sync::watch;

use crate::store::Reader;
use crate::tail::Tail;
use crate::{Entry, LogError};

/// A place in the log that moves to its end and waits there. Positions are in commit order and without gaps,
/// so what was delivered is all there was before it.
pub struct Follower {
    reader: Arc<dyn Reader>,
    tail: Tail,
    size: watch::Receiver<u64>,
    next: u64,
}

impl Follower {
    pub(crate) fn new(reader: Arc<dyn Reader>, tail: Tail, from: u64) -> Follower {
        let size = tail.watch();
        Follower {
            reader,
            tail,
            size,
            next: from,
        }
    }

    /// The position of the next entry it will deliver: what to keep in order to resume.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The next entries, at least one and at most `max` (fewer when they are large); waits for the first.
    /// After an error, or if dropped while it waits, nothing is lost: the next call delivers the same entries.
    pub async fn next(&mut self, max: usize) -> Result<Vec<Entry>, LogError> {
        let (next, max) = (self.next, max.max(1));
        let grown = self.size.wait_for(|size| *size > next).await;
        grown.expect("the tail it belongs to keeps the sender");
        let entries = match self.tail.read(next, max) {
            Some(entries) => entries,
            None => self.reader.read(next, max).await?,
        };
        match entries.first() {
            Some(entry) if entry.position == next => self.next += entries.len() as u64,
            Some(entry) => {
                return Err(LogError::Damaged(format!(
                    "position {} follows {next}",
                    entry.position
                )));
            }
            None => {
                return Err(LogError::Unavailable(format!(
                    "the entry {next} is not readable yet"
                )));
            }
        }
        Ok(entries)
    }
}
