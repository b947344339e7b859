//! Which place of a session a parcours holds, and for which it waits (R18).
//!
//! A place is held from an admission to a session until a withdrawal, a refusal, an admission elsewhere, or the exit. Whoever
//! has a place waits for no other.

use crate::history::{Effective, History};
use crate::streams::{Fact, parcours};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

/// The session whose place a parcours holds now, if any.
pub fn held(history: &History) -> Option<Uuid> {
    held_after(history.effective().map(|fact| fact.fact))
}

/// The session whose place is held after these facts, which stand in effective order: a parcours' first ones.
pub fn held_after<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<Uuid> {
    facts.fold(None, after)
}

/// The same after a fact of whatever stream.
pub(super) fn after(holding: Option<Uuid>, fact: &Fact) -> Option<Uuid> {
    match fact {
        Fact::Parcours(fact) => holding_after(holding, fact),
        _ => holding,
    }
}

/// The session whose place is held after a fact, given the one held before it.
pub(super) fn holding_after(holding: Option<Uuid>, fact: &parcours::Fact) -> Option<Uuid> {
    match fact {
        parcours::Fact::Admitted(admitted) => admitted.session,
        parcours::Fact::Withdrawn(placement) | parcours::Fact::Declined(placement) => {
            holding.filter(|held| placement.session.is_some_and(|named| named != *held))
        }
        parcours::Fact::Exited(_) => None,
        _ => holding,
    }
}

/// A wait for a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// In which session.
    pub session: Uuid,
    /// Since when: whoever has waited longest is the first.
    pub since: DateTime<Utc>,
    /// The last day of the offer of a place that was made meanwhile.
    pub offered: Option<NaiveDate>,
}

/// What is waited for after a fact of a parcours, given what was before it. Waiting again, after an offer, begins anew.
pub fn wait(waits: &mut Vec<Wait>, fact: &Effective<'_>) {
    let Fact::Parcours(told) = fact.fact else { return };
    let of = |session: Uuid| move |wait: &Wait| wait.session == session;
    match told {
        parcours::Fact::Waitlisted(parcours::Placement {
            session: Some(session),
            ..
        }) => {
            waits.retain(|wait| wait.session != *session || wait.offered.is_none());
            if !waits.iter().any(of(*session)) {
                waits.push(Wait {
                    session: *session,
                    since: fact.time,
                    offered: None,
                });
            }
        }
        parcours::Fact::PlaceOffered(offered) => {
            let mut waits = waits.iter_mut();
            if let Some(wait) = waits.find(|wait| wait.session == offered.session) {
                wait.offered = Some(offered.until);
            }
        }
        parcours::Fact::Declined(placement) | parcours::Fact::Withdrawn(placement) => match placement.session
        {
            Some(session) => waits.retain(|wait| wait.session != session),
            None => waits.clear(),
        },
        parcours::Fact::Admitted(_) | parcours::Fact::Exited(_) => waits.clear(),
        _ => {}
    }
}
