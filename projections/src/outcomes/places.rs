//! The places of a session: told when it opens, when the last one is taken, when there are some again, and when their
//! number, the dates, or whether it is held at all changes. Each message tells them whole.

use chrono::{DateTime, Utc};
use parcours_model::streams::session::{Fact, Opened};
use parcours_model::{EventKey, Fact as AnyFact, History, Record};

use super::{Document, Key, OutcomeKind, OutcomeRow, Place, PlaceChange};
use crate::{Indigestible, Output};

/// Of two facts of a session that say the same thing, the one that happened last holds; they arrive in any order.
/// That is the effective history's order within one type.
type Since<'a> = (DateTime<Utc>, &'a str, &'a str);

fn since(record: &Record) -> Since<'_> {
    let EventKey { id, source } = &record.event.key;
    (record.event.time, id, source)
}

/// A session's places, record by record.
struct Session<'a> {
    opened: Opened,
    taken: i64,
    cancelled: bool,
    capacity: Since<'a>,
    dates: Since<'a>,
}

pub(super) fn fold(history: &History, output: &mut Output) -> Result<(), Indigestible> {
    let mut session: Option<Session<'_>> = None;
    for record in history.records() {
        let AnyFact::Session(fact) = &record.event.fact else {
            continue;
        };
        let change = match (&mut session, fact) {
            (None, Fact::Opened(opened)) => {
                session = Some(Session {
                    opened: opened.clone(),
                    taken: 0,
                    cancelled: false,
                    capacity: since(record),
                    dates: since(record),
                });
                Some(PlaceChange::Opened)
            }
            (Some(session), fact) => session.hear(fact, record),
            (None, _) => None,
        };
        if let (Some(session), Some(change)) = (&session, change) {
            session.message(history, record, change).write(record, output)?;
        }
    }
    Ok(())
}

impl<'a> Session<'a> {
    /// What the record changes that is worth telling.
    fn hear(&mut self, fact: &Fact, record: &'a Record) -> Option<PlaceChange> {
        let full = self.left() == 0;
        match fact {
            Fact::Opened(_) => None,
            Fact::PlaceTaken(_) => {
                self.taken += 1;
                (!full && self.left() == 0).then_some(PlaceChange::Full)
            }
            Fact::PlaceReleased(_) => {
                self.taken -= 1;
                (full && self.left() > 0).then_some(PlaceChange::Available)
            }
            Fact::CapacityChanged(changed) => {
                let last = since(record) >= self.capacity;
                if last {
                    self.capacity = since(record);
                    self.opened.capacity = changed.capacity;
                }
                last.then_some(PlaceChange::Capacity)
            }
            Fact::Rescheduled(dates) => {
                let last = since(record) >= self.dates;
                if last {
                    self.dates = since(record);
                    (self.opened.from, self.opened.to) = (dates.from, dates.to);
                    self.opened.enrol_until = dates.enrol_until;
                }
                last.then_some(PlaceChange::Rescheduled)
            }
            Fact::Cancelled(_) => {
                self.cancelled = true;
                Some(PlaceChange::Cancelled)
            }
        }
    }

    fn left(&self) -> u32 {
        let left = i64::from(self.opened.capacity) - self.taken;
        if self.cancelled {
            0
        } else {
            u32::try_from(left).unwrap_or(0)
        }
    }

    fn message(&self, history: &History, record: &Record, change: PlaceChange) -> OutcomeRow {
        OutcomeRow {
            key: Key {
                position: record.position,
                ordinal: 0,
            },
            kind: OutcomeKind::Place,
            commune: Some(self.opened.commune.current_on(self.opened.from)),
            operator: None,
            parcours: None,
            trainee: None,
            session: Some(history.stream().uuid),
            document: Document::Place(Place {
                at: record.event.time,
                change,
                offer: self.opened.offer,
                from: self.opened.from,
                to: self.opened.to,
                entry: self.opened.entry,
                enrol_until: self.opened.enrol_until,
                capacity: self.opened.capacity,
                left: self.left(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
