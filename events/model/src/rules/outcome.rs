//! Outcomes belong to a parcours which has started; they may come before its exit (R20, R23).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;
use uuid::Uuid;

pub(super) const OUTCOME_AFTER_START: Rule = Rule {
    code: "outcome-after-start",
    english: "An employment or a business is dated after the start of the parcours; an employment starts once and ends once, after it started",
    french: "Un emploi ou une entreprise est daté après le démarrage du parcours ; un emploi débute une fois et se termine une fois, après son début",
    check,
};

fn check(facts: &[Effective<'_>]) -> Result<(), Breach> {
    let mut started = false;
    let mut employments: Vec<(Uuid, usize, bool)> = Vec::new();
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Started(_) => started = true,
            Fact::EmploymentStarted(_) | Fact::BusinessCreated(_) if !started => {
                let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::Started(_)));
                return Err(Breach {
                    fact: index,
                    with: late.map(|(late, _)| late),
                });
            }
            Fact::EmploymentStarted(employment) => {
                if let Some((_, earlier, _)) =
                    employments.iter().find(|(id, ..)| *id == employment.employment)
                {
                    return Err(Breach::between(index, *earlier));
                }
                employments.push((employment.employment, index, false));
            }
            Fact::EmploymentEnded(end) => match employments.iter_mut().find(|(id, ..)| *id == end.employment)
            {
                None => return Err(Breach::at(index)),
                Some((_, last, true)) => return Err(Breach::between(index, *last)),
                Some((_, last, ended)) => (*last, *ended) = (index, true),
            },
            _ => {}
        }
    }
    Ok(())
}
