//! One single référent at any time (R4).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const REFERENT_BEFORE_START: Rule = Rule {
    code: "referent-before-start",
    english: "The training starts after a référent is named",
    french: "La formation démarre après la désignation d'un référent",
    check: before_start,
};

pub(super) const ONE_REFERENT: Rule = Rule {
    code: "one-referent",
    english: "There is one référent at any time: naming one ends the other, so two cannot be named at the same instant",
    french: "Il y a un seul référent à tout moment : en désigner un met fin au précédent, on ne peut donc en désigner deux au même instant",
    check: one_at_a_time,
};

fn before_start(facts: &[Effective<'_>]) -> Result<(), Breach> {
    for (index, fact) in journey(facts) {
        match fact {
            Fact::ReferentNamed(_) => return Ok(()),
            Fact::Started(_) => {
                let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::ReferentNamed(_)));
                return Err(Breach {
                    fact: index,
                    with: late.map(|(late, _)| late),
                });
            }
            _ => {}
        }
    }
    Ok(())
}

fn one_at_a_time(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut last: Option<usize> = None;
    for (index, fact) in journey(facts) {
        if matches!(fact, Fact::ReferentNamed(_)) {
            if let Some(last) = last.filter(|last| facts[*last].time == facts[index].time) {
                return Err(Breach::between(index, last));
            }
            last = Some(index);
        }
    }
    Ok(())
}
