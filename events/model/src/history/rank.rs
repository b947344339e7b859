//! The order of facts that share an instant.
//!
//! Facts known only by their day carry its midnight. Their order follows from the facts of that instant alone, as a
//! person reads a day's entries: by the type's place in the journey, save that
//! - a wait, and then the offer of a place, come before an admission;
//! - a withdrawal or refusal comes before an admission to another session, and after one to the session it names;
//! - a resumption comes before the day's work (a suspension comes after it by its own place).
//!
//! What is left is ordered by id, then by source. The order of arrival plays no part.

use crate::streams::Fact;
use crate::streams::parcours::{self, Admitted, Placement, Step};

/// Ranks a type's place takes up: room for what comes just before it.
const STEP: u16 = 4;

/// The place of a fact among the facts of its instant, which `instant` lists. Smaller comes first.
pub(super) fn of<'a, I>(fact: &Fact, instant: impl Fn() -> I) -> u16
where
    I: Iterator<Item = &'a Fact>,
{
    let own = STEP * u16::from(fact.place());
    let before = |place: Step, by: u16| STEP * u16::from(place as u8) - by;
    match fact {
        Fact::Parcours(parcours::Fact::Waitlisted(_)) => before(Step::Admitted, 3),
        Fact::Parcours(parcours::Fact::PlaceOffered(_)) => before(Step::Admitted, 2),
        Fact::Parcours(parcours::Fact::Withdrawn(placement) | parcours::Fact::Declined(placement))
            if gives_up_another(placement, instant()) =>
        {
            before(Step::Admitted, 1)
        }
        // A plan belongs to the day's work, and stands before the start.
        Fact::Parcours(parcours::Fact::Resumed(_)) => before(Step::PlanAgreed, 1),
        _ => own,
    }
}

/// Whether the rank of other facts of the instant depends on whether this one is among them.
pub(super) fn bears_on_others(fact: &Fact) -> bool {
    matches!(fact, Fact::Parcours(parcours::Fact::Admitted(_)))
}

/// Whether a place is given up that no admission of the instant is for.
fn gives_up_another<'a>(placement: &Placement, mut instant: impl Iterator<Item = &'a Fact>) -> bool {
    let Some(named) = placement.session else {
        return false;
    };
    !instant.any(|fact| {
        matches!(fact, Fact::Parcours(parcours::Fact::Admitted(Admitted { session: Some(session), .. })) if *session == named)
    })
}
