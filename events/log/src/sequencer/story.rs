//! The history of a stream, as the sequencer keeps it.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, LazyLock};

use parcours_model::{AtRest, EventKey, History, Record, Refusal, StreamId};

use super::shelf::Shelved;
use crate::LogError;

/// Nobody outside can choose keys that look alike.
static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

/// A history in which an event's double is found without a look at the records.
pub(super) struct Story {
    history: History,
    /// A hash of each record's key, in order.
    prints: Vec<u64>,
}

impl Story {
    /// Of a stream to which nothing has happened.
    pub fn new(stream: StreamId) -> Story {
        Story {
            history: History::new(stream),
            prints: Vec::new(),
        }
    }

    /// Awake again.
    pub fn wake(rested: AtRest) -> Story {
        let history = rested.wake();
        let keys = history.records().iter().map(|record| &record.event.key);
        Story {
            prints: keys.map(print).collect(),
            history,
        }
    }

    pub fn rest(self) -> AtRest {
        self.history.rest()
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    /// For whoever leaves it as it was.
    pub fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    pub fn push(&mut self, record: Arc<Record>) -> Result<(), LogError> {
        let (position, print) = (record.position, print(&record.event.key));
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

    pub fn pop(&mut self) {
        self.history.pop();
        self.prints.pop();
    }

    /// The position and the revision of an event.
    pub fn find(&self, key: &EventKey) -> Option<(u64, u64)> {
        let print = print(key);
        let both = self.prints.iter().zip(self.history.records());
        let alike = both.filter(|(other, _)| **other == print);
        alike
            .map(|(_, record)| record)
            .find(|record| record.event.key == *key)
            .map(|record| (record.position, record.revision))
    }
}

fn print(key: &EventKey) -> u64 {
    HASHER.hash_one(key)
}

impl Shelved for Story {
    fn weight(&self) -> usize {
        self.history.weight() + 8 * self.prints.len()
    }

    fn last(&self) -> Option<u64> {
        self.history.records().last().map(|record| record.position)
    }

    fn revision(&self) -> u64 {
        self.history.revision()
    }
}
