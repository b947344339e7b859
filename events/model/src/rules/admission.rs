//! Nobody is admitted who was not found eligible (R2), and nobody waits where they have a place (R18).

use super::places::holding_after;
use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

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
