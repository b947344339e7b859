//! The decision on one event.

use super::{Refusal, check, clock, erasure, places, session};
use crate::envelope::{Record, Submission};
use crate::event::Event;
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::StreamKind;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// What is known of streams at the moment of a decision.
pub trait Histories {
    /// The history of a stream (an empty one if nothing has happened to it), or `None` if it is not loaded.
    fn history(&self, stream: StreamId) -> Option<&History>;
}

/// A decision that is not a refusal.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The event's consequences on other streams: to be appended together with it and after it, in this order, or not
    /// at all.
    Admitted(Vec<Submission>),
    /// The decision needs the history of this stream too: load it and ask again.
    Needs(StreamId),
}

/// Decides whether an event may be recorded, given what has happened. Pure: the clock is an argument.
///
/// That the event is new (its source and id are unknown to the log) is the log's to know.
/// Complexity: linear in the length of the streams the event touches.
pub fn admit(event: &Event, known: &dyn Histories, now: DateTime<Utc>) -> Result<Verdict, Refusal> {
    let Some(before) = known.history(event.stream) else {
        return Ok(Verdict::Needs(event.stream));
    };
    clock::check(event, now)?;
    written_by_a_sender(event)?;
    let after = obeyed(before, std::slice::from_ref(event), now)?;
    if event.stream.kind == StreamKind::Parcours
        && let Some(trainee) = erasure::trainee_of(&after)
    {
        let Some(trainee) = known.history(trainee) else {
            return Ok(Verdict::Needs(trainee));
        };
        erasure::check(trainee, event)?;
    }
    let consequences = places::consequences(before, &after, event);
    let mut by_stream: BTreeMap<StreamId, Vec<Event>> = BTreeMap::new();
    for consequence in &consequences {
        by_stream
            .entry(consequence.stream)
            .or_default()
            .push(consequence.clone());
    }
    for (stream, events) in by_stream {
        let Some(history) = known.history(stream) else {
            return Ok(Verdict::Needs(stream));
        };
        if history.is_empty() {
            return Err(Refusal::by(&session::PLACE_AVAILABLE)
                .because(
                    &format!("There is no {stream}."),
                    &format!("Il n'y a pas de {stream}."),
                )
                .field("data.session"));
        }
        obeyed(history, &events, now)?;
    }
    Ok(Verdict::Admitted(
        consequences.into_iter().map(Submission::new).collect(),
    ))
}

/// The history with `events` added, if it obeys every rule.
fn obeyed(history: &History, events: &[Event], now: DateTime<Utc>) -> Result<History, Refusal> {
    let mut after = history.clone();
    for event in events {
        // Position and revision are the log's to give; no rule looks at them.
        let record = Record {
            position: u64::MAX,
            revision: after.revision() + 1,
            recorded: now,
            actor: "".into(),
            event: event.clone(),
        };
        after.push(record)?;
    }
    check(&after).map_err(|(rule, breach)| Refusal::of(&after, &events[0].key, rule, breach))?;
    Ok(after)
}

fn written_by_a_sender(event: &Event) -> Result<(), Refusal> {
    if places::is_consequence(&event.fact) {
        return Err(Refusal::by(&session::PLACE_BY_ADMISSION).field("type"));
    }
    Ok(())
}
