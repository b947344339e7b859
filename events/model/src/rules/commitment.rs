//! Nothing that follows from the contract of commitment comes before it is signed (R3).

use super::{Rule, before};
use crate::streams::parcours::Fact;

pub(super) const COMMITMENT_BEFORE_START: Rule = Rule {
    code: "commitment-before-start",
    english: "The training starts after the contract of commitment is signed",
    french: "La formation démarre après la signature du contrat d'engagement",
    check: |facts| before(facts, is_signature, |fact| matches!(fact, Fact::Started(_))),
};

pub(super) const COMMITMENT_BEFORE_PAY: Rule = Rule {
    code: "commitment-before-pay",
    english: "Pay is granted after the contract of commitment is signed",
    french: "La rémunération est accordée après la signature du contrat d'engagement",
    check: |facts| before(facts, is_signature, |fact| matches!(fact, Fact::PayGranted(_))),
};

fn is_signature(fact: &Fact) -> bool {
    matches!(fact, Fact::CommitmentSigned(_))
}
