//! Following the log as it grows.

use std::sync::Arc;

use tokio::sync::watch;

use crate::store::Reader;
use crate::store::watched::Damage;
use crate::tail::Tail;
use crate::tree::Hash;
use crate::{Anchor, Entry, LogError};

/// A place in the log that moves to its end and waits there. Positions are in commit order and without gaps,
/// so what was delivered is all there was before it; and every page follows from the entry that was delivered last, or
/// else the log was replaced.
pub struct Follower {
    reader: Arc<dyn Reader>,
    tail: Tail,
    damage: Damage,
    end: watch::Receiver<Anchor>,
    next: u64,
    /// The leaf hash of the entry before the next one; `None` where whoever follows has no more than a position.
    last: Option<Hash>,
}

impl Follower {
    pub(crate) fn new(reader: Arc<dyn Reader>, tail: Tail, damage: Damage, from: u64) -> Follower {
        let end = tail.watch();
        Follower {
            reader,
            tail,
            damage,
            end,
            next: from,
            last: None,
        }
    }

    /// From this anchor on, which the log was seen to have.
    pub(crate) fn after(self, anchor: Anchor) -> Follower {
        Follower {
            next: anchor.size,
            last: anchor.last().map(|_| anchor.leaf),
            ..self
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
        tokio::select! {
            biased;
            replaced = self.damage.replaced() => return Err(replaced),
            grown = self.end.wait_for(|end| end.size > next) => {
                grown.expect("the tail it belongs to keeps the sender");
            }
        }
        let entries = match self.tail.read_after(next, self.last, max) {
            Some(entries) => entries,
            None => self.read(next, max).await?,
        };
        match (entries.first(), entries.last()) {
            (Some(first), Some(last)) if first.position == next => {
                self.next += entries.len() as u64;
                self.last = Some(last.leaf);
                Ok(entries)
            }
            (Some(first), _) => Err(LogError::Damaged(format!(
                "position {} follows {next}",
                first.position
            ))),
            _ => Err(LogError::Unavailable(format!(
                "the entry {next} is not readable yet"
            ))),
        }
    }

    /// Reads from the database, and with it the entry before, which must be the one that is known.
    async fn read(&self, next: u64, max: usize) -> Result<Vec<Entry>, LogError> {
        let (Some(known), Some(before)) = (self.last, next.checked_sub(1)) else {
            return self.reader.read(next, max).await;
        };
        let mut entries = self.reader.read(before, max.saturating_add(1)).await?;
        match entries.first() {
            // It may only not be readable yet; a log that has gone back is noticed where its end is looked at.
            None => Ok(entries),
            Some(first) if first.position == before && first.leaf == known => {
                entries.remove(0);
                Ok(entries)
            }
            Some(_) => {
                let replaced = LogError::another_entry(before);
                self.damage.note(&replaced);
                Err(replaced)
            }
        }
    }
}
