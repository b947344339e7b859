//! Companies see the profile of those who agreed, and of nobody else (R19).

use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::{Fact, Purpose};

pub(super) const CONSENT_BEFORE_PROFILE: Rule = Rule {
    code: "consent-before-profile",
    english: "A profile is published while the person's consent to it stands",
    french: "Un profil est publié tant que la personne y consent",
    check,
};

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut consent) = (Vec::new(), Err(None));
    for (index, fact) in journey(facts) {
        match fact {
            Fact::ConsentGiven(given) if given.purpose == Purpose::Profile => consent = Ok(()),
            Fact::ConsentWithdrawn(withdrawn) if withdrawn.purpose == Purpose::Profile => {
                consent = Err(Some(index));
            }
            Fact::ProfilePublished(_) => {
                breaches.extend(consent.err().map(|with| Breach::with(index, with)));
            }
            _ => {}
        }
    }
    breaches
}
