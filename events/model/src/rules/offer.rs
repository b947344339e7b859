//! An offer is published, revised, withdrawn (R15, R18).

use super::{Breach, Rule};
use crate::streams::{Fact, offer};

pub(super) const PUBLISHED_FIRST: Rule = Rule {
    code: "published-first",
    english: "An offer is published once, before anything else; what changes is a revision",
    french: "Une offre est publiée une seule fois, avant toute autre chose ; ce qui change est une révision",
    check: |facts| {
        let published = |fact: &Fact| matches!(fact, Fact::Offer(offer::Fact::Published(_)));
        match facts
            .iter()
            .enumerate()
            .find(|(index, fact)| (*index == 0) != published(fact.fact))
        {
            None => Ok(()),
            Some((0, _)) => Err(Breach::at(0)),
            Some((again, _)) => Err(Breach::between(again, 0)),
        }
    },
};

pub(super) const NOTHING_AFTER_WITHDRAWAL: Rule = Rule {
    code: "offer-withdrawn",
    english: "An offer is withdrawn once, and nothing comes after; one that comes back is a new offer",
    french: "Une offre est retirée une seule fois, et rien ne suit ; une offre qui revient est une nouvelle offre",
    check: |facts| {
        let withdrawn = facts
            .iter()
            .position(|fact| matches!(fact.fact, Fact::Offer(offer::Fact::Withdrawn(_))));
        match withdrawn {
            Some(withdrawn) if withdrawn + 1 < facts.len() => Err(Breach::between(withdrawn + 1, withdrawn)),
            _ => Ok(()),
        }
    },
};
