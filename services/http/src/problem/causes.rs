//! The problems that the model, the log and the views give rise to.

use super::{BrokenRule, EventReference, Kind, Problem, kinds};
use parcours_log::trouble::Trouble;
use parcours_log::{LogError, Rejection};
use parcours_model::{EventId, MAX_ENTRY, Malformed, Refusal, Words};
use parcours_projections::ViewError;

/// What goes wrong with requests is told in the service's messages now and then, and not for every one of them.
static UNDECIDABLE: Trouble = Trouble::new("log", "an event cannot be decided on");
static UNREADABLE: Trouble = Trouble::new("log", "the log cannot be read");
static UNANSWERED: Trouble = Trouble::new("views", "a view cannot be read");

const UNREAD: Words = Words::fixed(
    "The log cannot be read at the moment.",
    "Le journal ne peut être lu en ce moment.",
);

/// What is wrong, as a sentence.
pub fn sentence(words: Words) -> Words {
    let written = |text: &str| {
        let mut letters = text.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters).chain(['.']).collect::<String>()
    };
    Words::new(written(&words.english), written(&words.french))
}

pub(super) fn fault_words(wrong: &Malformed) -> Words {
    sentence(Words::new(wrong.detail.clone(), wrong.french.to_string()))
}

/// An event that is none.
pub fn malformed(wrong: Malformed) -> Problem {
    let mut problem =
        Problem::new(&kinds::MALFORMED_EVENT, fault_words(&wrong)).of_event(wrong.id.map(String::from));
    problem.0.code = wrong.code;
    problem.0.field = wrong.field.map(String::from);
    problem.pointer(wrong.pointer.map(String::from))
}

/// The service stops, and nothing is recorded.
pub fn stopping() -> Problem {
    Problem::new(
        &kinds::STOPPING,
        Words::fixed(
            "The service is stopping and recorded nothing of this: send it again.",
            "Le service s'arrête et n'en a rien enregistré : renvoyez-le.",
        ),
    )
}

/// An event, `id`, that the log did not take; with every rule that it breaks, if all are wanted.
pub fn rejected(id: &EventId, rejection: Rejection, all: bool) -> Problem {
    let problem = match rejection {
        Rejection::Refused { refusals, .. } => refused(refusals, all),
        Rejection::WrongRevision {
            stream,
            expected,
            actual,
        } => {
            let detail = Words::new(
                format!("{stream} is at revision {actual}, not {expected}: read it again and decide anew."),
                format!(
                    "{stream} en est à la révision {actual}, et non {expected} : relisez-le et décidez à nouveau."
                ),
            );
            let mut problem = Problem::new(&kinds::WRONG_REVISION, detail);
            problem.0.expected = Some(expected);
            problem.0.actual = Some(actual);
            problem
        }
        Rejection::Conflict {
            position, differs, ..
        } => {
            let what = Words::new(
                format!("The event at position {position}, which differs in {differs},"),
                format!("L'événement à la position {position}, qui diffère par {differs},"),
            );
            let mut problem = conflict(&what).field(differs);
            problem.0.position = Some(position);
            problem
        }
        Rejection::Twice { other, .. } => {
            let number = other + 1;
            conflict(&Words::new(
                format!("Event {number} of the same list"),
                format!("L'événement {number} de la même liste"),
            ))
        }
        Rejection::TooLarge { bytes, .. } => {
            let detail = Words::new(
                format!("As an entry of the log the event takes {bytes} bytes; {MAX_ENTRY} are allowed."),
                format!(
                    "Comme entrée du journal, l'événement prend {bytes} octets ; {MAX_ENTRY} sont admis."
                ),
            );
            Problem::new(&kinds::EVENT_TOO_LARGE, detail).limit(MAX_ENTRY)
        }
        Rejection::Closed => stopping(),
        Rejection::Unstorable { detail } => {
            let detail = Words::new(
                format!(
                    "The database refuses what the event holds, and nothing of it is recorded: {detail}. \
                     Sent again as it is, it is refused again."
                ),
                format!(
                    "La base de données refuse ce que contient l'événement, et rien n'en est enregistré : {detail}. \
                     Renvoyé tel quel, il est refusé à nouveau."
                ),
            );
            Problem::new(&kinds::UNSTORABLE, detail)
        }
        Rejection::Unavailable(LogError::OutcomeUnknown(_)) => outcome_unknown(),
        Rejection::Unavailable(error @ (LogError::Damaged(_) | LogError::Unreadable(_))) => {
            UNDECIDABLE.met(&error);
            let detail = Words::fixed(
                "What the log holds and this event is to be judged by is damaged: nothing was recorded of it. \
                 The operators of the service see what is to be mended.",
                "Ce que contient le journal, et par quoi cet événement doit être jugé, est endommagé : rien n'en a été \
                 enregistré. Les exploitants du service voient ce qui est à réparer.",
            );
            Problem::new(&kinds::LOG_UNAVAILABLE, detail)
        }
        Rejection::Unavailable(error) => {
            // The log has said so itself, once.
            tracing::debug!(%error, "an event could not be recorded");
            let detail = Words::fixed(
                "The log could not record the event. Send it again: an event is never recorded twice.",
                "Le journal n'a pu enregistrer l'événement. Renvoyez-le : un événement n'est jamais enregistré deux fois.",
            );
            Problem::new(&kinds::LOG_UNAVAILABLE, detail)
        }
    };
    problem.of_event(id.to_string())
}

/// Nobody knows whether what was sent is recorded: the log did not answer in time.
pub fn outcome_unknown() -> Problem {
    let detail = Words::fixed(
        "The log did not answer in time, and what was sent may be recorded or not. Send the same again: \
         an event is never recorded twice, and the answer tells.",
        "Le journal n'a pas répondu à temps, et ce qui a été envoyé est peut-être enregistré. Renvoyez la même chose : \
         un événement n'est jamais enregistré deux fois, et la réponse le dira.",
    );
    Problem::new(&kinds::OUTCOME_UNKNOWN, detail)
}

/// The id is taken by another event.
fn conflict(other: &Words) -> Problem {
    let detail = Words::new(
        format!(
            "{other} has the same source and id, and says something else. \
             The same event may be sent again; another one needs an id of its own."
        ),
        format!(
            "{other:#} porte la même source et le même id, et dit autre chose. \
             Le même événement peut être renvoyé ; un autre demande un id à lui."
        ),
    );
    Problem::new(&kinds::CONFLICT, detail)
}

/// Rules refuse; the first is told. Its sentences are its own, its code is its address.
fn refused(refusals: Vec<Refusal>, all: bool) -> Problem {
    let broken: Vec<BrokenRule> = refusals.iter().filter(|_| all).map(BrokenRule::from).collect();
    let first = refusals.into_iter().next();
    let refusal = first.expect("what is refused breaks a rule");
    let kind = Kind::of_rule(refusal.code);
    let mut problem = Problem::new(&kind, Words::new(refusal.english, refusal.french));
    problem.0.broken = broken;
    problem.0.field = refusal.field;
    problem.0.conflicts_with = refusal.conflicts_with.as_deref().map(EventReference::from);
    problem
}

impl From<LogError> for Problem {
    fn from(error: LogError) -> Self {
        UNREADABLE.met(&error);
        Problem::new(&kinds::LOG_UNAVAILABLE, UNREAD)
    }
}

impl From<ViewError> for Problem {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Behind { checkpoint } => {
                let detail = Words::new(
                    format!(
                        "The view has digested the first {checkpoint} entries of the log: ask again in a moment."
                    ),
                    format!(
                        "La vue a digéré les {checkpoint} premières entrées du journal : redemandez dans un instant."
                    ),
                );
                Problem::new(&kinds::VIEW_BEHIND, detail).checkpoint(checkpoint)
            }
            ViewError::NotBuilt(view) => {
                let detail = Words::new(
                    format!("The view {view:?} is being built for the first time: see /health/ready."),
                    format!(
                        "La vue « {view} » est en construction pour la première fois : voir /health/ready."
                    ),
                );
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
            ViewError::Diverged { view } => {
                let detail = Words::new(
                    format!(
                        "The view {view:?} is of another history than the log, and is being rebuilt: see /health/ready."
                    ),
                    format!(
                        "La vue « {view} » est d'une autre histoire que le journal, et se reconstruit : voir /health/ready."
                    ),
                );
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
            ViewError::Lost { view, .. } | ViewError::Stopped { view, .. } => {
                let detail = Words::new(
                    format!(
                        "The view {view:?} cannot answer, and will not by itself: the operators of the service see in \
                         /health/ready what is to be done."
                    ),
                    format!(
                        "La vue « {view} » ne peut répondre, et ne le pourra pas d'elle-même : les exploitants du service \
                         voient dans /health/ready ce qui est à faire."
                    ),
                );
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
            ViewError::Log(error) => {
                UNREADABLE.met(&error);
                Problem::new(&kinds::LOG_UNAVAILABLE, UNREAD)
            }
            error => {
                UNANSWERED.met(&error);
                let detail = Words::fixed(
                    "The view cannot be read at the moment.",
                    "La vue ne peut être lue en ce moment.",
                );
                Problem::new(&kinds::VIEW_UNAVAILABLE, detail)
            }
        }
    }
}
