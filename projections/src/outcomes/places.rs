//! The places of a session: told when it opens, when the last one is taken, when there are some again, and when their
//! number, the dates, or whether it is held at all changes. Each message tells them whole.

use parcours_model::streams::session::Fact;
use parcours_model::{Record, StreamId};

use super::{Document, Key, OutcomeKind, OutcomeRow, Place, PlaceChange};
use crate::running::Running;
use crate::session::{Frame, Standing, told};
use crate::{Indigestible, Output};

/// A session's places, record by record.
#[derive(Clone)]
struct Places {
    stream: StreamId,
    frame: Frame,
    taken: i64,
}

pub(super) fn begin(stream: StreamId) -> Box<dyn Running> {
    Box::new(Places {
        stream,
        frame: Frame::default(),
        taken: 0,
    })
}

impl Running for Places {
    fn take(&mut self, record: &Record, added: &mut Output) -> Result<(), Indigestible> {
        let Some(fact) = told(record) else { return Ok(()) };
        let change = self.hear(fact, record);
        match (self.frame.standing(), change) {
            (Some(standing), Some(change)) => {
                let left = left(standing, self.taken);
                message(self.stream, standing, left, record, change).write(record, added)
            }
            _ => Ok(()),
        }
    }

    /// What was told is told: nothing of it changes.
    fn standing(&self, _output: &mut Output) {}

    fn copy(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.frame.weight()
    }
}

impl Places {
    /// What the record changes that is worth telling.
    fn hear(&mut self, fact: &Fact, record: &Record) -> Option<PlaceChange> {
        let places = |held: &Self| held.frame.standing().map(|standing| left(standing, held.taken));
        let before = places(self);
        match fact {
            Fact::PlaceTaken(_) => {
                self.taken += 1;
                (before > Some(0) && places(self) == Some(0)).then_some(PlaceChange::Full)
            }
            Fact::PlaceReleased(_) => {
                self.taken -= 1;
                (before == Some(0) && places(self) > Some(0)).then_some(PlaceChange::Available)
            }
            fact => {
                // Facts arrive in any order: one that another of its type has overtaken changes nothing.
                let last = self.frame.take(record, fact);
                match fact {
                    Fact::Opened(_) => before.is_none().then_some(PlaceChange::Opened),
                    Fact::CapacityChanged(_) => last.then_some(PlaceChange::Capacity),
                    Fact::Rescheduled(_) => last.then_some(PlaceChange::Rescheduled),
                    _ => Some(PlaceChange::Cancelled),
                }
            }
        }
    }
}

fn left(standing: &Standing, taken: i64) -> u32 {
    if standing.cancelled {
        return 0;
    }
    u32::try_from(i64::from(standing.opened.capacity) - taken).unwrap_or(0)
}

fn message(
    stream: StreamId,
    standing: &Standing,
    left: u32,
    record: &Record,
    change: PlaceChange,
) -> OutcomeRow {
    let session = &standing.opened;
    OutcomeRow {
        key: Key {
            position: record.position,
            ordinal: 0,
        },
        kind: OutcomeKind::Place,
        commune: Some(session.commune.current_on(session.from)),
        operator: None,
        parcours: None,
        trainee: None,
        session: Some(stream.uuid),
        document: Document::Place(Place {
            at: record.event.time,
            change,
            offer: session.offer,
            from: session.from,
            to: session.to,
            entry: session.entry,
            enrol_until: session.enrol_until,
            capacity: session.capacity,
            left,
        }),
    }
}

#[cfg(test)]
mod tests;
