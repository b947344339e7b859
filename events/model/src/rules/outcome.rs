//! Outcomes belong to a parcours which has started; they may come before its exit (R20, R23).

use super::{Breach, Clause, Rule, before, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;
use uuid::Uuid;

pub(super) const OUTCOME_AFTER_START: Rule = Rule {
    code: "outcome-after-start",
    english: "An employment or a business is dated after the start of the parcours; an employment starts once and ends once, after it started",
    french: "Un emploi ou une entreprise est daté après le démarrage du parcours ; un emploi débute une fois et se termine une fois, après son début",
    check,
};

const AFTER_START: Clause = [
    "An employment or a business is dated after the start of the parcours",
    "Un emploi ou une entreprise est daté après le démarrage du parcours",
];
const STARTS_ONCE: Clause = ["An employment starts once", "Un emploi débute une fois"];
const ENDS_AFTER: Clause = [
    "An employment ends after it started",
    "Un emploi se termine après son début",
];
const ENDS_ONCE: Clause = ["An employment ends once", "Un emploi se termine une fois"];

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let early = before(
        facts,
        |fact| matches!(fact, Fact::Started(_)),
        |fact| matches!(fact, Fact::EmploymentStarted(_) | Fact::BusinessCreated(_)),
    );
    let mut breaches: Vec<Breach> = early.into_iter().map(|breach| breach.of(&AFTER_START)).collect();
    // Each employment with the fact that stands last, and whether it has ended.
    let mut employments: Vec<(Uuid, usize, bool)> = Vec::new();
    for (index, fact) in journey(facts) {
        match fact {
            Fact::EmploymentStarted(started) => {
                match employments.iter().find(|(id, ..)| *id == started.employment) {
                    Some((_, earlier, _)) => breaches.push(Breach::between(index, *earlier).of(&STARTS_ONCE)),
                    None => employments.push((started.employment, index, false)),
                }
            }
            Fact::EmploymentEnded(end) => {
                match employments.iter_mut().find(|(id, ..)| *id == end.employment) {
                    None => breaches.push(Breach::at(index).of(&ENDS_AFTER)),
                    Some((_, last, true)) => breaches.push(Breach::between(index, *last).of(&ENDS_ONCE)),
                    Some((_, last, ended)) => (*last, *ended) = (index, true),
                }
            }
            _ => {}
        }
    }
    breaches
}
