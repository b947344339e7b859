//! Nobody is admitted who was not found eligible (R2), nobody waits where they have a place, and a place is offered to whoever
//! waits for it (R18).

use super::places::holding_after;
use super::{Breach, Clause, Rule, journey};
use crate::calendar;
use crate::history::Effective;
use crate::streams::parcours::Fact;
use std::collections::BTreeSet;

pub(super) const ELIGIBILITY_BEFORE_ADMISSION: Rule = Rule {
    code: "eligibility-before-admission",
    english: "An admission comes after a check that found the person eligible, and no later check said otherwise",
    french: "Une admission suit une vérification qui a reconnu la personne éligible, sans vérification contraire depuis",
    check,
};

pub(super) const WAITS_ELSEWHERE: Rule = Rule {
    code: "waits-elsewhere",
    english: "Nobody waits for a place in a session in which they hold one",
    french: "Personne n'attend de place dans une session où elle en occupe une",
    check: waits,
};

pub(super) const OFFERED_TO_WHO_WAITS: Rule = Rule {
    code: "offered-to-who-waits",
    english: "A place is offered to somebody who had asked to wait for one in that session, until a day that is not over",
    french: "Une place est proposée à une personne qui avait demandé à en attendre une dans cette session, jusqu'à un jour qui n'est pas passé",
    check: offers,
};

const NOT_WAITING: Clause = [
    "A place is offered to somebody who had asked to wait for one in that session",
    "Une place est proposée à une personne qui avait demandé à en attendre une dans cette session",
];
const OVER: Clause = [
    "A place is offered until a day that is not over",
    "Une place est proposée jusqu'à un jour qui n'est pas passé",
];

/// Whoever was taken in elsewhere meanwhile, or gave up, may have been offered a place all the same: that is told late, and is
/// true.
fn offers(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut asked) = (Vec::new(), BTreeSet::new());
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Waitlisted(wait) => asked.extend(wait.session),
            Fact::PlaceOffered(offered) => {
                let clause = match () {
                    () if !asked.contains(&offered.session) => Some(&NOT_WAITING),
                    () if offered.until < calendar::day(facts[index].time) => Some(&OVER),
                    () => None,
                };
                breaches.extend(clause.map(|clause| Breach::at(index).of(clause)));
            }
            _ => {}
        }
    }
    breaches
}

fn waits(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut holding, mut admitted) = (Vec::new(), None, 0);
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Waitlisted(wait) if wait.session.is_some() && wait.session == holding => {
                breaches.push(Breach::between(index, admitted));
            }
            Fact::Admitted(_) => admitted = index,
            _ => {}
        }
        holding = holding_after(holding, fact);
    }
    breaches
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut last) = (Vec::new(), None);
    for (index, fact) in journey(facts) {
        match (fact, last) {
            (Fact::EligibilityChecked(checked), _) => last = Some((index, checked.eligible)),
            (Fact::Admitted(_), None) => breaches.push(Breach::at(index)),
            (Fact::Admitted(_), Some((refused, false))) => breaches.push(Breach::between(index, refused)),
            _ => {}
        }
    }
    breaches
}
