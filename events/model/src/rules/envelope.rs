//! A year's money for aids (R13).
//!
//! These are the rules as they are meant, over a whole history. Decisions are made by [`Budget`](super::budget::Budget),
//! which says the same at a cost that does not grow with the year; a property test holds the two together.

use super::{Breach, Rule, beyond_one_history};
use crate::codes::Cents;
use crate::history::Effective;
use crate::streams::{Fact, envelope};
use uuid::Uuid;

pub(super) const WITHIN_ENVELOPE: Rule = Rule {
    code: "aid-within-envelope",
    english: "From the first vote on, no more aids are granted in a year than is voted for it",
    french: "Dès le premier vote, il n'est pas accordé plus d'aides dans une année que ce qui est voté pour elle",
    check: within,
};

pub(super) const OF_ITS_YEAR: Rule = Rule {
    code: "voted-for-its-year",
    english: "What is voted is for the year that the envelope has in its name",
    french: "Ce qui est voté l'est pour l'année que l'enveloppe porte dans son nom",
    check: beyond_one_history,
};

pub(super) const RESERVED_BY_GRANT: Rule = Rule {
    code: "reserved-by-grant",
    english: "Money is reserved and released by the log itself, with the event of a parcours that causes it",
    french: "L'argent est réservé et libéré par le journal lui-même, avec l'événement de parcours qui en est la cause",
    check: beyond_one_history,
};

/// Which aid a fact of an envelope takes money for (+) or releases it from (−), in cents.
pub(super) fn step(fact: &Fact) -> Option<(Uuid, i64)> {
    match fact {
        Fact::Envelope(envelope::Fact::Reserved(aid)) => Some((aid.aid, signed(aid.cents))),
        Fact::Envelope(envelope::Fact::Released(aid)) => Some((aid.aid, -signed(aid.cents))),
        _ => None,
    }
}

/// An amount to reckon with.
pub(super) fn signed(cents: Cents) -> i64 {
    i64::try_from(cents.get()).expect("an amount of cents is below 2^53")
}

/// Counts at the end of each instant, so that money may pass from one aid to another in one instant.
fn within(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut voted, mut granted, mut cause) = (Vec::new(), None, 0, 0);
    for (index, fact) in facts.iter().enumerate() {
        match (fact.fact, step(fact.fact)) {
            (Fact::Envelope(envelope::Fact::Voted(vote)), _) => {
                (voted, cause) = (Some(signed(vote.cents)), index);
            }
            (_, Some((_, change))) => {
                granted += change;
                cause = if change > 0 { index } else { cause };
            }
            _ => {}
        }
        let last = facts.get(index + 1).is_none_or(|next| next.time > fact.time);
        if last && voted.is_some_and(|voted| granted > voted) {
            breaches.push(Breach::at(cause));
        }
    }
    breaches
}
