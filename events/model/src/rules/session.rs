//! A session and its places (R15, R18).
//!
//! These are the rules as they are meant, over a whole history. Decisions are made by [`Occupancy`](super::occupancy::Occupancy),
//! which says the same at a cost that does not grow with the session; a property test holds the two together.

use super::{Breach, Clause, Refusal, Rule, begins_with, beyond_one_history};
use crate::history::Effective;
use crate::stream::StreamId;
use crate::streams::{Fact, session};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) const OPENED_FIRST: Rule = Rule {
    code: "opened-first",
    english: "A session is opened once, before anything else",
    french: "Une session est ouverte une seule fois, avant toute autre chose",
    check: |facts| {
        begins_with(
            facts,
            |fact| matches!(fact, Fact::Session(session::Fact::Opened(_))),
            &OPENED_BEFORE,
            &OPENED_ONCE,
        )
    },
};

pub(super) const OPENED_BEFORE: Clause = [
    "A session is opened before anything else happens to it",
    "Une session est ouverte avant que rien d'autre ne lui arrive",
];
pub(super) const OPENED_ONCE: Clause = [
    "A session is opened once",
    "Une session est ouverte une seule fois",
];

pub(super) const PLACE_AVAILABLE: Rule = Rule {
    code: "place-available",
    english: "At no moment are more places of a session taken than it has, and nobody takes two",
    french: "À aucun moment une session n'a plus de places prises que de places, et personne n'en prend deux",
    check: places,
};

pub(super) const UNKNOWN: Clause = [
    "A place is taken in a session that was opened",
    "Une place est prise dans une session qui a été ouverte",
];
pub(super) const NO_PLACE_LEFT: Clause = [
    "At no moment are more places of a session taken than it has",
    "À aucun moment une session n'a plus de places prises que de places",
];
pub(super) const ROOM_FOR_ALL: Clause = [
    "A session never has fewer places than are taken",
    "Une session n'a jamais moins de places qu'il n'en est pris",
];
pub(super) const ONE_EACH: Clause = [
    "Nobody takes two places of a session",
    "Personne ne prend deux places d'une session",
];

pub(super) const NOT_CANCELLED: Rule = Rule {
    code: "session-cancelled",
    english: "A session is cancelled once, and no place in it is taken, nor anything changed, from then on",
    french: "Une session est annulée une seule fois, et plus aucune place n'y est prise, ni rien changé, à partir de là",
    check: cancelled,
};

pub(super) const CANCELLED_ONCE: Clause = [
    "A session is cancelled once",
    "Une session est annulée une seule fois",
];
pub(super) const CANCELLED_LAST: Clause = [
    "A session is cancelled from a moment on at which no place is taken any more, nor anything changed",
    "Une session est annulée à partir d'un moment où plus aucune place n'est prise, ni rien changé",
];
pub(super) const CLOSED: Clause = [
    "No place is taken in a session that is cancelled, nor anything changed",
    "Plus aucune place n'est prise dans une session annulée, ni rien changé",
];

pub(super) const PLACE_BY_ADMISSION: Rule = Rule {
    code: "place-by-admission",
    english: "Places are taken and released by the log itself, with the event of a parcours that causes it",
    french: "Les places sont prises et libérées par le journal lui-même, avec l'événement de parcours qui en est la cause",
    check: beyond_one_history,
};

pub(super) const LINKED_BY_CAUSE: Rule = Rule {
    code: "linked-by-cause",
    english: "What links an offer or a session to what it was made for is written by the log itself, with the event that causes it",
    french: "Ce qui relie une offre ou une session à ce pour quoi elle a été faite est écrit par le journal lui-même, avec l'événement qui en est la cause",
    check: beyond_one_history,
};

/// The refusal of a fact that names a session which nobody opened.
pub(super) fn unknown(session: StreamId, cause: &Fact) -> Refusal {
    let by = match cause {
        Fact::Need(_) => Refusal::by_clause(&OPENED_FIRST, &OPENED_BEFORE),
        _ => Refusal::by_clause(&PLACE_AVAILABLE, &UNKNOWN),
    };
    by.because(
        &format!("There is no {session}."),
        &format!("Il n'y a pas de {session}."),
    )
    .field("data.session")
}

/// Whose place a fact of a session takes (+1) or releases (−1).
pub(super) fn step(fact: &Fact) -> Option<(Uuid, i64)> {
    match fact {
        Fact::Session(session::Fact::PlaceTaken(place)) => Some((place.parcours, 1)),
        Fact::Session(session::Fact::PlaceReleased(place)) => Some((place.parcours, -1)),
        _ => None,
    }
}

/// Counts at the end of each instant, so that a place may pass from one person to another in one instant.
fn places(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut capacity) = (Vec::new(), 0);
    let mut held: BTreeMap<Uuid, i64> = BTreeMap::new();
    // The last fact that took a place or removed some: the one to name when they do not suffice.
    let mut cause = 0;
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Session(session::Fact::Opened(opened)) => capacity = opened.capacity.into(),
            Fact::Session(session::Fact::CapacityChanged(changed)) => {
                (capacity, cause) = (i64::from(changed.capacity), index);
            }
            other => {
                if let Some((parcours, change)) = step(other) {
                    *held.entry(parcours).or_default() += change;
                    cause = if change > 0 { index } else { cause };
                }
            }
        }
        if facts.get(index + 1).is_none_or(|next| next.time > fact.time) {
            let one_each = held.values().all(|places| (0..=1).contains(places));
            if held.values().sum::<i64>() > capacity || !one_each {
                breaches.push(Breach::at(cause));
            }
            held.retain(|_, places| *places != 0);
        }
    }
    breaches
}

/// Takes and releases of one parcours at one instant are counted together first: the log writes them against each
/// other when what it wrote before proves wrong.
fn cancelled(facts: &[Effective<'_>]) -> Vec<Breach> {
    let is_cancellation =
        |fact: &Effective<'_>| matches!(fact.fact, Fact::Session(session::Fact::Cancelled(_)));
    let Some(cancelled) = facts.iter().position(is_cancellation) else {
        return Vec::new();
    };
    let mut net: BTreeMap<(Uuid, DateTime<Utc>), i64> = BTreeMap::new();
    for fact in facts {
        if let Some((parcours, change)) = step(fact.fact) {
            *net.entry((parcours, fact.time)).or_default() += change;
        }
    }
    let taken = |fact: &Effective<'_>| match step(fact.fact) {
        None => true,
        Some((parcours, change)) => change > 0 && net[&(parcours, fact.time)] > 0,
    };
    (cancelled + 1..facts.len())
        .filter(|index| taken(&facts[*index]))
        .map(|index| Breach::between(index, cancelled))
        .collect()
}
