//! Events in, one result an event out: what single events, lists and streams have in common.

use crate::state::ApiState;
use metrics::counter;
use parcours_http::problem::{self, EventReference, Problem, kinds};
use parcours_log::{Append, LogError, Receipt, Rejection};
use parcours_model::{EventId, Malformed, Remark, Submission, faults};
use serde::Serialize;
use std::sync::Arc;
use tokio::time::timeout;
use utoipa::ToSchema;

/// An event as it was read, and where.
pub(super) struct Read {
    /// Its line, in a stream.
    pub line: Option<u64>,
    /// The event, or what is wrong with it.
    pub event: Result<Submission, Problem>,
}

/// What became of an event.
pub(super) struct Decision {
    id: Option<EventId>,
    /// Where it stands in the log, or why it does not.
    pub told: Result<Receipt, Problem>,
    /// Whether it was only tried: what is new stands nowhere.
    tried: bool,
    /// What is unlikely about it.
    remarks: Vec<Remark>,
    /// Whether sentences are in French.
    french: bool,
}

/// What became of an event of a list or a stream.
#[derive(Serialize, ToSchema)]
#[schema(as = EventResult)]
pub(crate) struct EventResult<'a> {
    /// The event's `id`; null where none could be read.
    #[schema(value_type = Option<String>)]
    id: Option<&'a EventId>,
    status: Status,
    /// Its place in the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// Its place in its stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<u64>,
    /// The earlier correction of the same event that a correction stands in the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    supersedes: Option<EventReference>,
    /// What is unlikely about what is recorded: to be looked at, and corrected if it is wrong. Left out where there is nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<RemarkTold>>)]
    remarks: Vec<RemarkTold>,
    /// Why nothing of it is recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<problem::Details>)]
    problem: Option<&'a Problem>,
}

/// What `POST /v1/events` answers: one event with its result, a list with one an event.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is there for its schema")]
pub(crate) enum OneOrEach {
    /// For one event.
    One(EventResult<'static>),
    /// For a list, in its order.
    Each(Vec<EventResult<'static>>),
}

/// A remark on an event that is recorded.
#[derive(Serialize, ToSchema)]
#[schema(as = Remark)]
pub(crate) struct RemarkTold {
    /// The field: a path such as `data.minutes`.
    field: String,
    /// The sentence; in French if the client prefers it.
    detail: &'static str,
}

/// What became of an event, in a word.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// It is in the log now.
    Recorded,
    /// It had been in the log before; `position` and `revision` are those of the first time.
    Duplicate,
    /// It would be recorded (`dry_run`).
    Admitted,
    /// Nothing of it is in the log.
    Refused,
}

impl Read {
    /// Reads one event in the JSON format, which stands somewhere in what was sent; of one that is none, all that is wrong
    /// with it if it is only tried.
    pub fn json(json: &[u8], sent: Sent<'_>, tried: bool) -> Self {
        let place = |wrong: &Malformed| wrong.at.and_then(|at| sent.place(at));
        let event = Submission::parse(json).map_err(|wrong| {
            let at = place(&wrong);
            let problem = problem::malformed(wrong);
            let problem = match at {
                Some(place) => problem.place(place),
                None => problem,
            };
            let all = match tried {
                true => Submission::faults(json),
                false => Vec::new(),
            };
            problem.with_faults(all.into_iter().map(|fault| {
                let place = place(&fault);
                (fault, place)
            }))
        });
        Read {
            line: sent.line(),
            event,
        }
    }
}

/// Where an event stands in what was sent.
#[derive(Clone, Copy)]
pub(super) enum Sent<'a> {
    /// On a line of its own, of this number.
    Line(u64, &'a [u8]),
    /// In a body, from this byte on.
    Body(&'a [u8], usize),
    /// Its data in a body, from this byte of it on, which are at this byte of the event; its attributes in headers.
    Data(&'a [u8], usize, usize),
}

impl Sent<'_> {
    /// The line and the column, from 1, of a byte of the event; `None` where it did not come in the body.
    fn place(self, at: usize) -> Option<(u64, u64)> {
        match self {
            Sent::Line(number, text) => Some((number, faults::place(text, at).1)),
            Sent::Body(body, start) => Some(faults::place(body, start + at)),
            Sent::Data(body, start, data) => Some(faults::place(body, start + at.checked_sub(data)?)),
        }
    }

    fn line(self) -> Option<u64> {
        match self {
            Sent::Line(number, _) => Some(number),
            _ => None,
        }
    }
}

impl Decision {
    /// Nothing is recorded, for this reason.
    pub fn not(problem: Problem) -> Self {
        Decision {
            id: problem.id().map(EventId::from),
            told: Err(problem),
            tried: false,
            remarks: Vec::new(),
            french: false,
        }
    }

    /// An event with this outcome.
    pub fn new(Named { id, remarks }: Named, told: Result<Receipt, Problem>, dry_run: bool) -> Self {
        Decision {
            id: Some(id),
            told,
            tried: dry_run,
            remarks,
            french: false,
        }
    }

    /// The receipt of what stands in the log.
    fn standing(&self) -> Option<&Receipt> {
        let receipt = self.told.as_ref().ok();
        receipt.filter(|receipt| receipt.duplicate || !self.tried)
    }

    /// Its position, if it stands in the log.
    pub fn position(&self) -> Option<u64> {
        self.standing().map(|receipt| receipt.position)
    }

    /// The answer for this event.
    pub fn result(&self) -> EventResult<'_> {
        let superseded = self
            .told
            .as_ref()
            .ok()
            .and_then(|receipt| receipt.supersedes.as_ref());
        EventResult {
            id: self.id.as_ref(),
            status: match (&self.told, self.tried) {
                (Err(_), _) => Status::Refused,
                (Ok(Receipt { duplicate: true, .. }), _) => Status::Duplicate,
                (Ok(_), true) => Status::Admitted,
                (Ok(_), false) => Status::Recorded,
            },
            position: self.position(),
            revision: self.standing().map(|receipt| receipt.revision),
            supersedes: superseded.map(EventReference::from),
            remarks: match &self.told {
                Ok(_) => self.remarks.iter().map(|remark| self.tell(remark)).collect(),
                Err(_) => Vec::new(),
            },
            problem: self.told.as_ref().err(),
        }
    }

    /// Whether the service, and not the event, is the reason: what follows would fare no better.
    pub fn is_the_service_s_fault(&self) -> bool {
        let codes = [
            kinds::STOPPING.code,
            kinds::LOG_UNAVAILABLE.code,
            kinds::OUTCOME_UNKNOWN.code,
        ];
        self.told
            .as_ref()
            .err()
            .is_some_and(|problem| codes.contains(&problem.code()))
    }

    /// Whether the log did not answer in time.
    pub fn is_unknown(&self) -> bool {
        let problem = self.told.as_ref().err();
        problem.is_some_and(|problem| problem.code() == kinds::OUTCOME_UNKNOWN.code)
    }

    fn of(named: Named, outcome: Result<Vec<Receipt>, Rejection>, dry_run: bool) -> Self {
        let told = outcome
            .map(|mut receipts| receipts.swap_remove(0))
            .map_err(|rejection| problem::rejected(&named.id, rejection, dry_run));
        Decision::new(named, told, dry_run)
    }

    fn tell(&self, remark: &Remark) -> RemarkTold {
        RemarkTold {
            field: format!("data.{}", remark.field),
            detail: if self.french {
                remark.french
            } else {
                remark.english
            },
        }
    }

    /// Has sentences told in French, if the client prefers it.
    pub fn tell_in(&mut self, french: bool) {
        self.french = french;
        if french && let Err(problem) = &mut self.told {
            *problem = problem.clone().told_in(french);
        }
    }

    fn at(self, line: Option<u64>) -> Self {
        match (self.told, line) {
            (Err(problem), Some(line)) => Decision {
                told: Err(problem.line(line)),
                ..self
            },
            (told, _) => Decision { told, ..self },
        }
    }

    /// Counts it, unless it was only tried.
    pub fn count(&self) {
        if self.tried {
            return;
        }
        match &self.told {
            Ok(Receipt { duplicate: false, .. }) => counter!("parcours_events_total", "status" => "recorded"),
            Ok(Receipt { duplicate: true, .. }) => counter!("parcours_events_total", "status" => "duplicate"),
            Err(problem) => {
                counter!("parcours_refusals_total", "code" => problem.code()).increment(1);
                counter!("parcours_events_total", "status" => "refused")
            }
        }
        .increment(1);
    }
}

/// What is kept of an event to answer by: its id, and what is unlikely about it.
pub(super) struct Named {
    pub id: EventId,
    remarks: Vec<Remark>,
}

impl From<&Submission> for Named {
    fn from(submission: &Submission) -> Self {
        Named {
            id: submission.event.key.id.clone(),
            remarks: submission.event.remarks(),
        }
    }
}

/// Has events appended, within the time allowed. The log may go on with what nobody waits for any more.
pub(super) async fn append_in_time(state: &ApiState, append: Append) -> Result<Vec<Receipt>, Rejection> {
    let answer = timeout(state.limits.append, state.log.append(append)).await;
    answer.unwrap_or_else(|_| Err(late()))
}

fn late() -> Rejection {
    LogError::OutcomeUnknown("the log did not answer in time".to_owned()).into()
}

/// Has one event decided, if its stream is where the sender expects it.
pub(super) async fn decide_one(
    state: &ApiState,
    actor: Arc<str>,
    read: Read,
    expected: Option<u64>,
    dry_run: bool,
) -> Decision {
    let decision = match read.event {
        Err(problem) => Decision::not(problem),
        Ok(submission) => {
            let (named, stream) = (Named::from(&submission), submission.event.stream);
            let expected = expected.map(|revision| (stream, revision)).into_iter().collect();
            let append = Append {
                expected,
                dry_run,
                ..Append::one(submission, actor)
            };
            Decision::of(named, append_in_time(state, append).await, dry_run)
        }
    };
    decision.count();
    decision
}

/// Has events decided in their order, each on its own.
pub(super) async fn decide_each(
    state: &ApiState,
    actor: &Arc<str>,
    read: Vec<Read>,
    dry_run: bool,
) -> Vec<Decision> {
    let mut appends = Vec::with_capacity(read.len());
    let sent: Vec<(_, Result<_, Problem>)> = read
        .into_iter()
        .map(|Read { line, event }| {
            let named = event.map(|submission| {
                let named = Named::from(&submission);
                appends.push(Append {
                    dry_run,
                    ..Append::one(submission, actor.clone())
                });
                named
            });
            (line, named)
        })
        .collect();
    let mut outcomes = if appends.is_empty() {
        Vec::new()
    } else {
        let count = appends.len();
        let answers = timeout(state.limits.append, state.log.append_each(appends)).await;
        answers.unwrap_or_else(|_| vec![Err(late()); count])
    }
    .into_iter();
    let decisions = sent.into_iter().map(|(line, named)| match named {
        Ok(named) => {
            let outcome = outcomes.next().expect("the log answers every append");
            Decision::of(named, outcome, dry_run).at(line)
        }
        Err(problem) => Decision::not(problem).at(line),
    });
    decisions.inspect(Decision::count).collect()
}
