//! A request outside the catalogue is submitted, examined, and comes to one end (R18).

use super::{Breach, Clause, Rule, begins_with, nothing_after};
use crate::history::Effective;
use crate::streams::{Fact, request};

pub(super) const REQUEST_IN_ORDER: Rule = Rule {
    code: "request-in-order",
    english: "A request is submitted once, before anything else; it is funded, refused or withdrawn once, and nothing follows",
    french: "Une demande est déposée une seule fois, avant toute autre chose ; elle est financée, refusée ou retirée une seule fois, et rien ne suit",
    check,
};

const BEFORE: Clause = [
    "A request is submitted before anything else happens to it",
    "Une demande est déposée avant que rien d'autre ne lui arrive",
];
const ONCE: Clause = [
    "A request is submitted once",
    "Une demande est déposée une seule fois",
];
const ONE_END: Clause = [
    "A request is funded, refused or withdrawn once",
    "Une demande est financée, refusée ou retirée une seule fois",
];
const AFTER: Clause = [
    "Nothing follows once a request is funded, refused or withdrawn; who asks again submits a new one",
    "Rien ne suit une fois une demande financée, refusée ou retirée ; qui demande à nouveau en dépose une nouvelle",
];

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let begins = |fact: &Fact| matches!(fact, Fact::Request(request::Fact::Submitted(_)));
    let mut breaches = begins_with(facts, begins, &BEFORE, &ONCE);
    breaches.extend(nothing_after(facts, ends, &ONE_END, &AFTER));
    breaches
}

fn ends(fact: &Fact) -> bool {
    use request::Fact::{Funded, Refused, Withdrawn};
    matches!(fact, Fact::Request(Funded(_) | Refused(_) | Withdrawn(_)))
}
