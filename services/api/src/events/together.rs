//! A list that is one decision.

use super::decision::{Decision, Named, Read, append_in_time};
use crate::state::ApiState;
use parcours_http::problem::{self, Problem, kinds};
use parcours_log::{Append, Rejection};
use parcours_model::{EventId, Submission, Words};
use std::sync::Arc;

/// Has events decided together: all of them are recorded, in their order, or none is.
pub(super) async fn decide_together(
    state: &ApiState,
    actor: Arc<str>,
    read: Vec<Read>,
    dry_run: bool,
) -> Vec<Decision> {
    if read.is_empty() {
        return Vec::new();
    }
    let decisions = match submissions(read) {
        Err(decisions) => decisions,
        Ok(submissions) => {
            let named: Vec<Named> = submissions.iter().map(Named::from).collect();
            let append = Append {
                submissions,
                expected: Vec::new(),
                actor,
                dry_run,
            };
            match append_in_time(state, append).await {
                Ok(receipts) => {
                    let both = named.into_iter().zip(receipts);
                    both.map(|(named, receipt)| Decision::new(named, Ok(receipt), dry_run))
                        .collect()
                }
                Err(rejection) => rejected(
                    named.into_iter().map(|named| named.id).collect(),
                    rejection,
                    dry_run,
                ),
            }
        }
    };
    decisions.iter().for_each(Decision::count);
    decisions
}

/// The events, if every one of them could be read.
fn submissions(read: Vec<Read>) -> Result<Vec<Submission>, Vec<Decision>> {
    if read.iter().all(|read| read.event.is_ok()) {
        return Ok(read.into_iter().filter_map(|read| read.event.ok()).collect());
    }
    let first = read
        .iter()
        .find_map(|read| Some(read.event.as_ref().err()?.id()?.into()));
    let decision = |read: Read| match read.event {
        Err(problem) => Decision::not(problem),
        Ok(submission) => Decision::not(with_others(&submission.event.key.id, first.as_ref())),
    };
    Err(read.into_iter().map(decision).collect())
}

/// What each event of a rejected list is told: the one that stood in the way why, the others which one it was.
fn rejected(ids: Vec<EventId>, rejection: Rejection, dry_run: bool) -> Vec<Decision> {
    let Some(at_fault) = rejection.index() else {
        let told = |id: EventId| Decision::not(problem::rejected(&id, rejection.clone(), dry_run));
        return ids.into_iter().map(told).collect();
    };
    let first = ids[at_fault].clone();
    let told = |(index, id): (usize, EventId)| {
        Decision::not(if index == at_fault {
            problem::rejected(&id, rejection.clone(), dry_run)
        } else {
            with_others(&id, Some(&first))
        })
    };
    ids.into_iter().enumerate().map(told).collect()
}

/// The problem of an event that would have been recorded, had another one of its list been.
fn with_others(id: &EventId, at_fault: Option<&EventId>) -> Problem {
    let which = at_fault.map_or_else(
        || Words::fixed("another event of the list", "un autre événement de la liste"),
        |id| Words::new(format!("the event {id:?}"), format!("l'événement « {id} »")),
    );
    let detail = Words::new(
        format!("The list is one decision, and {which} stood in the way: nothing of it is recorded."),
        format!("La liste est une seule décision, et {which:#} s'y est opposé : rien n'en est enregistré."),
    );
    Problem::new(&kinds::REFUSED_WITH_OTHERS, detail).of_event(id.to_string())
}
