//! A training body is registered before it is contracted (R15).

use super::{Breach, Clause, Rule};
use crate::history::Effective;
use crate::streams::{Fact, operator};
use uuid::Uuid;

pub(super) const REGISTERED_FIRST: Rule = Rule {
    code: "registered-first",
    english: "An operator is registered before anything else; a later registration replaces what the earlier said",
    french: "Un organisme est enregistré avant toute autre chose ; un enregistrement ultérieur remplace le précédent",
    check: |facts| {
        let registered =
            |fact: &Effective<'_>| matches!(fact.fact, Fact::Operator(operator::Fact::Registered(_)));
        let unknown = facts.iter().take_while(|fact| !registered(fact)).count();
        (0..unknown)
            .map(|index| Breach::at(index).of(&REGISTERED))
            .collect()
    },
};

const REGISTERED: Clause = [
    "An operator is registered before anything else happens to it",
    "Un organisme est enregistré avant que rien d'autre ne lui arrive",
];

pub(super) const CONTRACT_IN_ORDER: Rule = Rule {
    code: "contract-in-order",
    english: "A contract is made once and ended once, after it was made",
    french: "Un contrat est conclu une seule fois et prend fin une seule fois, après sa conclusion",
    check: contracts,
};

const MADE_ONCE: Clause = ["A contract is made once", "Un contrat est conclu une seule fois"];
const MADE_FIRST: Clause = [
    "A contract ends after it was made",
    "Un contrat prend fin après avoir été conclu",
];
const ENDED_ONCE: Clause = ["A contract ends once", "Un contrat prend fin une seule fois"];

fn contracts(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut made) = (Vec::new(), Vec::<(Uuid, usize, bool)>::new());
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Operator(operator::Fact::Contracted(contracted)) => {
                match made.iter().find(|(id, ..)| *id == contracted.contract) {
                    Some((_, earlier, _)) => breaches.push(Breach::between(index, *earlier).of(&MADE_ONCE)),
                    None => made.push((contracted.contract, index, false)),
                }
            }
            Fact::Operator(operator::Fact::ContractEnded(ended)) => {
                match made.iter_mut().find(|(id, ..)| *id == ended.contract) {
                    None => breaches.push(Breach::at(index).of(&MADE_FIRST)),
                    Some((_, last, true)) => breaches.push(Breach::between(index, *last).of(&ENDED_ONCE)),
                    Some((_, last, over)) => (*last, *over) = (index, true),
                }
            }
            _ => {}
        }
    }
    breaches
}
