//! A community of trainees, its members and what they are asked (R21).
//!
//! These are the rules as they are meant, over a whole history. Decisions are made by
//! [`Membership`](super::membership::Membership), which says the same at a cost that does not grow with the community; a
//! property test holds the two together.

use super::{Breach, Clause, Rule, begins_with, beyond_one_history};
use crate::history::{Effective, History};
use crate::streams::parcours::{self, Purpose};
use crate::streams::{Fact, community};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use uuid::Uuid;

pub(super) const CREATED_FIRST: Rule = Rule {
    code: "created-first",
    english: "A community is created once, before anything else",
    french: "Une communauté est créée une seule fois, avant toute autre chose",
    check: |facts| begins_with(facts, is_creation, &BEFORE, &ONCE),
};

pub(super) const BEFORE: Clause = [
    "A community is created before anything else happens to it",
    "Une communauté est créée avant que rien d'autre ne lui arrive",
];
pub(super) const ONCE: Clause = [
    "A community is created once",
    "Une communauté est créée une seule fois",
];

pub(super) const MEMBERS_IN_ORDER: Rule = Rule {
    code: "members-in-order",
    english: "Who is no member joins; who is one leaves, or answers once each question that was asked",
    french: "Qui n'est pas membre rejoint la communauté ; qui l'est la quitte, ou répond une fois à chaque question posée",
    check: members,
};

pub(super) const JOINED_ALREADY: Clause = [
    "Who joins a community is no member of it",
    "Qui rejoint une communauté n'en est pas membre",
];
pub(super) const NO_MEMBER: Clause = [
    "Who leaves a community, or answers in it, is a member of it",
    "Qui quitte une communauté, ou y répond, en est membre",
];
pub(super) const NOT_ASKED: Clause = [
    "An answer comes after a question",
    "Une réponse vient après une question",
];
pub(super) const ANSWERED_ALREADY: Clause = [
    "A member answers each question once",
    "Un membre répond une seule fois à chaque question",
];

pub(super) const CONSENT_BEFORE_COMMUNITY: Rule = Rule {
    code: "consent-before-community",
    english: "A community is joined while the person's consent to it stands",
    french: "On rejoint une communauté tant que le consentement de la personne tient",
    check: beyond_one_history,
};

/// Who joins, where a fact says so.
pub(super) fn joins(fact: &Fact) -> Option<Uuid> {
    deed(fact)
        .filter(|(_, deed)| *deed == Deed::Joined)
        .map(|(member, _)| member)
}

/// Whether a person's consent to communities stands at an instant.
pub(super) fn consents(parcours: &History, at: DateTime<Utc>) -> bool {
    let told = parcours.effective().take_while(|fact| fact.time <= at);
    let of_communities = told.filter_map(|fact| match fact.fact {
        Fact::Parcours(parcours::Fact::ConsentGiven(consent)) => Some((consent.purpose, true)),
        Fact::Parcours(parcours::Fact::ConsentWithdrawn(consent)) => Some((consent.purpose, false)),
        _ => None,
    });
    let last = of_communities
        .filter(|(purpose, _)| *purpose == Purpose::Community)
        .last();
    last.is_some_and(|(_, given)| given)
}

/// What a member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Joined,
    Left,
    Answered,
}

/// Who does what, where a fact says so.
pub(super) fn deed(fact: &Fact) -> Option<(Uuid, Deed)> {
    let Fact::Community(fact) = fact else { return None };
    match fact {
        community::Fact::Joined(member) => Some((member.parcours, Deed::Joined)),
        community::Fact::Left(member) => Some((member.parcours, Deed::Left)),
        community::Fact::Answered(answered) => Some((answered.parcours, Deed::Answered)),
        community::Fact::Created(_) | community::Fact::Called(_) => None,
    }
}

pub(super) fn is_creation(fact: &Fact) -> bool {
    matches!(fact, Fact::Community(community::Fact::Created(_)))
}

pub(super) fn is_call(fact: &Fact) -> bool {
    matches!(fact, Fact::Community(community::Fact::Called(_)))
}

/// Where one member stands, on the way through what the member did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standing<Q> {
    member: bool,
    /// The question answered last.
    answered: Option<Q>,
}

impl<Q> Default for Standing<Q> {
    fn default() -> Self {
        Self {
            member: false,
            answered: None,
        }
    }
}

impl<Q: PartialEq> Standing<Q> {
    /// Goes on by a deed done after the question `asked`; says what is broken, if anything is, as if it stood all the same.
    pub fn go_on(&mut self, deed: Deed, asked: Option<Q>) -> Option<&'static Clause> {
        match deed {
            Deed::Joined if self.member => Some(&JOINED_ALREADY),
            Deed::Left | Deed::Answered if !self.member => Some(&NO_MEMBER),
            Deed::Joined | Deed::Left => {
                self.member = deed == Deed::Joined;
                None
            }
            Deed::Answered if asked.is_none() => Some(&NOT_ASKED),
            Deed::Answered if asked == self.answered => Some(&ANSWERED_ALREADY),
            Deed::Answered => {
                self.answered = asked;
                None
            }
        }
    }
}

fn members(facts: &[Effective<'_>]) -> Vec<Breach> {
    let (mut breaches, mut asked) = (Vec::new(), None);
    let mut standing: HashMap<Uuid, Standing<usize>> = HashMap::new();
    for (index, fact) in facts.iter().enumerate() {
        if is_call(fact.fact) {
            asked = Some(index);
        } else if let Some((member, deed)) = deed(fact.fact) {
            let broken = standing.entry(member).or_default().go_on(deed, asked);
            breaches.extend(broken.map(|clause| Breach::at(index).of(clause)));
        }
    }
    breaches
}
