//! A list of events: each decided on its own, in order, or all of them as one.

use super::choice::Choice;
use super::decision::{Decision, EventResult, Read, Sent, decide_each};
use super::together::decide_together;
use crate::state::ApiState;
use axum::Json;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::Words;
use parcours_model::faults::{self, Fault};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Decides on the events of the list. The answer has one result an event.
pub(super) async fn take(
    state: &ApiState,
    actor: Arc<str>,
    list: Bytes,
    choice: Choice,
    french: bool,
) -> Result<Response, Problem> {
    let limit = if choice.atomic {
        state.limits.atomic
    } else {
        state.limits.batch
    };
    let parsed = tokio::task::spawn_blocking(move || parse(&list, limit, choice.dry_run)).await;
    let read = parsed.map_err(|_| {
        Problem::new(
            &kinds::INTERNAL,
            Words::fixed("The list could not be read.", "La liste n'a pu être lue."),
        )
    })??;
    let mut decisions = if choice.atomic {
        decide_together(state, actor, read, choice.dry_run).await
    } else {
        in_groups(state, &actor, read, choice.dry_run).await
    };
    for decision in &mut decisions {
        decision.tell_in(french);
    }
    let last = decisions.iter().filter_map(Decision::position).max();
    let results: Vec<EventResult<'_>> = decisions.iter().map(Decision::result).collect();
    let mut response = Json(results).into_response();
    if let Some(position) = last {
        response.headers_mut().insert(super::POSITION, position.into());
    }
    Ok(response)
}

async fn in_groups(state: &ApiState, actor: &Arc<str>, read: Vec<Read>, dry_run: bool) -> Vec<Decision> {
    let mut decisions = Vec::with_capacity(read.len());
    let mut read = read.into_iter();
    while !read.as_slice().is_empty() {
        if decisions.last().is_some_and(Decision::is_unknown) {
            decisions.extend(read.map(not_tried));
            break;
        }
        let group: Vec<Read> = read.by_ref().take(state.limits.group).collect();
        decisions.extend(decide_each(state, actor, group, dry_run).await);
    }
    decisions
}

/// An event behind others that the log did not answer about in time: the client is not made to wait once more.
fn not_tried(read: Read) -> Decision {
    let decision = match read.event {
        Err(problem) => Decision::not(problem),
        Ok(submission) => {
            let detail = Words::fixed(
                "The log does not answer, and nothing of this is recorded: send it again.",
                "Le journal ne répond pas, et rien de ceci n'est enregistré : renvoyez-le.",
            );
            let id = submission.event.key.id.to_string();
            Decision::not(Problem::new(&kinds::LOG_UNAVAILABLE, detail).of_event(id))
        }
    };
    decision.count();
    decision
}

fn parse(list: &[u8], limit: usize, tried: bool) -> Result<Vec<Read>, Problem> {
    let events: Vec<&RawValue> = serde_json::from_slice(list).map_err(|_| no_list(list))?;
    if events.len() > limit {
        let count = events.len();
        let detail = Words::new(
            format!(
                "The list holds {count} events; {limit} are allowed. A stream (application/x-ndjson) may hold any number; \
                 a list that is one decision (atomic) holds fewer than others."
            ),
            format!(
                "La liste contient {count} événements ; {limit} sont admis. Un flux (application/x-ndjson) peut en contenir \
                 autant qu'on veut ; une liste qui est une seule décision (atomic) en contient moins que les autres."
            ),
        );
        return Err(Problem::new(&kinds::BATCH_TOO_LONG, detail).limit(limit));
    }
    Ok(events
        .into_iter()
        .map(|event| {
            let start = event.get().as_ptr() as usize - list.as_ptr() as usize;
            Read::json(event.get().as_bytes(), Sent::Body(list, start), tried)
        })
        .collect())
}

/// What is wrong with a body that is no list.
fn no_list(list: &[u8]) -> Problem {
    let fault = faults::unreadable(list).unwrap_or_else(|| Fault {
        at: list.len() - list.trim_ascii_start().len(),
        words: faults::no_list(list),
    });
    let problem = Problem::new(&kinds::MALFORMED_BODY, problem::sentence(fault.words));
    problem.place(faults::place(list, fault.at))
}
