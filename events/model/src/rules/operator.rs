//! A training body is registered before it is contracted (R15).

use super::{Breach, Rule};
use crate::history::Effective;
use crate::streams::{Fact, operator};
use uuid::Uuid;

pub(super) const REGISTERED_FIRST: Rule = Rule {
    code: "registered-first",
    english: "An operator is registered before anything else; a later registration replaces what the earlier said",
    french: "Un organisme est enregistré avant toute autre chose ; un enregistrement ultérieur remplace le précédent",
    check: |facts| match facts.first().map(|fact| fact.fact) {
        None | Some(Fact::Operator(operator::Fact::Registered(_))) => Ok(()),
        Some(_) => Err(Breach::at(0)),
    },
};

pub(super) const CONTRACT_IN_ORDER: Rule = Rule {
    code: "contract-in-order",
    english: "A contract is made once and ended once, after it was made",
    french: "Un contrat est conclu une seule fois et prend fin une seule fois, après sa conclusion",
    check: contracts,
};

fn contracts(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut made: Vec<(Uuid, usize, bool)> = Vec::new();
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Operator(operator::Fact::Contracted(contracted)) => {
                if let Some((_, earlier, _)) = made.iter().find(|(id, ..)| *id == contracted.contract) {
                    return Err(Breach::between(index, *earlier));
                }
                made.push((contracted.contract, index, false));
            }
            Fact::Operator(operator::Fact::ContractEnded(ended)) => {
                match made.iter_mut().find(|(id, ..)| *id == ended.contract) {
                    None => return Err(Breach::at(index)),
                    Some((_, last, true)) => return Err(Breach::between(index, *last)),
                    Some((_, last, over)) => (*last, *over) = (index, true),
                }
            }
            _ => {}
        }
    }
    Ok(())
}
