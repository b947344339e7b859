//! The names of what is handed over to be written: the index does not have them yet.

use std::collections::{HashMap, VecDeque};

use parcours_model::EventKey;

/// The names, with their positions.
#[derive(Default)]
pub(super) struct Names {
    positions: HashMap<EventKey, u64>,
    order: VecDeque<EventKey>,
}

impl Names {
    /// Adds the next ones, in the order of their positions.
    pub fn add<'a>(&mut self, names: impl Iterator<Item = (&'a EventKey, u64)>) {
        for (key, position) in names {
            self.positions.insert(key.clone(), position);
            self.order.push_back(key.clone());
        }
    }

    /// Everything below this position is written, and in the index.
    pub fn written(&mut self, below: u64) {
        while let Some(key) = self.order.front()
            && self.positions.get(key).is_none_or(|position| *position < below)
        {
            self.positions.remove(key);
            self.order.pop_front();
        }
    }

    /// What is handed over is not going to be written.
    pub fn clear(&mut self) {
        *self = Names::default();
    }

    /// Those of these names which are handed over.
    pub fn among(&self, keys: &[EventKey]) -> HashMap<EventKey, u64> {
        let found = keys.iter().filter_map(|key| self.positions.get_key_value(key));
        found.map(|(key, position)| (key.clone(), *position)).collect()
    }
}
