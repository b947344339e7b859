//! A complete bilan, systematically (R5).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::{ExitReason, Fact};

pub(super) const BILAN_BEFORE_IMMERSION: Rule = Rule {
    code: "bilan-before-immersion",
    english: "An immersion starts after the bilan",
    french: "Une immersion démarre après le bilan",
    check: |facts| bilan_before(facts, |fact| matches!(fact, Fact::ImmersionStarted(_))),
};

pub(super) const BILAN_BEFORE_COMPLETION: Rule = Rule {
    code: "bilan-before-completion",
    english: "A parcours is completed with a bilan only",
    french: "Un parcours n'est mené à son terme qu'avec un bilan",
    check: |facts| {
        bilan_before(
            facts,
            |fact| matches!(fact, Fact::Exited(exit) if exit.reason == ExitReason::Completed),
        )
    },
};

fn bilan_before(facts: &[Effective<'_>], what: fn(&Fact) -> bool) -> Result<(), Breach> {
    for (index, fact) in journey(facts) {
        if matches!(fact, Fact::BilanCompleted(_)) {
            return Ok(());
        }
        if what(fact) {
            let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::BilanCompleted(_)));
            return Err(Breach {
                fact: index,
                with: late.map(|(late, _)| late),
            });
        }
    }
    Ok(())
}
