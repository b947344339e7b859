//! What stands of a session, told record by record: its frame, which few facts change. Its places are counted by whoever
//! needs them.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::streams::session::{Entry, Fact, Opened};
use parcours_model::{EventId, EventKey, Fact as AnyFact, Record};

/// A session, its places aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub opened: Opened,
    pub cancelled: bool,
}

impl Standing {
    /// The last day on which one may still enrol, stated or following from the dates: a fixed session is entered at its
    /// beginning at the latest, a permanent one until its end.
    pub fn enrol_until(&self) -> NaiveDate {
        self.opened.enrol_until.unwrap_or(match self.opened.entry {
            Entry::Fixed => self.opened.from,
            Entry::Permanent => self.opened.to,
        })
    }
}

/// What stands from an instant on, or always, until another, or for ever.
pub(crate) struct Version {
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
    pub standing: Standing,
}

/// The order of the effective history: by time, then by the type's place in the vocabulary, then by id and source.
type Order = (DateTime<Utc>, u8, EventId, Arc<str>);

/// A fact that says what the session is.
#[derive(Clone, Debug)]
struct Framing {
    order: Order,
    /// Whether it was recorded before its time.
    ahead: bool,
    fact: Fact,
}

/// The facts that say what a session is, in effective order, and what they say together. Sessions are never corrected, so
/// that facts only ever come, at any instant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    facts: Vec<Framing>,
    standing: Option<Standing>,
}

impl Frame {
    /// Takes a fact that is no place taken or released. Answers whether it says the last word on what it says: no other
    /// fact of its type happened after it.
    pub fn take(&mut self, record: &Record, fact: &Fact) -> bool {
        let EventKey { source, id } = &record.event.key;
        let framing = Framing {
            order: (record.event.time, fact.place(), id.clone(), source.clone()),
            ahead: record.event.time > record.recorded,
            fact: fact.clone(),
        };
        let at = self.facts.partition_point(|other| other.order < framing.order);
        self.facts.insert(at, framing);
        self.standing = stands(self.facts.iter());
        let alike =
            |other: &Framing| matches!(other.fact, Fact::Opened(_)) || other.fact.place() == fact.place();
        !self.facts[at + 1..].iter().any(alike)
    }

    /// What stands by all that is recorded; `None` until the session is opened.
    pub fn standing(&self) -> Option<&Standing> {
        self.standing.as_ref()
    }

    /// What stands when, in order: one for ever, save where facts were recorded ahead of their time.
    pub fn versions(&self) -> Vec<Version> {
        let mut turns: Vec<DateTime<Utc>> = self
            .facts
            .iter()
            .filter(|framing| framing.ahead)
            .map(|framing| framing.order.0)
            .collect();
        turns.dedup();
        let since = std::iter::once(None).chain(turns.iter().copied().map(Some));
        let until = turns.iter().copied().map(Some).chain(std::iter::once(None));
        let version = |(since, until): (_, Option<DateTime<Utc>>)| {
            let known = |framing: &&Framing| until.is_none_or(|until| framing.order.0 < until);
            Some(Version {
                since,
                until,
                standing: stands(self.facts.iter().filter(known))?,
            })
        };
        since.zip(until).filter_map(version).collect()
    }

    /// About how many bytes it holds in memory.
    pub fn weight(&self) -> usize {
        // A fact of a frame has a text at most, the reason of a cancellation.
        self.facts.len() * (size_of::<Framing>() + 128)
    }
}

fn stands<'a>(facts: impl Iterator<Item = &'a Framing>) -> Option<Standing> {
    facts.fold(None, |standing, framing| after(standing, &framing.fact))
}

/// What stands after a fact, in effective order.
pub(crate) fn after(standing: Option<Standing>, fact: &Fact) -> Option<Standing> {
    let mut standing = match (standing, fact) {
        (None, Fact::Opened(opened)) => {
            return Some(Standing {
                opened: opened.clone(),
                cancelled: false,
            });
        }
        (None, _) => return None,
        (Some(standing), _) => standing,
    };
    let opened = &mut standing.opened;
    match fact {
        Fact::Opened(told) => *opened = told.clone(),
        Fact::Rescheduled(told) => {
            (opened.from, opened.to, opened.enrol_until) = (told.from, told.to, told.enrol_until);
        }
        Fact::CapacityChanged(told) => opened.capacity = told.capacity,
        Fact::Cancelled(_) => standing.cancelled = true,
        Fact::PlaceTaken(_) | Fact::PlaceReleased(_) | Fact::NeedMet(_) => {}
    }
    Some(standing)
}

/// What a record says of a session.
pub(crate) fn told(record: &Record) -> Option<&Fact> {
    match &record.event.fact {
        AnyFact::Session(fact) => Some(fact),
        _ => None,
    }
}
