//! An offer is published, revised, withdrawn (R15, R18).

use super::{Rule, begins_with, nothing_after};
use crate::streams::{Fact, offer};

pub(super) const PUBLISHED_FIRST: Rule = Rule {
    code: "published-first",
    english: "An offer is published once, before anything else; what changes is a revision",
    french: "Une offre est publiée une seule fois, avant toute autre chose ; ce qui change est une révision",
    check: |facts| {
        begins_with(facts, |fact| {
            matches!(fact, Fact::Offer(offer::Fact::Published(_)))
        })
    },
};

pub(super) const NOTHING_AFTER_WITHDRAWAL: Rule = Rule {
    code: "offer-withdrawn",
    english: "An offer is withdrawn once, and nothing comes after; one that comes back is a new offer",
    french: "Une offre est retirée une seule fois, et rien ne suit ; une offre qui revient est une nouvelle offre",
    check: |facts| {
        nothing_after(facts, |fact| {
            matches!(fact, Fact::Offer(offer::Fact::Withdrawn(_)))
        })
    },
};
