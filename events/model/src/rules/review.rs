//! A training is reviewed once it is over (R20).

use super::{Rule, before};
use crate::streams::parcours::Fact;

pub(super) const REVIEW_AFTER_EXIT: Rule = Rule {
    code: "review-after-exit",
    english: "A training is reviewed after the exit",
    french: "Une formation est évaluée après la sortie",
    check: |facts| {
        before(
            facts,
            |fact| matches!(fact, Fact::Exited(_)),
            |fact| matches!(fact, Fact::ReviewSubmitted(_)),
        )
    },
};
