//! A training is reviewed once it is over (R20).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const REVIEW_AFTER_EXIT: Rule = Rule {
    code: "review-after-exit",
    english: "A training is reviewed after the exit",
    french: "Une formation est évaluée après la sortie",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Exited(_) => return Ok(()),
            Fact::ReviewSubmitted(_) => {
                let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::Exited(_)));
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
