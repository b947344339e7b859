//! One single référent at any time (R4).

use super::{Rule, alone_at_its_instant, before};
use crate::streams::parcours::Fact;

pub(super) const REFERENT_BEFORE_START: Rule = Rule {
    code: "referent-before-start",
    english: "The training starts after a référent is named",
    french: "La formation démarre après la désignation d'un référent",
    check: |facts| before(facts, is_naming, |fact| matches!(fact, Fact::Started(_))),
};

pub(super) const ONE_REFERENT: Rule = Rule {
    code: "one-referent",
    english: "There is one référent at any time: naming one ends the other, so two cannot be named at the same instant",
    french: "Il y a un seul référent à tout moment : en désigner un met fin au précédent, on ne peut donc en désigner deux au même instant",
    check: |facts| alone_at_its_instant(facts, is_naming),
};

fn is_naming(fact: &Fact) -> bool {
    matches!(fact, Fact::ReferentNamed(_))
}
