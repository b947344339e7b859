//! A parcours ends once, and little follows its end (R14).

use super::{Breach, Clause, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::Fact;

pub(super) const EXIT_ONCE: Rule = Rule {
    code: "exit-once",
    english: "A parcours which started is exited once; after that the person holds and waits for no place, and what follows are results of certifications, outcomes, follow-ups, reviews, consents, the profile, payments and partner reports",
    french: "Un parcours démarré se termine une seule fois ; ensuite la personne n'occupe ni n'attend de place, et seuls suivent les résultats de certification, l'insertion, le suivi, l'évaluation, les consentements, le profil, les paiements et les signalements de partenaires",
    check,
};

const STARTED: Clause = [
    "A parcours is exited after it started",
    "Un parcours se termine après avoir démarré",
];
const ONCE: Clause = [
    "A parcours is exited once",
    "Un parcours se termine une seule fois",
];
const OVER: Clause = [
    "After the exit the person holds and waits for no place, and what follows are results of certifications, outcomes, follow-ups, reviews, consents, the profile, payments and partner reports",
    "Après la sortie la personne n'occupe ni n'attend de place, et seuls suivent les résultats de certification, l'insertion, le suivi, l'évaluation, les consentements, le profil, les paiements et les signalements de partenaires",
];

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut started, mut exited) = (Vec::new(), false, None);
    for (index, fact) in journey(facts) {
        match (fact, exited) {
            (Fact::Exited(_), None) => {
                if !started {
                    let late = journey(facts).find(|(_, fact)| matches!(fact, Fact::Started(_)));
                    breaches.push(Breach::with(index, late.map(|(late, _)| late)).of(&STARTED));
                }
                exited = Some(index);
            }
            (fact, Some(exit)) if !may_follow(fact) => {
                let clause = match fact {
                    Fact::Exited(_) => &ONCE,
                    _ => &OVER,
                };
                breaches.push(Breach::between(index, exit).of(clause));
            }
            (Fact::Started(_), _) => started = true,
            _ => {}
        }
    }
    breaches
}

/// Whether a fact may follow the exit, or whether it may is for `in-training` to say.
fn may_follow(fact: &Fact) -> bool {
    !matches!(
        fact,
        Fact::EligibilityChecked(_)
            | Fact::Admitted(_)
            | Fact::Waitlisted(_)
            | Fact::PlaceOffered(_)
            | Fact::Declined(_)
            | Fact::Withdrawn(_)
            | Fact::CommitmentSigned(_)
            | Fact::ReferentNamed(_)
            | Fact::Started(_)
            | Fact::ObstacleLifted(_)
            | Fact::ProjectStated(_)
            | Fact::ProjectConfirmed(_)
            | Fact::SkillAcquired(_)
            | Fact::Exited(_)
    )
}
