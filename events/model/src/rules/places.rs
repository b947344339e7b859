//! Which place of a session a parcours holds (R18).
//!
//! A place is held from an admission to a session until a withdrawal, a refusal, an admission elsewhere, or the exit.

use crate::history::History;
use crate::streams::{Fact, parcours};
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
