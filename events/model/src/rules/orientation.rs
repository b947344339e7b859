//! Every parcours begins with an orientation (R1).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const ORIENTATION_FIRST: Rule = Rule {
    code: "orientation-first",
    english: "A parcours begins with its orientation, once, before anything else",
    french: "Un parcours commence par son orientation, une seule fois, avant toute autre chose",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    for (index, fact) in journey(facts) {
        match (index, fact) {
            (0, Fact::Oriented(_)) => {}
            (0, _) => {
                // Named together with the orientation that comes too late, if there is one.
                let with = journey(facts)
                    .find(|(_, fact)| matches!(fact, Fact::Oriented(_)))
                    .map(|(late, _)| late);
                return Err(Breach { fact: 0, with });
            }
            (_, Fact::Oriented(_)) => return Err(Breach::between(index, 0)),
            _ => {}
        }
    }
    Ok(())
}
