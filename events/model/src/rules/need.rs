//! A need of people to be trained is stated, accompanied, and met or dropped (R19).

use super::{Breach, Clause, Rule, begins_with, nothing_after};
use crate::history::Effective;
use crate::streams::{Fact, need};

pub(super) const NEED_IN_ORDER: Rule = Rule {
    code: "need-in-order",
    english: "A need is stated once, before anything else; it is met or dropped once, and nothing follows",
    french: "Un besoin est exprimé une seule fois, avant toute autre chose ; il est satisfait ou abandonné une seule fois, et rien ne suit",
    check,
};

const BEFORE: Clause = [
    "A need is stated before anything else happens to it",
    "Un besoin est exprimé avant que rien d'autre ne lui arrive",
];
const ONCE: Clause = ["A need is stated once", "Un besoin est exprimé une seule fois"];
const ONE_END: Clause = [
    "A need is met or dropped once",
    "Un besoin est satisfait ou abandonné une seule fois",
];
const AFTER: Clause = [
    "Nothing follows once a need is met or dropped; one that comes back is a new need",
    "Rien ne suit une fois un besoin satisfait ou abandonné ; un besoin qui revient est un nouveau besoin",
];

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let begins = |fact: &Fact| matches!(fact, Fact::Need(need::Fact::Stated(_)));
    let mut breaches = begins_with(facts, begins, &BEFORE, &ONCE);
    breaches.extend(nothing_after(facts, ends, &ONE_END, &AFTER));
    breaches
}

fn ends(fact: &Fact) -> bool {
    matches!(fact, Fact::Need(need::Fact::Met(_) | need::Fact::Dropped(_)))
}
