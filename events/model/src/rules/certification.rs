//! Certifications: registered, then obtained or failed (R23).

use super::{Breach, Clause, Rule, journey};
use crate::codes::Certification as Code;
use crate::history::Effective;
use crate::streams::parcours::{Certification, Fact, Scope};

pub(super) const CERTIFICATION_IN_ORDER: Rule = Rule {
    code: "certification-in-order",
    english: "A certification is obtained or failed after a registration for it, once a registration; blocks may be obtained under a registration for the whole; what is obtained is not registered for again",
    french: "Une certification est obtenue ou échouée après une inscription, une fois par inscription ; des blocs peuvent être obtenus sous une inscription au tout ; ce qui est obtenu ne se représente pas",
    check,
};

const NOT_AGAIN: Clause = [
    "What is registered for, or obtained, is not registered for again",
    "Ce à quoi on est inscrit, ou qui est obtenu, ne fait pas l'objet d'une nouvelle inscription",
];
const REGISTERED_FIRST: Clause = [
    "A certification is obtained or failed after a registration for it",
    "Une certification est obtenue ou échouée après une inscription",
];
const ONE_RESULT: Clause = [
    "A certification is obtained or failed once a registration",
    "Une certification est obtenue ou échouée une fois par inscription",
];

/// One thing to be certified: a whole certification, or one block of it.
#[derive(Clone, Copy, PartialEq)]
struct Unit<'a> {
    code: Code,
    block: Option<&'a str>,
}

#[derive(Clone, Copy)]
enum Stage {
    Registered,
    Obtained,
    Failed,
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut stages) = (Vec::new(), Vec::new());
    for (index, fact) in journey(facts) {
        let (certification, stage) = match fact {
            Fact::CertificationRegistered(certification) => (certification, Stage::Registered),
            Fact::CertificationObtained(certification) => (certification, Stage::Obtained),
            Fact::CertificationFailed(certification) => (certification, Stage::Failed),
            _ => continue,
        };
        for unit in units(certification) {
            match step(&stages, unit, stage, index) {
                Ok(()) => stages.push((unit, stage, index)),
                Err(breach) => breaches.push(breach),
            }
        }
    }
    breaches
}

/// Whether a unit may come to this stage, given those that all came to.
fn step(
    stages: &[(Unit<'_>, Stage, usize)],
    unit: Unit<'_>,
    stage: Stage,
    index: usize,
) -> Result<(), Breach> {
    let last = |wanted: Unit<'_>| {
        stages
            .iter()
            .rev()
            .find(|(unit, ..)| *unit == wanted)
            .map(|(_, stage, at)| (*stage, *at))
    };
    // A block stands or falls with its own registration, or else with the registration for the whole.
    let whole = last(Unit { block: None, ..unit }).filter(|_| unit.block.is_some());
    match (stage, last(unit)) {
        (Stage::Registered, Some((Stage::Registered | Stage::Obtained, at))) => {
            Err(Breach::between(index, at).of(&NOT_AGAIN))
        }
        (Stage::Registered, _) | (Stage::Obtained | Stage::Failed, Some((Stage::Registered, _))) => Ok(()),
        (Stage::Obtained | Stage::Failed, own) => match (whole, own) {
            (Some((Stage::Registered | Stage::Failed, _)), None | Some((Stage::Failed, _))) => Ok(()),
            (_, Some((_, at))) => Err(Breach::between(index, at).of(&ONE_RESULT)),
            (_, None) => Err(Breach::at(index).of(&REGISTERED_FIRST)),
        },
    }
}

fn units(certification: &Certification) -> impl Iterator<Item = Unit<'_>> {
    let code = certification.code();
    let whole = (certification.scope == Scope::Full).then_some(Unit { code, block: None });
    whole
        .into_iter()
        .chain(certification.blocks().iter().map(move |block| Unit {
            code,
            block: Some(block),
        }))
}
