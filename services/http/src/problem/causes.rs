//! The problems that the model, the log and the views give rise to.

use super::{BrokenRule, EventReference, Kind, Problem, kinds};
use parcours_log::trouble::Trouble;
use parcours_log::{LogError, Rejection};
use parcours_model::{MAX_ENTRY, Malformed, Refusal};
use parcours_projections::ViewError;

/// What goes wrong with requests is told in the service's messages now and then, and not for every one of them.
static UNDECIDABLE: Trouble = Trouble::new("log", "an event cannot be decided on");
static UNREADABLE: Trouble = Trouble::new("log", "the log cannot be read");
static UNANSWERED: Trouble = Trouble::new("views", "a view cannot be read");

/// An event that is none.
pub fn malformed(wrong: Malformed) -> Problem {
    let mut problem = Problem::new(&kinds::MALFORMED_EVENT, wrong.detail).of_event(wrong.id);
    problem.0.code = wrong.code;
    problem.0.field = wrong.field;
    problem
}

/// An event, `id`, that the log did not take; with every rule that it breaks, if all are wanted.
pub fn rejected(id: &str, rejection: Rejection, all: bool) -> Problem {
    let problem = match rejection {
        Rejection::Refused { refusals, .. } => refused(refusals, all),
        Rejection::WrongRevision {
            stream,
            expected,
            actual,
        } => {
            let detail =
                format!("{stream} is at revision {actual}, not {expected}: read it again and decide anew.");
            let mut problem = Problem::new(&kinds::WRONG_REVISION, detail);
            problem.0.expected = Some(expected);
            problem.0.actual = Some(actual);
            problem
        }
        Rejection::Conflict {
            position, differs, ..
        } => {
            let what = format!("The event at position {position}, which differs in {differs},");
            let mut problem = conflict(&what).field(differs);
            problem.0.position = Some(position);
            problem
        }
        Rejection::Twice { other, .. } => conflict(&format!("Event {} of the same list", other + 1)),
        Rejection::TooLarge { bytes, .. } => {
            let detail =
                format!("As an entry of the log the event takes {bytes} bytes; {MAX_ENTRY} are allowed.");
            Problem::new(&kinds::EVENT_TOO_LARGE, detail).limit(MAX_ENTRY)
        }
        Rejection::Closed => Problem::new(
            &kinds::STOPPING,
            "The service is stopping and recorded nothing of this: send it again.",
        ),
        Rejection::Unstorable { detail } => {
            let detail = format!(
                "The database refuses what the event holds, and nothing of it is recorded: {detail}. \
                 Sent again as it is, it is refused again."
            );
            Problem::new(&kinds::UNSTORABLE, detail)
        }
        Rejection::Unavailable(LogError::OutcomeUnknown(_)) => outcome_unknown(),
        Rejection::Unavailable(error @ (LogError::Damaged(_) | LogError::Unreadable(_))) => {
            UNDECIDABLE.met(&error);
            let detail = "What the log holds and this event is to be judged by is damaged: nothing was recorded of it. \
                 The operators of the service see what is to be mended.";
            Problem::new(&kinds::LOG_UNAVAILABLE, detail)
        }
        Rejection::Unavailable(error) => {
            // The log has said so itself, once.
            tracing::debug!(%error, "an event could not be recorded");
            let detail =
                "The log could not record the event. Send it again: an event is never recorded twice.";
            Problem::new(&kinds::LOG_UNAVAILABLE, detail)
        }
    };
    problem.of_event(id.to_owned())
}

/// Nobody knows whether what was sent is recorded: the log did not answer in time.
pub fn outcome_unknown() -> Problem {
    let detail = "The log did not answer in time, and what was sent may be recorded or not. Send the same again: \
                  an event is never recorded twice, and the answer tells.";
    Problem::new(&kinds::OUTCOME_UNKNOWN, detail)
}

/// The id is taken by another event.
fn conflict(other: &str) -> Problem {
    let detail = format!(
        "{other} has the same source and id, and says something else. \
         The same event may be sent again; another one needs an id of its own."
    );
    Problem::new(&kinds::CONFLICT, detail)
}

/// Rules refuse; the first is told. Its sentences are its own, its code is its address.
fn refused(refusals: Vec<Refusal>, all: bool) -> Problem {
    let broken: Vec<BrokenRule> = refusals.iter().filter(|_| all).map(BrokenRule::from).collect();
    let first = refusals.into_iter().next();
    let refusal = first.expect("what is refused breaks a rule");
    let kind = Kind::of_rule(refusal.code);
    let mut problem = Problem::new(&kind, refusal.english);
    problem.0.broken = broken;
    problem.0.detail_fr = Some(refusal.french);
    problem.0.field = refusal.field;
    problem.0.conflicts_with = refusal.conflicts_with.as_ref().map(EventReference::from);
    problem
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        UNREADABLE.met(&error);
        Problem::new(&kinds::LOG_UNAVAILABLE, "The log cannot be read at the moment.")
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Behind { checkpoint } => {
                let detail =
                    format!("The view has digested {checkpoint} entries of the log: ask again in a moment.");
                Problem::new(&kinds::VIEW_BEHIND, detail).checkpoint(checkpoint)
            }
            ViewError::NotBuilt(view) => {
                let detail =
                    format!("The view {view:?} is being built for the first time: see /health/ready.");
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
            ViewError::Diverged { view } => {
                let detail = format!(
                    "The view {view:?} is of another history than the log, and is being rebuilt: see /health/ready."
                );
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
            ViewError::Log(error) => {
                UNREADABLE.met(&error);
                Problem::new(&kinds::LOG_UNAVAILABLE, "The log cannot be read at the moment.")
            }
            error => {
                UNANSWERED.met(&error);
                Problem::new(&kinds::VIEW_UNAVAILABLE, "The view cannot be read at the moment.")
            }
        }
    }
}
