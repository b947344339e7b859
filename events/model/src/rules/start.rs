//! A parcours starts once; a person who comes back has a new parcours.

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const START_ONCE: Rule = Rule {
    code: "start-once",
    english: "A parcours starts once; a person who comes back begins a new parcours",
    french: "Un parcours démarre une seule fois ; une personne qui revient commence un nouveau parcours",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut starts = journey(facts).filter(|(_, fact)| matches!(fact, Fact::Started(_)));
    match (starts.next(), starts.next()) {
        (Some((first, _)), Some((again, _))) => Err(Breach::between(again, first)),
        _ => Ok(()),
    }
}
