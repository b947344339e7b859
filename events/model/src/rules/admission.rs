//! Nobody is admitted who was not found eligible (R2).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const ELIGIBILITY_BEFORE_ADMISSION: Rule = Rule {
    code: "eligibility-before-admission",
    english: "An admission comes after a check that found the person eligible, and no later check said otherwise",
    french: "Une admission suit une vérification qui a reconnu la personne éligible, sans vérification contraire depuis",
    check,
};

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
