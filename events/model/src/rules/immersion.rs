//! Immersions: agreed, started, ended, one at a time, away from the operator (R7).

use super::{Breach, Clause, Rule, journey};
use crate::calendar;
use crate::codes::Siret;
use crate::history::Effective;
use crate::streams::parcours::{Fact, ImmersionAgreed, ImmersionKind};
use uuid::Uuid;

pub(super) const IMMERSION_IN_ORDER: Rule = Rule {
    code: "immersion-in-order",
    english: "An immersion is agreed, then started, then ended once; no two are under way on the same day; the host is not the trainee's own operator, except for a platform",
    french: "Une immersion est convenue, puis démarrée, puis terminée une seule fois ; jamais deux le même jour ; l'accueil n'est pas l'organisme du stagiaire, sauf pour un plateau technique",
    check,
};

const IN_ORDER: Clause = [
    "An immersion is agreed, then started, then ended once",
    "Une immersion est convenue, puis démarrée, puis terminée une seule fois",
];
const ONE_AT_A_TIME: Clause = [
    "No two immersions are under way on the same day",
    "Deux immersions n'ont jamais lieu le même jour",
];
const ELSEWHERE: Clause = [
    "The host of an immersion is not the trainee's own operator, except for a platform",
    "L'accueil d'une immersion n'est pas l'organisme du stagiaire, sauf pour un plateau technique",
];

/// How far an immersion has come; indexes of the facts that brought it there.
#[derive(Clone, Copy)]
struct Immersion {
    id: Uuid,
    agreed: usize,
    started: Option<usize>,
    ended: Option<usize>,
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut operator, mut immersions) = (Vec::new(), None, Vec::new());
    for (index, fact) in journey(facts) {
        let step = match fact {
            Fact::Admitted(admitted) => {
                operator = Some((index, admitted.operator));
                Ok(())
            }
            Fact::ImmersionAgreed(agreed) => agree(&mut immersions, operator, agreed, index),
            Fact::ImmersionStarted(started) => start(facts, &mut immersions, started.immersion, index),
            Fact::ImmersionCompleted(completed) => end(&mut immersions, completed.immersion, index),
            Fact::ImmersionBrokenOff(broken) => end(&mut immersions, broken.immersion, index),
            _ => Ok(()),
        };
        breaches.extend(step.err());
    }
    breaches
}

/// `operator` is the trainee's own, with the fact that says so.
fn agree(
    immersions: &mut Vec<Immersion>,
    operator: Option<(usize, Siret)>,
    agreed: &ImmersionAgreed,
    index: usize,
) -> Result<(), Breach> {
    if let Some(earlier) = immersions.iter().find(|one| one.id == agreed.immersion) {
        return Err(Breach::between(index, earlier.agreed).of(&IN_ORDER));
    }
    immersions.push(Immersion {
        id: agreed.immersion,
        agreed: index,
        started: None,
        ended: None,
    });
    match operator {
        Some((admission, own)) if own == agreed.host && agreed.kind != ImmersionKind::Platform => {
            Err(Breach::between(index, admission).of(&ELSEWHERE))
        }
        _ => Ok(()),
    }
}

/// Both the first and the last day of an immersion belong to it.
fn start(
    facts: &[Effective<'_>],
    immersions: &mut [Immersion],
    id: Uuid,
    index: usize,
) -> Result<(), Breach> {
    let day = calendar::day(facts[index].time);
    let under_way = immersions
        .iter()
        .filter(|other| other.id != id)
        .find_map(|other| {
            let started = other.started?;
            match other.ended {
                None => Some(started),
                Some(ended) => (calendar::day(facts[ended].time) >= day).then_some(ended),
            }
        });
    let immersion = immersions
        .iter_mut()
        .find(|immersion| immersion.id == id)
        .ok_or(Breach::at(index).of(&IN_ORDER))?;
    if let Some(earlier) = immersion.started {
        return Err(Breach::between(index, earlier).of(&IN_ORDER));
    }
    if let Some(other) = under_way {
        return Err(Breach::between(index, other).of(&ONE_AT_A_TIME));
    }
    immersion.started = Some(index);
    Ok(())
}

fn end(immersions: &mut [Immersion], id: Uuid, index: usize) -> Result<(), Breach> {
    let immersion = immersions
        .iter_mut()
        .find(|immersion| immersion.id == id)
        .ok_or(Breach::at(index).of(&IN_ORDER))?;
    match (immersion.started, immersion.ended) {
        (None, _) => Err(Breach::between(index, immersion.agreed).of(&IN_ORDER)),
        (Some(_), Some(earlier)) => Err(Breach::between(index, earlier).of(&IN_ORDER)),
        (Some(_), None) => {
            immersion.ended = Some(index);
            Ok(())
        }
    }
}
