//! A stream as it was read, and what a view makes of it: entries that an operator has it pass over left out.

use std::collections::BTreeSet;
use std::sync::Arc;

use parcours_log::Entry;
use parcours_model::{History, Record, StreamId};

use crate::view::{Indigestible, Output, View};

/// The positions of the entries that a view passes over, on the word of an operator: as if they had never been recorded.
pub(crate) type PassedOver = Arc<BTreeSet<u64>>;

/// The history of the entries that can be read; the others stop each view that does not pass them over.
#[derive(Clone)]
pub(crate) struct Reading {
    history: History,
    unreadable: Vec<Indigestible>,
}

impl Reading {
    /// Of a stream to which nothing has happened.
    pub fn new(stream: StreamId) -> Self {
        Self {
            history: History::new(stream),
            unreadable: Vec::new(),
        }
    }

    /// Of these entries of a stream: the first ones, in the order of their revisions.
    pub fn of(stream: StreamId, entries: &[Entry]) -> Self {
        let mut reading = Self::new(stream);
        reading.extend(entries.iter().map(decode));
        reading
    }

    /// Takes what the stream's next entries say.
    pub fn extend(&mut self, records: impl IntoIterator<Item = Result<Arc<Record>, Indigestible>>) {
        for record in records {
            let pushed = record.and_then(|record| {
                let position = record.position;
                self.history.push(record).map_err(|misdirected| Indigestible {
                    position,
                    detail: format!("it amends what it cannot: {misdirected:?}"),
                })
            });
            self.unreadable.extend(pushed.err());
        }
    }

    /// The stream.
    pub fn stream(&self) -> StreamId {
        self.history.stream()
    }

    /// The number of entries read.
    pub fn revision(&self) -> u64 {
        self.history.revision() + self.unreadable.len() as u64
    }

    /// The same as it was when the log had `size` entries.
    pub fn as_of(&self, size: u64) -> Self {
        let earlier = |fault: &&Indigestible| fault.position < size;
        Self {
            history: self.history.as_of(size),
            unreadable: self.unreadable.iter().filter(earlier).cloned().collect(),
        }
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        self.history.weight() + self.unreadable.len() * size_of::<Indigestible>()
    }

    /// The history without what is passed over. What amends an entry that is left out amends nothing, and goes with it.
    fn without(&self, passed: &PassedOver) -> History {
        let mut history = History::new(self.stream());
        for record in self.history.records() {
            if !passed.contains(&record.position) {
                let _ = history.push(record.clone());
            }
        }
        history
    }
}

/// What the entry says.
pub(crate) fn decode(entry: &Entry) -> Result<Arc<Record>, Indigestible> {
    entry.record().map_err(|unreadable| Indigestible {
        position: entry.position,
        detail: unreadable.detail,
    })
}

/// What some entries of a stream say, without those that are passed over.
pub(crate) fn legible(
    records: &[Result<Arc<Record>, Indigestible>],
    passed: &PassedOver,
) -> Result<Vec<Arc<Record>>, Indigestible> {
    let position = |record: &Result<Arc<Record>, Indigestible>| match record {
        Ok(record) => record.position,
        Err(fault) => fault.position,
    };
    let told = records
        .iter()
        .filter(|record| !passed.contains(&position(record)));
    told.cloned().collect()
}

impl View {
    /// What the stream contributes, without what the view passes over.
    pub(crate) fn digest(&self, reading: &Reading, passed: &PassedOver) -> Result<Output, Indigestible> {
        let stops = |fault: &&Indigestible| !passed.contains(&fault.position);
        if let Some(fault) = reading.unreadable.iter().find(stops) {
            return Err(fault.clone());
        }
        let mut records = reading.history.records().iter();
        if !passed.is_empty() && records.any(|record| passed.contains(&record.position)) {
            return self.told(&reading.without(passed));
        }
        self.told(&reading.history)
    }

    /// What the history contributes; a fault is that of the record which brought it, whatever the fold blames for it:
    /// without that record and what came after, what is left can be digested.
    fn told(&self, history: &History) -> Result<Output, Indigestible> {
        self.folded(history).map_err(|mut fault| {
            let mut earlier = history.clone();
            while let Some(record) = earlier.pop() {
                match self.folded(&earlier) {
                    Ok(_) => return fault.brought_by(record.position),
                    Err(before) => fault = before,
                }
            }
            fault
        })
    }

    /// The same of what another reading will follow on: what is to be known of it to write what changes.
    pub(crate) fn digest_before(
        &self,
        reading: &Reading,
        passed: &PassedOver,
    ) -> Result<Output, Indigestible> {
        if self.replaces {
            return Ok(Output::new());
        }
        self.digest(reading, passed)
    }
}
