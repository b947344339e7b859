//! The places of a session: told when it opens, when the last one is taken, when there are some again, and when their
//! number, the dates, or whether it is held at all changes. Each message tells them whole.
//!
//! Facts recorded ahead of their time wait for it: what they will have told, if nothing comes between, is what stands of
//! the session; it is added for ever by the first record after their time.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parcours_model::streams::session::Fact;
use parcours_model::{Record, StreamId};

use super::cause::Cause;
use super::key::moment;
use super::{Document, Key, OutcomeKind, OutcomeRow, Place, PlaceChange};
use crate::running::Running;
use crate::session::{Frame, Standing, told};
use crate::{Indigestible, Output};

/// A session's places, record by record.
#[derive(Clone)]
struct Places {
    stream: StreamId,
    /// By the facts that have begun to act.
    frame: Frame,
    taken: i64,
    /// Those that have not, in the order of their times.
    waiting: Vec<Arc<Record>>,
    /// The last record.
    heard: Option<Cause>,
    /// The key of the last message.
    last: Option<Key>,
}

pub(super) fn begin(stream: StreamId) -> Box<dyn Running> {
    Box::new(Places {
        stream,
        frame: Frame::default(),
        taken: 0,
        waiting: Vec::new(),
        heard: None,
        last: None,
    })
}

impl Running for Places {
    fn take(&mut self, record: &Record, added: &mut Output) -> Result<(), Indigestible> {
        self.wait(Some(record.recorded), added)?;
        let cause = Cause::of(record);
        self.heard = Some(cause);
        // Of some the time has come, and the whole second has not.
        self.act(cause, added)?;
        if record.event.time > record.recorded {
            let order = |record: &Record| {
                let key = &record.event.key;
                let place = told(record).map(Fact::place);
                (record.event.time, place, key.id.clone(), key.source.clone())
            };
            let at = self.waiting.partition_point(|other| order(other) < order(record));
            self.waiting.insert(at, Arc::new(record.clone()));
            return Ok(());
        }
        self.tell(record, cause, added)
    }

    /// What will be told of what is still to come. What was told is told: nothing of it changes.
    fn standing(&self, output: &mut Output) {
        if !self.waiting.is_empty() {
            let told = self.clone().wait(None, output);
            told.expect("what is known of a session can be written as JSON");
        }
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + self.frame.weight() + self.waiting.len() * (size_of::<Record>() + 128)
    }
}

impl Places {
    /// Goes through the moments up to `until`, or through all there are, in which something begins to act.
    fn wait(&mut self, until: Option<DateTime<Utc>>, output: &mut Output) -> Result<(), Indigestible> {
        while let (Some(heard), Some(first)) = (self.heard, self.waiting.first()) {
            let moment = moment(first.event.time);
            if until.is_some_and(|until| moment > until) {
                break;
            }
            self.act(heard.at(moment), output)?;
        }
        Ok(())
    }

    /// Has act what waited for the instant of `cause`.
    fn act(&mut self, cause: Cause, output: &mut Output) -> Result<(), Indigestible> {
        let due = self
            .waiting
            .partition_point(|record| record.event.time <= cause.instant());
        for record in self.waiting.drain(..due).collect::<Vec<_>>() {
            self.tell(&record, cause, output)?;
        }
        Ok(())
    }

    /// Has a fact act, and tells what it changes.
    fn tell(&mut self, record: &Record, cause: Cause, output: &mut Output) -> Result<(), Indigestible> {
        let Some(fact) = told(record) else { return Ok(()) };
        let change = self.hear(fact, record);
        let (Some(standing), Some(change)) = (self.frame.standing(), change) else {
            return Ok(());
        };
        let (key, left) = (cause.next(self.last), left(standing, self.taken));
        self.last = Some(key);
        let place = place(standing, left, record, change);
        let message = OutcomeRow {
            told: cause.told(key),
            key,
            kind: OutcomeKind::Place,
            commune: Some(standing.opened.commune.current_on(standing.opened.from)),
            operator: None,
            parcours: None,
            trainee: None,
            session: Some(self.stream.uuid),
            document: Document::Place(place),
        };
        message.write(None, output)
    }

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
            // For whom a session is made is nobody else's to know.
            Fact::NeedMet(_) => None,
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

fn place(standing: &Standing, left: u32, record: &Record, change: PlaceChange) -> Place {
    let session = &standing.opened;
    Place {
        at: record.event.time,
        change,
        offer: session.offer,
        from: session.from,
        to: session.to,
        entry: session.entry,
        enrol_until: session.enrol_until,
        capacity: session.capacity,
        left,
    }
}

#[cfg(test)]
mod tests;
