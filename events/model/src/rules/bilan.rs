//! A complete bilan, systematically (R5).

use super::{Rule, before};
use crate::streams::parcours::{ExitReason, Fact};

pub(super) const BILAN_BEFORE_IMMERSION: Rule = Rule {
    code: "bilan-before-immersion",
    english: "An immersion starts after the bilan",
    french: "Une immersion démarre après le bilan",
    check: |facts| before(facts, is_bilan, |fact| matches!(fact, Fact::ImmersionStarted(_))),
};

pub(super) const BILAN_BEFORE_COMPLETION: Rule = Rule {
    code: "bilan-before-completion",
    english: "A parcours is completed with a bilan only",
    french: "Un parcours n'est mené à son terme qu'avec un bilan",
    check: |facts| {
        before(
            facts,
            is_bilan,
            |fact| matches!(fact, Fact::Exited(exit) if exit.reason == ExitReason::Completed),
        )
    },
};

fn is_bilan(fact: &Fact) -> bool {
    matches!(fact, Fact::BilanCompleted(_))
}
