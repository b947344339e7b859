//! What is handed over to be written: the loader cannot see it yet.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use parcours_model::EventKey;

use crate::store::Row;

/// Consecutive entries up to the head. What has been written since may still be among them.
#[derive(Default)]
pub(super) struct Unwritten {
    entries: VecDeque<(u64, EventKey, Bytes)>,
    positions: HashMap<EventKey, u64>,
}

impl Unwritten {
    /// Adds what comes after all the others.
    pub fn extend(&mut self, rows: &[Row]) {
        for Row { entry, key, .. } in rows {
            self.positions.insert(key.clone(), entry.position);
            self.entries
                .push_back((entry.position, key.clone(), entry.bytes.clone()));
        }
    }

    /// Lets go of what is written: everything before position `written`.
    pub fn written(&mut self, written: u64) {
        while let Some((_, key, _)) = self.entries.pop_front_if(|(position, ..)| *position < written) {
            self.positions.remove(&key);
        }
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        *self = Unwritten::default();
    }

    /// The bytes of the entry at a position.
    pub fn entry(&self, position: u64) -> Option<Bytes> {
        let (first, ..) = self.entries.front()?;
        let place = usize::try_from(position.checked_sub(*first)?).ok()?;
        self.entries.get(place).map(|(_, _, bytes)| bytes.clone())
    }

    /// Those of these events that are among them.
    pub fn among(&self, keys: &[EventKey]) -> HashMap<EventKey, u64> {
        let found = keys.iter().filter_map(|key| self.positions.get_key_value(key));
        found.map(|(key, position)| (key.clone(), *position)).collect()
    }
}
