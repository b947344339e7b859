//! Which places of sessions a parcours holds, and what an event changes in that (R18).
//!
//! A place is held from an admission to a session until a withdrawal, a refusal, an admission elsewhere, or the exit.
//! Whatever moves that in time (an admission, a late fact, a correction, an annulment) is written to the session as
//! places taken and released, in the same atomic append, so that a session's own history always tells its places.

use crate::event::{Event, EventKey};
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, parcours, session};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Places taken (+1) and released (−1), by session and instant.
pub(super) type Steps = BTreeMap<(Uuid, DateTime<Utc>), i32>;

/// The session whose place a parcours holds now, if any.
pub fn held(history: &History) -> Option<Uuid> {
    held_after(history.effective().map(|fact| fact.fact))
}

/// The session whose place is held after these facts, which stand in effective order: a parcours' first ones.
pub fn held_after<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<Uuid> {
    facts.fold(None, after)
}

/// Whether the log itself states this fact, in one append with the event that causes it.
pub fn is_consequence(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Session(session::Fact::PlaceTaken(_) | session::Fact::PlaceReleased(_))
    )
}

/// The `source` of what the log states itself on behalf of a sender. No event that is sent can have it, so that nobody
/// takes the names of such facts before the log does.
pub fn source_of_consequences(source: &str) -> String {
    format!("{source}#places")
}

fn after(holding: Option<Uuid>, fact: &Fact) -> Option<Uuid> {
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

/// The steps of a whole history.
pub(super) fn steps(history: &History) -> Steps {
    let mut steps = Steps::new();
    let mut holding = None;
    for fact in history.effective() {
        let now = after(holding, fact.fact);
        if now != holding {
            for (session, change) in [(holding, -1), (now, 1)] {
                if let Some(session) = session {
                    *steps.entry((session, fact.time)).or_default() += change;
                }
            }
            holding = now;
        }
    }
    steps
}

/// The events that `cause` writes to sessions: the steps of the history after it, less those of the one before it.
pub(super) fn consequences(before: Steps, after: &Steps, cause: &Event) -> Vec<Event> {
    let mut difference = after.clone();
    for (step, change) in before {
        *difference.entry(step).or_default() -= change;
    }
    let place = || session::Place {
        parcours: cause.stream.uuid,
    };
    let mut events = Vec::new();
    for ((session, time), change) in difference {
        let fact = if change > 0 {
            session::Fact::PlaceTaken(place())
        } else {
            session::Fact::PlaceReleased(place())
        };
        for _ in 0..change.unsigned_abs() {
            // Named after its cause, so that it is the same event each time the cause is the same.
            let id = format!("{}#{}", cause.key.id, events.len() + 1);
            events.push(Event {
                key: EventKey::new(source_of_consequences(&cause.key.source), id),
                stream: StreamId::new(StreamKind::Session, session),
                time,
                fact: fact.clone().into(),
            });
        }
    }
    events
}

/// Whether an event can move a place at all; most do not, and need no comparison.
pub(super) fn matters(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Parcours(
            parcours::Fact::Admitted(_)
                | parcours::Fact::Withdrawn(_)
                | parcours::Fact::Declined(_)
                | parcours::Fact::Exited(_)
                | parcours::Fact::Corrected(_)
                | parcours::Fact::Annulled(_)
        )
    )
}
