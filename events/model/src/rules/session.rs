//! A session and its places (R15, R18).

use super::{Breach, Rule, beyond_one_history};
use crate::history::Effective;
use crate::streams::{Fact, session};
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) const OPENED_FIRST: Rule = Rule {
    code: "opened-first",
    english: "A session is opened once, before anything else",
    french: "Une session est ouverte une seule fois, avant toute autre chose",
    check: |facts| {
        let opened = |fact: &Fact| matches!(fact, Fact::Session(session::Fact::Opened(_)));
        match facts
            .iter()
            .enumerate()
            .find(|(index, fact)| (*index == 0) != opened(fact.fact))
        {
            None => Ok(()),
            Some((0, _)) => {
                let late = facts.iter().position(|fact| opened(fact.fact));
                Err(Breach { fact: 0, with: late })
            }
            Some((again, _)) => Err(Breach::between(again, 0)),
        }
    },
};

pub(super) const PLACE_AVAILABLE: Rule = Rule {
    code: "place-available",
    english: "At no moment are more places of a session taken than it has, and nobody takes two",
    french: "À aucun moment une session n'a plus de places prises que de places, et personne n'en prend deux",
    check: places,
};

pub(super) const NOT_CANCELLED: Rule = Rule {
    code: "session-cancelled",
    english: "A session is cancelled once, and no place in it is taken, nor anything changed, from then on",
    french: "Une session est annulée une seule fois, et plus aucune place n'y est prise, ni rien changé, à partir de là",
    check: |facts| {
        let mut cancelled = None;
        for (index, fact) in facts.iter().enumerate() {
            match (fact.fact, cancelled) {
                (Fact::Session(session::Fact::PlaceReleased(_)), _) => {}
                (_, Some(cancelled)) => return Err(Breach::between(index, cancelled)),
                (Fact::Session(session::Fact::Cancelled(_)), None) => cancelled = Some(index),
                _ => {}
            }
        }
        Ok(())
    },
};

pub(super) const PLACE_BY_ADMISSION: Rule = Rule {
    code: "place-by-admission",
    english: "Places are taken and released by the log itself, with the event of a parcours that causes it",
    french: "Les places sont prises et libérées par le journal lui-même, avec l'événement de parcours qui en est la cause",
    check: beyond_one_history,
};

/// Counts at the end of each instant, so that a place may pass from one person to another in one instant.
fn places(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut capacity: i64 = 0;
    let mut held: BTreeMap<Uuid, i64> = BTreeMap::new();
    // The last fact that took a place or removed some: the one to name when they do not suffice.
    let mut cause = 0;
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Session(session::Fact::Opened(opened)) => capacity = opened.capacity.into(),
            Fact::Session(session::Fact::CapacityChanged(changed)) => {
                (capacity, cause) = (changed.capacity.into(), index);
            }
            Fact::Session(session::Fact::PlaceTaken(place)) => {
                *held.entry(place.parcours).or_default() += 1;
                cause = index;
            }
            Fact::Session(session::Fact::PlaceReleased(place)) => {
                *held.entry(place.parcours).or_default() -= 1;
            }
            _ => {}
        }
        let instant_over = facts.get(index + 1).is_none_or(|next| next.time > fact.time);
        let one_each = held.values().all(|places| (0..=1).contains(places));
        if instant_over && (held.values().sum::<i64>() > capacity || !one_each) {
            return Err(Breach::at(cause));
        }
        if instant_over {
            held.retain(|_, places| *places != 0);
        }
    }
    Ok(())
}
