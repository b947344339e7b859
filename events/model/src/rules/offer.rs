//! An offer is published, revised, withdrawn (R15, R18).

use super::{Clause, Rule, begins_with, nothing_after};
use crate::streams::{Fact, offer};

pub(super) const PUBLISHED_FIRST: Rule = Rule {
    code: "published-first",
    english: "An offer is published once, before anything else; what changes is a revision",
    french: "Une offre est publiée une seule fois, avant toute autre chose ; ce qui change est une révision",
    check: |facts| begins_with(facts, is_publication, &BEFORE, &AGAIN),
};

const BEFORE: Clause = [
    "An offer is published before anything else happens to it",
    "Une offre est publiée avant que rien d'autre ne lui arrive",
];
const AGAIN: Clause = [
    "An offer is published once; what changes is a revision",
    "Une offre est publiée une seule fois ; ce qui change est une révision",
];

pub(super) const NOTHING_AFTER_WITHDRAWAL: Rule = Rule {
    code: "offer-withdrawn",
    english: "An offer is withdrawn once, and nothing comes after; one that comes back is a new offer",
    french: "Une offre est retirée une seule fois, et rien ne suit ; une offre qui revient est une nouvelle offre",
    check: |facts| nothing_after(facts, is_withdrawal, &WITHDRAWN_ONCE, &WITHDRAWN),
};

const WITHDRAWN_ONCE: Clause = [
    "An offer is withdrawn once",
    "Une offre est retirée une seule fois",
];
const WITHDRAWN: Clause = [
    "Nothing comes after an offer's withdrawal; one that comes back is a new offer",
    "Rien ne suit le retrait d'une offre ; une offre qui revient est une nouvelle offre",
];

fn is_publication(fact: &Fact) -> bool {
    matches!(fact, Fact::Offer(offer::Fact::Published(_)))
}

fn is_withdrawal(fact: &Fact) -> bool {
    matches!(fact, Fact::Offer(offer::Fact::Withdrawn(_)))
}
