//! What the Région agrees on with others is signed and may end early: conventions (R16), agreements with branches (R17).

use super::{Breach, Clause, Rule, begins_with, nothing_after};
use crate::history::Effective;
use crate::streams::{Fact, branch, convention};

pub(super) const CONVENTION_IN_ORDER: Rule = Rule {
    code: "convention-in-order",
    english: "A convention is signed once, before anything else, and ends once",
    french: "Une convention est signée une seule fois, avant toute autre chose, et prend fin une seule fois",
    check: |facts| {
        let signed = |fact: &Fact| matches!(fact, Fact::Convention(convention::Fact::Signed(_)));
        let ended = |fact: &Fact| matches!(fact, Fact::Convention(convention::Fact::Ended(_)));
        let mut breaches = begins_with(facts, signed, &BEFORE, &ONCE);
        breaches.extend(nothing_after(facts, ended, &ENDS_ONCE, &ENDS_ONCE));
        breaches
    },
};

const BEFORE: Clause = [
    "A convention is signed before it ends",
    "Une convention est signée avant de prendre fin",
];
const ONCE: Clause = [
    "A convention is signed once; what follows it is a new convention",
    "Une convention est signée une seule fois ; celle qui lui succède est une nouvelle convention",
];
const ENDS_ONCE: Clause = [
    "Nothing follows the end of a convention",
    "Rien ne suit la fin d'une convention",
];

pub(super) const AGREEMENT_IN_ORDER: Rule = Rule {
    code: "agreement-in-order",
    english: "A branch has one agreement at a time: it is signed, and ends once before the next is signed, or has run out by then",
    french: "Une branche a un seul accord à la fois : il est signé, et prend fin une seule fois avant que le suivant soit signé, ou il est alors échu",
    check: agreements,
};

const ONE_AT_A_TIME: Clause = [
    "An agreement begins after the last one ended or ran out",
    "Un accord commence une fois le précédent terminé ou échu",
];
const SIGNED_FIRST: Clause = [
    "An agreement ends once, after it was signed",
    "Un accord prend fin une seule fois, après avoir été signé",
];

fn agreements(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut last) = (Vec::new(), None::<(usize, &branch::Signed)>);
    for (index, fact) in facts.iter().enumerate() {
        match fact.fact {
            Fact::Branch(branch::Fact::Signed(signed)) => {
                if let Some((earlier, _)) = last.filter(|(_, last)| signed.from <= last.to) {
                    breaches.push(Breach::between(index, earlier).of(&ONE_AT_A_TIME));
                }
                last = Some((index, signed));
            }
            Fact::Branch(branch::Fact::Ended(_)) => {
                let none = last.take().is_none();
                breaches.extend(none.then(|| Breach::at(index).of(&SIGNED_FIRST)));
            }
            _ => {}
        }
    }
    breaches
}
