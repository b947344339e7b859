//! Outcomes belong to a parcours which has started; they may come before its exit (R20, R23).

use super::{Breach, Rule, before, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;
use uuid::Uuid;

pub(super) const OUTCOME_AFTER_START: Rule = Rule {
    code: "outcome-after-start",
    english: "An employment or a business is dated after the start of the parcours; an employment starts once and ends once, after it started",
    french: "Un emploi ou une entreprise est daté après le démarrage du parcours ; un emploi débute une fois et se termine une fois, après son début",
    check,
};

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let mut breaches = before(
        facts,
        |fact| matches!(fact, Fact::Started(_)),
        |fact| matches!(fact, Fact::EmploymentStarted(_) | Fact::BusinessCreated(_)),
    );
    // Each employment with the fact that stands last, and whether it has ended.
    let mut employments: Vec<(Uuid, usize, bool)> = Vec::new();
    for (index, fact) in journey(facts) {
        match fact {
            Fact::EmploymentStarted(started) => {
                match employments.iter().find(|(id, ..)| *id == started.employment) {
                    Some((_, earlier, _)) => breaches.push(Breach::between(index, *earlier)),
                    None => employments.push((started.employment, index, false)),
                }
            }
            Fact::EmploymentEnded(end) => {
                match employments.iter_mut().find(|(id, ..)| *id == end.employment) {
                    None => breaches.push(Breach::at(index)),
                    Some((_, last, true)) => breaches.push(Breach::between(index, *last)),
                    Some((_, last, ended)) => (*last, *ended) = (index, true),
                }
            }
            _ => {}
        }
    }
    breaches
}
