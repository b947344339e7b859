//! A trainee is registered, and may be erased.

use super::{Breach, Rule};
use crate::history::Effective;
use crate::streams::{Fact, trainee};

pub(super) const REGISTERED_FIRST: Rule = Rule {
    code: "registered-first",
    english: "A trainee is registered once, before anything else",
    french: "Un stagiaire est enregistré une seule fois, avant toute autre chose",
    check: |facts| {
        let first = |index: usize| index == 0;
        let registered =
            |fact: &Effective<'_>| matches!(fact.fact, Fact::Trainee(trainee::Fact::Registered(_)));
        match facts
            .iter()
            .enumerate()
            .find(|(index, fact)| first(*index) != registered(fact))
        {
            None => Ok(()),
            Some((0, _)) => Err(Breach::at(0)),
            Some((again, _)) => Err(Breach::between(again, 0)),
        }
    },
};

pub(super) const NOTHING_AFTER_ERASURE: Rule = Rule {
    code: "erased",
    english: "A trainee is erased once, and nothing comes after",
    french: "Un stagiaire est effacé une seule fois, et rien ne suit",
    check: |facts| {
        let erased = facts
            .iter()
            .position(|fact| matches!(fact.fact, Fact::Trainee(trainee::Fact::Erased(_))));
        match erased {
            Some(erased) if erased + 1 < facts.len() => Err(Breach::between(erased + 1, erased)),
            _ => Ok(()),
        }
    },
};
