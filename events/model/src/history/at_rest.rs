//! A history that nobody looks at for the moment, in half the memory.

use super::History;
use crate::envelope::Record;
use crate::event::{Event, EventId, EventKey};
use crate::stream::StreamId;
use crate::streams::Fact;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// All that the records of one stream say, in one piece.
#[derive(Clone, Debug)]
pub struct AtRest {
    stream: StreamId,
    /// The senders and actors of the records, each once.
    names: Vec<Arc<str>>,
    told: Box<[Told]>,
    weight: usize,
}

/// A record, but for its stream and its revision.
#[derive(Clone, Debug)]
struct Told {
    position: u64,
    recorded: DateTime<Utc>,
    time: DateTime<Utc>,
    /// By their places among the names.
    actor: u32,
    source: u32,
    id: EventId,
    fact: Fact,
}

impl History {
    /// Puts it to rest. Complexity: O(n); what it says is moved, unless somebody else shares it.
    pub fn rest(self) -> AtRest {
        let mut names = Vec::new();
        let mut weight = 0;
        let told = self.records.into_iter().map(|record| {
            let Record {
                position,
                recorded,
                actor,
                event,
                ..
            } = Arc::unwrap_or_clone(record);
            let id = event.key.id;
            weight += size_of::<Told>() + id.heap() + super::heap(&event.fact);
            Told {
                position,
                recorded,
                time: event.time,
                actor: place(&mut names, actor),
                source: place(&mut names, event.key.source),
                id,
                fact: event.fact,
            }
        });
        let told = told.collect();
        AtRest {
            stream: self.stream,
            weight: size_of::<AtRest>() + names.len() * size_of::<Arc<str>>() + weight,
            names,
            told,
        }
    }
}

impl AtRest {
    /// The history as it was. Complexity: that of replaying it.
    pub fn wake(self) -> History {
        let AtRest {
            stream, names, told, ..
        } = self;
        let name = |place: u32| names[place as usize].clone();
        let mut history = History::of_capacity(stream, told.len());
        for (told, revision) in told.into_iter().zip(1..) {
            let record = Record {
                position: told.position,
                revision,
                recorded: told.recorded,
                actor: name(told.actor),
                event: Event {
                    key: EventKey::new(name(told.source), told.id),
                    stream,
                    time: told.time,
                    fact: told.fact,
                },
            };
            history
                .push(record)
                .expect("what was pushed once can be pushed again in the same order");
        }
        history
    }

    /// The revision of the last record.
    pub fn revision(&self) -> u64 {
        self.told.len() as u64
    }

    /// The position of the last record, if there is one.
    pub fn last(&self) -> Option<u64> {
        self.told.last().map(|told| told.position)
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        self.weight
    }
}

/// The place of a name among those of a history, of which there are few.
fn place(names: &mut Vec<Arc<str>>, name: Arc<str>) -> u32 {
    let known = names.iter().position(|known| *known == name);
    super::narrow(known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    }))
}
