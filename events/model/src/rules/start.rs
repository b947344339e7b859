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

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let mut starts = journey(facts).filter(|(_, fact)| matches!(fact, Fact::Started(_)));
    let Some((first, _)) = starts.next() else {
        return Vec::new();
    };
    starts.map(|(again, _)| Breach::between(again, first)).collect()
}
