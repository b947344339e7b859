//! A trainee is registered, and may be erased: always, whoever knows of the person or does not.

use super::effects::is_consequence;
use super::{Breach, Clause, Rule, nothing_after};
use crate::history::Effective;
use crate::streams::{Fact, trainee};

pub(super) const REGISTERED_FIRST: Rule = Rule {
    code: "registered-first",
    english: "A trainee is registered once",
    french: "Un stagiaire est enregistré une seule fois",
    check: |facts| {
        let registered =
            |fact: &Effective<'_>| matches!(fact.fact, Fact::Trainee(trainee::Fact::Registered(_)));
        let mut registrations = (0..facts.len()).filter(|index| registered(&facts[*index]));
        let Some(first) = registrations.next() else {
            return Vec::new();
        };
        registrations.map(|again| Breach::between(again, first)).collect()
    },
};

pub(super) const NOTHING_AFTER_ERASURE: Rule = Rule {
    code: "erased",
    english: "Nothing comes after a trainee's erasure",
    french: "Rien ne suit l'effacement d'un stagiaire",
    check: |facts| {
        let mut breaches = nothing_after(facts, is_erasure, &ERASED, &ERASED);
        // What the log writes follows events that were judged for themselves.
        breaches.retain(|breach| {
            let fact = facts[breach.fact].fact;
            !is_erasure(fact) && !is_consequence(fact)
        });
        breaches
    },
};

const ERASED: Clause = [
    "Nothing comes after a trainee's erasure",
    "Rien ne suit l'effacement d'un stagiaire",
];

/// An erasure is never refused.
pub(super) fn is_erasure(fact: &Fact) -> bool {
    matches!(fact, Fact::Trainee(trainee::Fact::Erased(_)))
}
