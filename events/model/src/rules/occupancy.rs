//! What decisions on a session need to know of it, at a cost that does not grow with the session.
//!
//! A session with entry all year has a place for everybody: walking through all who hold one would make each admission
//! dearer than the last. Here a place is taken, released, or told late in O(log n), and its facts are not kept. What it
//! decides is what the rules in [`session`](super::session) say of the whole history.

use super::ceiling::Ceiling;
use super::gathered::{Gather, Order, order_of};
use super::limit::{self, Limited};
use super::session::{self as clauses, NOT_CANCELLED, OPENED_FIRST, PLACE_AVAILABLE, step};
use super::steps::Steps;
use super::{Clause, Refusal, Rule};
use crate::event::{Event, EventKey};
use crate::streams::{Fact, session};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// The places of one session over time, and the few facts that are about the session itself.
#[derive(Clone, Debug, Default)]
pub(super) struct Occupancy {
    /// The facts about the session itself, in effective order.
    frame: BTreeMap<Order, Frame>,
    /// What each parcours takes and releases, by instant.
    held: HashMap<Uuid, Steps>,
    /// The instants at which somebody takes a place, releases of the same instant counted against it, and how many do.
    takings: BTreeMap<DateTime<Utc>, u32>,
    /// Places taken, less the capacity: never above zero.
    level: Ceiling,
}

/// A fact about the session itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Opened(u32),
    Capacity(u32),
    Rescheduled,
    Cancelled,
    Needed,
}

/// What is wrong with events: the place of the one at fault, the fact about the session that it clashes with, and what of
/// the rule is broken.
type Fault = (usize, Option<Order>, &'static Clause);

impl Limited for Frame {
    fn limit(&self) -> Option<i64> {
        match self {
            Frame::Opened(capacity) | Frame::Capacity(capacity) => Some(i64::from(*capacity)),
            Frame::Rescheduled | Frame::Cancelled | Frame::Needed => None,
        }
    }
}

impl Gather for Occupancy {
    fn take_in(&mut self, event: &Event) {
        self.apply(event);
    }

    fn take_back(&mut self, event: &Event) {
        self.revert(event);
    }

    fn refusals(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)> {
        // What is there already brings nothing; tried out and taken back, it would be gone.
        let is_new = |event: &Event| !self.frame.contains_key(&order_of(event));
        let places: Vec<usize> = (0..events.len()).filter(|place| is_new(events[*place])).collect();
        let events: Vec<&Event> = places.iter().map(|place| events[*place]).collect();
        let refusals = self.judge(&events);
        refusals
            .into_iter()
            .map(|(index, refusal)| (places[index], refusal))
            .collect()
    }

    fn weight(&self) -> usize {
        self.held.capacity() * (size_of::<(Uuid, Steps)>() + 1)
            + self.takings.len() * 24
            + self.frame.len() * 160
            + self.level.weight()
    }
}

impl Occupancy {
    fn judge(&mut self, events: &[&Event]) -> Vec<(usize, Refusal)> {
        let cancelled = self.cancellation().cloned();
        let mut changes: BTreeMap<DateTime<Utc>, i64> = BTreeMap::new();
        for event in events {
            for (at, change) in self.apply(event) {
                *changes.entry(at).or_default() += change;
            }
        }
        let checks = [
            (&OPENED_FIRST, self.unopened(events)),
            (&PLACE_AVAILABLE, self.overfull(events, &changes)),
            (&NOT_CANCELLED, self.cancelled(events, cancelled)),
        ];
        let refusals = checks.into_iter().filter_map(|(rule, breach)| {
            let (index, clash, clause) = breach?;
            let clash = clash.filter(|order| !events.iter().any(|event| order_of(event) == *order));
            Some((index, refusal(rule, clause, clash.as_ref())))
        });
        let refusals = refusals.collect();
        events.iter().rev().for_each(|event| self.revert(event));
        refusals
    }

    /// An event that stands before the opening, or a second opening; with the opening.
    fn unopened(&self, events: &[&Event]) -> Option<Fault> {
        let is_opening = |frame: &Frame| matches!(frame, Frame::Opened(_));
        let opened = self.frame.iter().find(|(_, frame)| is_opening(frame));
        let opened = opened.map(|(order, _)| order.clone());
        let out_of_place = |event: &Event| match (&opened, frame(&event.fact)) {
            (Some(opened), Some(Frame::Opened(_))) => {
                let openings = self.frame.values().filter(|frame| is_opening(frame)).count();
                let first = *opened == order_of(event);
                let before = self.frame.range(..opened).next().is_some()
                    || self.takings.range(..opened.0).next().is_some();
                openings > 1 || (first && before)
            }
            (Some(opened), _) => order_of(event) < *opened,
            (None, _) => true,
        };
        let index = events.iter().position(|event| out_of_place(event))?;
        let again = frame(&events[index].fact).as_ref().is_some_and(is_opening)
            && opened
                .as_ref()
                .is_some_and(|opened| *opened != order_of(events[index]));
        let clause = if again {
            &clauses::OPENED_ONCE
        } else {
            &clauses::OPENED_BEFORE
        };
        Some((index, opened, clause))
    }

    /// An event through which more places are taken than there are, or two by one person; with what sets the capacity.
    fn overfull(&self, events: &[&Event], changes: &BTreeMap<DateTime<Utc>, i64>) -> Option<Fault> {
        if let Some((at, _)) = limit::overrun(&self.level, changes) {
            let index = events.iter().position(|event| event.time == at).unwrap_or(0);
            let set = |(order, frame): &(&Order, &Frame)| order.0 <= at && frame.limit().is_some();
            let capacity = self.frame.iter().rev().find(set);
            let clause = match step(&events[index].fact) {
                Some(_) => &clauses::NO_PLACE_LEFT,
                None => &clauses::ROOM_FOR_ALL,
            };
            return Some((index, capacity.map(|(order, _)| order.clone()), clause));
        }
        let twice =
            |event: &Event| step(&event.fact).is_some_and(|(parcours, _)| self.twice(parcours, events));
        let index = events.iter().position(|event| twice(event))?;
        Some((index, None, &clauses::ONE_EACH))
    }

    /// Whether a parcours comes to hold two places, or less than none, where it did not before these events.
    fn twice(&self, parcours: Uuid, events: &[&Event]) -> bool {
        let worst = |held: i64| (held - 1).max(-held).max(0);
        let own = |event: &&&Event| step(&event.fact).is_some_and(|(whose, _)| whose == parcours);
        let mut instants: BTreeMap<DateTime<Utc>, (i64, i64)> = BTreeMap::new();
        for (at, change) in self.held.get(&parcours).map(Steps::all).unwrap_or_default() {
            let (before, after) = instants.entry(*at).or_default();
            (*before, *after) = (*before + change, *after + change);
        }
        for event in events.iter().filter(own) {
            let change = step(&event.fact).map_or(0, |(_, change)| change);
            instants.entry(event.time).or_default().0 -= change;
        }
        let (mut before, mut after) = (0, 0);
        instants.values().any(|(was, is)| {
            (before, after) = (before + was, after + is);
            worst(after) > worst(before)
        })
    }

    /// An event after the cancellation, or the cancellation itself, if it comes before something; with the cancellation.
    fn cancelled(&self, events: &[&Event], before: Option<Order>) -> Option<Fault> {
        let cancelled = self.cancellation()?;
        let takes = |event: &Event| {
            step(&event.fact).is_some_and(|(parcours, change)| {
                let net = |steps: &Steps| steps.at(event.time);
                let after = self.held.get(&parcours).map_or(0, net);
                let brought: i64 = events
                    .iter()
                    .filter(|other| other.time == event.time)
                    .filter_map(|other| step(&other.fact))
                    .filter(|(whose, _)| *whose == parcours)
                    .map(|(_, change)| change)
                    .sum();
                change > 0 && event.time >= cancelled.0 && after > (after - brought).max(0)
            })
        };
        let out_of_place = |event: &Event| match frame(&event.fact) {
            None => takes(event),
            Some(_) if order_of(event) != *cancelled => order_of(event) > *cancelled,
            Some(_) => {
                before.is_some()
                    || self.takings.range(cancelled.0..).next().is_some()
                    || self.frame.range(cancelled..).nth(1).is_some()
            }
        };
        let index = events.iter().position(|event| out_of_place(event))?;
        let clause = match frame(&events[index].fact) {
            Some(Frame::Cancelled) if order_of(events[index]) != *cancelled || before.is_some() => {
                &clauses::CANCELLED_ONCE
            }
            Some(Frame::Cancelled) => &clauses::CANCELLED_LAST,
            _ => &clauses::CLOSED,
        };
        Some((index, Some(cancelled.clone()), clause))
    }

    fn cancellation(&self) -> Option<&Order> {
        let mut frame = self.frame.iter();
        frame
            .find(|(_, frame)| **frame == Frame::Cancelled)
            .map(|(order, _)| order)
    }

    /// Takes a fact in; answers what it changes in the level.
    fn apply(&mut self, event: &Event) -> Vec<(DateTime<Utc>, i64)> {
        let changes = match (step(&event.fact), frame(&event.fact)) {
            (Some((parcours, change)), _) => {
                self.take(parcours, event.time, change);
                vec![(event.time, change)]
            }
            (None, Some(frame)) => {
                let order = order_of(event);
                let changes = limit::set(&self.frame, &order, frame);
                self.frame.insert(order, frame);
                changes
            }
            (None, None) => Vec::new(),
        };
        for (at, change) in &changes {
            self.level.add(*at, *change);
        }
        changes
    }

    /// Takes a fact back.
    fn revert(&mut self, event: &Event) {
        let changes = match (step(&event.fact), frame(&event.fact)) {
            (Some((parcours, change)), _) => {
                self.take(parcours, event.time, -change);
                vec![(event.time, change)]
            }
            (None, Some(frame)) => {
                let order = order_of(event);
                self.frame.remove(&order);
                limit::set(&self.frame, &order, frame)
            }
            (None, None) => Vec::new(),
        };
        for (at, change) in changes {
            self.level.add(at, -change);
        }
    }

    fn take(&mut self, parcours: Uuid, at: DateTime<Utc>, change: i64) {
        let steps = self.held.remove(&parcours).unwrap_or_default();
        let before = steps.at(at);
        let steps = steps.with(at, change);
        if !steps.all().is_empty() {
            self.held.insert(parcours, steps);
        }
        match (before > 0, before + change > 0) {
            (false, true) => *self.takings.entry(at).or_default() += 1,
            (true, false) => {
                let takings = self.takings.entry(at).or_default();
                *takings -= 1;
                if *takings == 0 {
                    self.takings.remove(&at);
                }
            }
            _ => {}
        }
    }
}

fn frame(fact: &Fact) -> Option<Frame> {
    let Fact::Session(fact) = fact else { return None };
    match fact {
        session::Fact::Opened(opened) => Some(Frame::Opened(opened.capacity)),
        session::Fact::CapacityChanged(changed) => Some(Frame::Capacity(changed.capacity)),
        session::Fact::Rescheduled(_) => Some(Frame::Rescheduled),
        session::Fact::Cancelled(_) => Some(Frame::Cancelled),
        session::Fact::NeedMet(_) => Some(Frame::Needed),
        session::Fact::PlaceTaken(_) | session::Fact::PlaceReleased(_) => None,
    }
}

/// The refusal by `rule`, of which this is broken; what it clashes with is one of the facts about the session itself.
fn refusal(rule: &Rule, clause: &Clause, clash: Option<&Order>) -> Refusal {
    let refusal = Refusal::by_clause(rule, clause);
    let Some((time, place, id, source)) = clash else {
        return refusal;
    };
    let type_name = session::TYPES[usize::from(*place)].name;
    refusal.clash(type_name, *time, &EventKey::new(source.clone(), id.clone()))
}
