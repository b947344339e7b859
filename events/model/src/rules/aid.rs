//! Aids are paid within what was granted (R13).
//!
//! That all grants of a year stay within its envelope is checked with the stream `envelope/<year>`, once it exists.

use super::{Breach, Clause, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;
use uuid::Uuid;

pub(super) const AID_WITHIN_ENVELOPE: Rule = Rule {
    code: "aid-within-envelope",
    english: "An aid is granted once, and what is paid of it never exceeds what was granted",
    french: "Une aide est accordée une seule fois, et ce qui en est versé ne dépasse jamais ce qui a été accordé",
    check,
};

const ONCE: Clause = ["An aid is granted once", "Une aide est accordée une seule fois"];
const GRANTED_FIRST: Clause = [
    "An aid is paid after it was granted",
    "Une aide est versée après avoir été accordée",
];
const WITHIN: Clause = [
    "What is paid of an aid never exceeds what was granted",
    "Ce qui est versé d'une aide ne dépasse jamais ce qui a été accordé",
];

/// An aid: its name, the fact that granted it, and the cents still to be paid.
struct Aid {
    id: Uuid,
    granted: usize,
    left: u64,
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut aids) = (Vec::new(), Vec::<Aid>::new());
    for (index, fact) in journey(facts) {
        match fact {
            Fact::AidGranted(granted) => match aids.iter().find(|aid| aid.id == granted.aid) {
                Some(earlier) => breaches.push(Breach::between(index, earlier.granted).of(&ONCE)),
                None => aids.push(Aid {
                    id: granted.aid,
                    granted: index,
                    left: granted.cents.get(),
                }),
            },
            Fact::AidPaid(paid) => match aids.iter_mut().find(|aid| aid.id == paid.aid) {
                None => breaches.push(Breach::at(index).of(&GRANTED_FIRST)),
                Some(aid) => match aid.left.checked_sub(paid.cents.get()) {
                    Some(left) => aid.left = left,
                    None => breaches.push(Breach::between(index, aid.granted).of(&WITHIN)),
                },
            },
            _ => {}
        }
    }
    breaches
}
