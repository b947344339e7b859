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
type Steps = BTreeMap<(Uuid, DateTime<Utc>), i32>;

/// The session whose place a parcours holds now, if any.
pub fn held(history: &History) -> Option<Uuid> {
    let mut holding = None;
    for fact in history.effective() {
        holding = after(holding, fact.fact);
    }
    holding
}

/// Whether the log itself states this fact, in one append with the event that causes it.
pub fn is_consequence(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Session(session::Fact::PlaceTaken(_) | session::Fact::PlaceReleased(_))
    )
}

fn after(holding: Option<Uuid>, fact: &Fact) -> Option<Uuid> {
    let Fact::Parcours(fact) = fact else {
        return holding;
    };
    match fact {
        parcours::Fact::Admitted(admitted) => admitted.session,
        parcours::Fact::Withdrawn(placement) | parcours::Fact::Declined(placement) => {
            holding.filter(|held| placement.session.is_some_and(|named| named != *held))
        }
        parcours::Fact::Exited(_) => None,
        _ => holding,
    }
}

fn steps(history: &History) -> Steps {
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

/// The events that `cause` writes to sessions: what the history after it holds and the one before it did not.
pub(super) fn consequences(before: &History, after: &History, cause: &Event) -> Vec<Event> {
    if !matters(&cause.fact) {
        return Vec::new();
    }
    let mut difference = steps(after);
    for (step, change) in steps(before) {
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
                key: EventKey {
                    source: cause.key.source.clone(),
                    id: id.into(),
                },
                stream: StreamId::new(StreamKind::Session, session),
                time,
                fact: fact.clone().into(),
            });
        }
    }
    events
}

/// Whether an event can move a place at all; most do not, and need no comparison.
fn matters(fact: &Fact) -> bool {
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
