//! What decisions on a year's envelope need to know of it: a sum over time, whatever the number of grants.

use super::ceiling::Ceiling;
use super::envelope::{self, OF_ITS_YEAR, WITHIN_ENVELOPE};
use super::gathered::{Gather, Order, order_of};
use super::limit::{self, Limited};
use super::{Refusal, Rule};
use crate::event::{Event, EventKey};
use crate::streams::{Fact, envelope as stream};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// The money of one year over time.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    /// What was voted, in effective order.
    votes: BTreeMap<Order, Vote>,
    /// Cents granted, less what was voted: never above zero.
    level: Ceiling,
}

impl Default for Budget {
    fn default() -> Self {
        let mut level = Ceiling::default();
        level.add(DateTime::<Utc>::MIN_UTC, -Vote::UNSET);
        Self {
            votes: BTreeMap::new(),
            level,
        }
    }
}

/// Cents voted.
#[derive(Clone, Copy, Debug)]
struct Vote(i64);

impl Limited for Vote {
    /// Beyond all that can be granted: hundreds of times 2^53 cents.
    const UNSET: i64 = 1 << 61;

    fn limit(&self) -> Option<i64> {
        Some(self.0)
    }
}

impl Gather for Budget {
    fn take_in(&mut self, event: &Event) {
        self.apply(event);
    }

    fn take_back(&mut self, event: &Event) {
        for (at, change) in self.changes(event, true) {
            self.level.add(at, -change);
        }
    }

    fn refusals(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)> {
        let mut refusals: Vec<_> = events.iter().enumerate().filter_map(of_another_year).collect();
        // What is there already brings nothing.
        let new: Vec<&Event> = events
            .iter()
            .copied()
            .filter(|event| !self.votes.contains_key(&order_of(event)))
            .collect();
        let mut changes: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
        for event in &new {
            for (at, change) in self.apply(event) {
                *changes.entry(at).or_default() += change;
            }
        }
        if let Some((at, over)) = limit::overrun(&self.level, &changes) {
            let index = events.iter().position(|event| event.time == at).unwrap_or(0);
            let before = (at, u8::MAX, "".into(), "".into());
            let vote = self.votes.range(..before).next_back();
            let vote = vote.filter(|(order, _)| !events.iter().any(|event| order_of(event) == **order));
            refusals.push((index, overdrawn(events[index], vote, over)));
        }
        new.iter().rev().for_each(|event| self.take_back(event));
        refusals
    }

    fn weight(&self) -> usize {
        self.votes.len() * 160 + self.level.weight()
    }
}

impl Budget {
    /// Takes a fact in; answers what it changes in the level.
    fn apply(&mut self, event: &Event) -> Vec<(DateTime<Utc>, i64)> {
        let changes = self.changes(event, false);
        for (at, change) in &changes {
            self.level.add(*at, *change);
        }
        changes
    }

    /// What a fact changes in the level. A vote comes in among the others, or is taken out of them.
    fn changes(&mut self, event: &Event, out: bool) -> Vec<(DateTime<Utc>, i64)> {
        if let Some((_, change)) = envelope::step(&event.fact) {
            return vec![(event.time, change)];
        }
        let Fact::Envelope(stream::Fact::Voted(voted)) = &event.fact else {
            return Vec::new();
        };
        let (order, vote) = (order_of(event), Vote(envelope::signed(voted.cents)));
        if out {
            self.votes.remove(&order);
        }
        let changes = limit::set(&self.votes, &order, vote);
        if !out {
            self.votes.insert(order, vote);
        }
        changes
    }
}

fn of_another_year((index, event): (usize, &&Event)) -> Option<(usize, Refusal)> {
    let Fact::Envelope(stream::Fact::Voted(voted)) = &event.fact else {
        return None;
    };
    let own = event.stream.year() == Some(voted.year.into());
    (!own).then(|| (index, Refusal::by(&OF_ITS_YEAR).field("data.year")))
}

/// More is granted than was voted, by so many cents; with the vote that holds then.
fn overdrawn(event: &Event, vote: Option<(&Order, &Vote)>, over: i64) -> Refusal {
    let rule: &Rule = &WITHIN_ENVELOPE;
    let (euros, cents) = (over / 100, over % 100);
    let envelope = event.stream;
    let refusal = Refusal::by(rule).because(
        &format!("{envelope} would be exceeded by €{euros}.{cents:02}."),
        &format!("{envelope} serait dépassée de {euros},{cents:02} €."),
    );
    match vote {
        // It comes with them.
        None => refusal,
        Some(((time, _, id, source), _)) => {
            let key = EventKey::new(source.clone(), id.clone());
            refusal.clash("envelope.voted.v1", *time, &key)
        }
    }
}
