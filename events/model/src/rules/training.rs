//! What belongs to the training happens while it runs (R5 to R7, R9 to R14).

use super::{Breach, Clause, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const IN_TRAINING: Rule = Rule {
    code: "in-training",
    english: "Bilan, plan, modules, discoveries, immersions, attendance and suspension happen between the start and the exit, and not while suspended; only what is suspended resumes",
    french: "Bilan, plan, modules, découvertes, immersions, assiduité et suspension ont lieu entre le démarrage et la sortie, et hors suspension ; seul un parcours suspendu reprend",
    check,
};

const WHILE_IT_RUNS: Clause = [
    "Bilan, plan, modules, discoveries, immersions, attendance and suspension happen between the start and the exit",
    "Bilan, plan, modules, découvertes, immersions, assiduité et suspension ont lieu entre le démarrage et la sortie",
];
const SUSPENDED: Clause = [
    "Nothing of the training happens while it is suspended",
    "Rien de la formation n'a lieu tant qu'elle est suspendue",
];
const RESUMED: Clause = [
    "Only what is suspended resumes",
    "Seul un parcours suspendu reprend",
];

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut started, mut exited, mut suspended) = (Vec::new(), false, None, None);
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Started(_) => started = true,
            Fact::Exited(_) => exited = Some(index),
            Fact::Resumed(_) => {
                let interrupted = suspended.take().is_some();
                if let Some(exit) = exited {
                    breaches.push(Breach::between(index, exit).of(&WHILE_IT_RUNS));
                } else if !interrupted {
                    breaches.push(Breach::at(index).of(&RESUMED));
                }
            }
            _ if belongs(fact) => {
                if let Some(against) = suspended {
                    breaches.push(Breach::between(index, against).of(&SUSPENDED));
                } else if let Some(against) = exited {
                    breaches.push(Breach::between(index, against).of(&WHILE_IT_RUNS));
                } else if !started {
                    let late = journey(facts)
                        .find(|(_, fact)| matches!(fact, Fact::Started(_)))
                        .map(|(late, _)| late);
                    // A plan agreed at the very instant of the start comes before it in the journey's order, and is in time.
                    if late.is_none_or(|late| facts[late].time > facts[index].time) {
                        breaches.push(Breach::with(index, late).of(&WHILE_IT_RUNS));
                    }
                }
                if matches!(fact, Fact::Suspended(_)) {
                    suspended = Some(index);
                }
            }
            _ => {}
        }
    }
    breaches
}

fn belongs(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::PlanAgreed(_)
            | Fact::BilanCompleted(_)
            | Fact::TradeDiscovered(_)
            | Fact::ImmersionAgreed(_)
            | Fact::ImmersionStarted(_)
            | Fact::ImmersionCompleted(_)
            | Fact::ImmersionBrokenOff(_)
            | Fact::ModuleCompleted(_)
            | Fact::AttendanceRecorded(_)
            | Fact::Suspended(_)
    )
}
