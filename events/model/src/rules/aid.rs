//! Aids are paid within what was granted (R13).
//!
//! That all grants of a year stay within its envelope is checked with the stream `envelope/<year>`, once it exists.

use super::{Breach, Rule, journey};
use crate::codes::Cents;
use crate::history::Effective;
use crate::streams::parcours::Fact;
use uuid::Uuid;

pub(super) const AID_WITHIN_ENVELOPE: Rule = Rule {
    code: "aid-within-envelope",
    english: "An aid is granted once, and what is paid of it never exceeds what was granted",
    french: "Une aide est accordée une seule fois, et ce qui en est versé ne dépasse jamais ce qui a été accordé",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut aids: Vec<(Uuid, usize, u64)> = Vec::new();
    for (index, fact) in journey(facts) {
        match fact {
            Fact::AidGranted(granted) => {
                if let Some((_, earlier, _)) = aids.iter().find(|(aid, ..)| *aid == granted.aid) {
                    return Err(Breach::between(index, *earlier));
                }
                aids.push((granted.aid, index, amount(granted.cents)));
            }
            Fact::AidPaid(paid) => {
                let (_, granted, left) = aids
                    .iter_mut()
                    .find(|(aid, ..)| *aid == paid.aid)
                    .ok_or(Breach::at(index))?;
                *left = left
                    .checked_sub(amount(paid.cents))
                    .ok_or(Breach::between(index, *granted))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn amount(cents: Cents) -> u64 {
    cents.get()
}
