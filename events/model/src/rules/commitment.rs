//! Nothing that follows from the contract of commitment comes before it is signed (R3).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const COMMITMENT_BEFORE_START: Rule = Rule {
    code: "commitment-before-start",
    english: "The training starts after the contract of commitment is signed",
    french: "La formation démarre après la signature du contrat d'engagement",
    check: |facts| signed_before(facts, |fact| matches!(fact, Fact::Started(_))),
};

pub(super) const COMMITMENT_BEFORE_PAY: Rule = Rule {
    code: "commitment-before-pay",
    english: "Pay is granted after the contract of commitment is signed",
    french: "La rémunération est accordée après la signature du contrat d'engagement",
    check: |facts| signed_before(facts, |fact| matches!(fact, Fact::PayGranted(_))),
};

fn signed_before(facts: &[Effective<'_>], what: fn(&Fact) -> bool) -> Result<(), Breach> {
    for (index, fact) in journey(facts) {
        if matches!(fact, Fact::CommitmentSigned(_)) {
            return Ok(());
        }
        if what(fact) {
            let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::CommitmentSigned(_)));
            return Err(Breach {
                fact: index,
                with: late.map(|(late, _)| late),
            });
        }
    }
    Ok(())
}
