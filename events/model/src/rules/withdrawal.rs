//! Whoever is in training leaves by an exit (R14, R18).

use super::places::holding_after;
use super::{Breach, Rule, journey};
use crate::history::Effective;
use crate::streams::parcours::{Fact, Placement};
use uuid::Uuid;

pub(super) const WITHDRAWN_BEFORE_START: Rule = Rule {
    code: "withdrawn-before-start",
    english: "A place is given up or refused before the training starts; to leave the place one is in training on is an exit",
    french: "On renonce à une place, ou elle est refusée, avant le démarrage de la formation ; quitter la place sur laquelle on se forme est une sortie",
    check,
};

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut started, mut holding) = (Vec::new(), None, None);
    for (index, fact) in journey(facts) {
        match fact {
            Fact::Started(_) => started = Some(index),
            Fact::Exited(_) => started = None,
            Fact::Withdrawn(placement) | Fact::Declined(placement) => {
                if let Some(start) = started.filter(|_| is_of(placement, holding)) {
                    breaches.push(Breach::between(index, start));
                }
            }
            _ => {}
        }
        holding = holding_after(holding, fact);
    }
    breaches
}

/// Whether it is the place held, or the programme as a whole, that is given up.
fn is_of(placement: &Placement, holding: Option<Uuid>) -> bool {
    placement.session.is_none_or(|named| holding == Some(named))
}
