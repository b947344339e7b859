//! Streams in memory, fed as the log feeds its own: for whoever wants to know what the rules say without a log.

use crate::envelope::{Record, Submission};
use crate::event::Event;
use crate::history::History;
use crate::rules::{Gathered, Knowledge, Refused, Verdict, admit};
use crate::stream::StreamId;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// Every stream there is. It keeps all records, of gathered streams too.
#[derive(Clone, Default)]
pub struct InMemory {
    histories: BTreeMap<StreamId, History>,
    gathered: BTreeMap<StreamId, Gathered>,
    size: u64,
}

impl Knowledge for InMemory {
    fn history(&mut self, stream: StreamId) -> Option<&mut History> {
        Some(
            self.histories
                .entry(stream)
                .or_insert_with(|| History::new(stream)),
        )
    }

    fn gathered(&mut self, stream: StreamId) -> Option<&mut Gathered> {
        Some(
            self.gathered
                .entry(stream)
                .or_insert_with(|| Gathered::new(stream)),
        )
    }
}

impl InMemory {
    /// Records these events together, each followed by its consequences, or none of them.
    pub fn submit(&mut self, events: &[&Event], now: DateTime<Utc>) -> Result<(), Refused> {
        let consequences = match admit(events, self, now)? {
            Verdict::Admitted(consequences) => consequences,
            Verdict::Needs(stream) => unreachable!("every stream is known, and {stream} too"),
        };
        for (event, consequences) in events.iter().zip(consequences) {
            let submissions = std::iter::once(Submission::new((*event).clone())).chain(consequences);
            submissions.for_each(|submission| self.keep(submission.event, now));
        }
        Ok(())
    }

    /// Records an event without asking the rules, as a log has it that was written before there were all of them.
    /// Panics if it amends what it cannot.
    pub fn keep(&mut self, event: Event, recorded: DateTime<Utc>) {
        let stream = event.stream;
        let history = self
            .histories
            .entry(stream)
            .or_insert_with(|| History::new(stream));
        let record = Record {
            position: self.size,
            revision: history.revision() + 1,
            recorded,
            actor: "in-memory".into(),
            event,
        };
        if stream.kind.is_gathered() {
            let gathered = self.gathered.entry(stream);
            gathered.or_insert_with(|| Gathered::new(stream)).push(&record);
        }
        history
            .push(record)
            .expect("an amendment names a fact of its stream");
        self.size += 1;
    }

    /// The history of a stream, if anything has happened to it.
    pub fn stream(&self, stream: StreamId) -> Option<&History> {
        self.histories.get(&stream).filter(|history| !history.is_empty())
    }

    /// The histories of all streams.
    pub fn streams(&self) -> impl Iterator<Item = &History> {
        self.histories.values().filter(|history| !history.is_empty())
    }

    /// The number of records.
    pub fn size(&self) -> u64 {
        self.size
    }
}
