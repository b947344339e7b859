//! Communities and envelopes, which everybody writes to, record by record.

use super::document::{Community, Document, Envelope, State};
use super::place::Place;
use crate::running::Running;
use crate::{Indigestible, Output};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::streams::{community, envelope};
use parcours_model::{EventId, Fact, Record, StreamId, calendar};
use std::sync::Arc;

/// What stands of one of them, as far as the next record may change it. Their facts are never corrected.
#[derive(Clone)]
struct Sums {
    stream: StreamId,
    revision: u64,
    begun: Option<NaiveDate>,
    /// The vote that holds, by its place in time, or the creation.
    said: Option<(Order, Said)>,
    /// Cents granted, or members.
    amount: i64,
    questions: u64,
    answers: u64,
}

/// The effective order: time, id, source.
type Order = (DateTime<Utc>, EventId, Arc<str>);

#[derive(Clone)]
enum Said {
    Created(Arc<community::Created>),
    Voted(u64),
}

pub(super) fn community(stream: StreamId) -> Box<dyn Running> {
    Box::new(Sums::of(stream))
}

pub(super) fn envelope(stream: StreamId) -> Box<dyn Running> {
    Box::new(Sums::of(stream))
}

impl Sums {
    fn of(stream: StreamId) -> Self {
        Self {
            stream,
            revision: 0,
            begun: None,
            said: None,
            amount: 0,
            questions: 0,
            answers: 0,
        }
    }

    /// Of two that say the same thing the one that happened last holds.
    fn say(&mut self, record: &Record, said: Said) {
        let (key, time) = (&record.event.key, record.event.time);
        let place = (time, key.id.clone(), key.source.clone());
        if self.said.as_ref().is_none_or(|(held, _)| *held < place) {
            self.said = Some((place, said));
        }
    }
}

impl Running for Sums {
    fn take(&mut self, record: &Record, _: &mut Output) -> Result<(), Indigestible> {
        let day = calendar::day(record.event.time);
        self.revision += 1;
        self.begun = Some(self.begun.map_or(day, |begun| begun.min(day)));
        match &record.event.fact {
            Fact::Community(fact) => match fact {
                community::Fact::Created(created) => {
                    self.say(record, Said::Created(Arc::new(created.clone())));
                }
                community::Fact::Joined(_) => self.amount += 1,
                community::Fact::Left(_) => self.amount -= 1,
                community::Fact::Called(_) => self.questions += 1,
                community::Fact::Answered(_) => self.answers += 1,
            },
            Fact::Envelope(fact) => {
                let cents = |aid: &envelope::Aid| aid.cents.get() as i64;
                match fact {
                    envelope::Fact::Voted(voted) => self.say(record, Said::Voted(voted.cents.get())),
                    envelope::Fact::Reserved(aid) => self.amount += cents(aid),
                    envelope::Fact::Released(aid) => self.amount -= cents(aid),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn standing(&self, output: &mut Output) {
        let Some(begun) = self.begun else { return };
        let (word, document) = match &self.said {
            Some((_, Said::Created(created))) => (
                "open",
                Document::Community(Community {
                    name: created.name.clone(),
                    purpose: created.purpose.clone(),
                    members: self.amount.unsigned_abs(),
                    questions: self.questions,
                    answers: self.answers,
                }),
            ),
            said => {
                let voted = match said {
                    Some((_, Said::Voted(cents))) => Some(*cents),
                    _ => None,
                };
                (
                    if voted.is_some() { "voted" } else { "unvoted" },
                    Document::Envelope(Envelope {
                        voted_cents: voted,
                        granted_cents: self.amount,
                        left_cents: voted.map(|voted| voted as i64 - self.amount),
                    }),
                )
            }
        };
        let state = State {
            word,
            begun,
            waits: None,
            place: Place::default(),
            document,
        };
        state.write(output, self.stream, (0, i64::MAX), self.revision);
    }

    fn copy(&self) -> Box<dyn Running> {
        Box::new(self.clone())
    }

    fn weight(&self) -> usize {
        size_of::<Self>() + 512
    }
}
