//! What somebody should do about a parcours, by when: a référent's desk (R4, R5, R7, R14, R18, R20).
//!
//! A task has a day by which it is due, and is told from that day on, until it is done or has lapsed.

use chrono::NaiveDate;
use parcours_model::rules::places;
use parcours_model::streams::parcours::{ExitReason, Fact};
use parcours_model::{Effective, Fact as AnyFact, calendar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The contract of commitment is signed before the start (R3); two weeks after the admission somebody asks for it.
const COMMITMENT_DAYS: u64 = 14;
/// The bilan is systematic (R5); a month after the start it is late.
const BILAN_DAYS: u64 = 30;
/// Who is in training meets companies (R7); two months after the bilan an immersion is agreed.
const IMMERSION_DAYS: u64 = 60;
/// A suspension of three months ends in a resumption or an exit (R14).
const SUSPENSION_MONTHS: u32 = 3;
/// When leavers are asked what became of them (R20); each time until the next.
const FOLLOWUPS: [u8; 4] = [3, 6, 12, 18];
/// Nobody is asked any more after that.
const FOLLOWUP_ENDS: u32 = 24;

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "TaskCode")]
pub enum Code {
    /// A place that is offered is to be taken or declined.
    PlaceOffered,
    /// The contract of commitment is to be signed.
    CommitmentUnsigned,
    /// The bilan is to be completed.
    BilanMissing,
    /// An immersion is to be agreed.
    ImmersionAgreementMissing,
    /// The parcours is to be resumed or ended.
    SuspendedForLong,
    /// The person is to be asked what became of them.
    FollowupDue,
}

/// A task, as the view keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Task {
    pub code: Code,
    /// The day from which it is told.
    pub due: NaiveDate,
    /// The day from which it is told no more, done or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Of a follow-up, after how many months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub months: Option<u8>,
}

impl Task {
    fn new(code: Code, due: NaiveDate) -> Self {
        Self {
            code,
            due,
            until: None,
            months: None,
        }
    }

    /// Whether it is told on a day.
    pub fn is_due(&self, day: NaiveDate) -> bool {
        self.due <= day && self.until.is_none_or(|until| day < until)
    }
}

impl Code {
    /// In English and in French.
    pub fn sentence(self) -> [&'static str; 2] {
        match self {
            Code::PlaceOffered => [
                "A place is offered: it is to be taken or declined",
                "Une place est proposée : il faut l'accepter ou la refuser",
            ],
            Code::CommitmentUnsigned => [
                "The contract of commitment is not signed",
                "Le contrat d'engagement n'est pas signé",
            ],
            Code::BilanMissing => [
                "No bilan has been completed yet",
                "Aucun bilan n'a encore été réalisé",
            ],
            Code::ImmersionAgreementMissing => [
                "No immersion is agreed yet",
                "Aucune immersion n'est encore convenue",
            ],
            Code::SuspendedForLong => [
                "The parcours has been interrupted for long",
                "Le parcours est interrompu depuis longtemps",
            ],
            Code::FollowupDue => ["A follow-up is to be answered", "Un suivi est à renseigner"],
        }
    }
}

/// Whether nothing is asked of the person any more.
pub(super) fn is_death(reason: ExitReason) -> bool {
    reason == ExitReason::Deceased
}

/// Where the facts of a parcours leave it.
#[derive(Default)]
struct Standing {
    /// The day of the last offer of a place.
    offered: Option<NaiveDate>,
    admitted: Option<NaiveDate>,
    committed: bool,
    started: Option<NaiveDate>,
    bilan: Option<NaiveDate>,
    immersed: bool,
    suspended: Option<NaiveDate>,
    exited: Option<NaiveDate>,
    neutral: bool,
    /// The longest follow-up answered.
    answered: u8,
}

/// What is to be done about a parcours, now or later, given its facts in effective order.
pub(super) fn of(facts: &[Effective<'_>]) -> Vec<Task> {
    let mut standing = Standing::default();
    let mut waits = Vec::new();
    for fact in facts {
        places::wait(&mut waits, fact);
        let AnyFact::Parcours(told) = fact.fact else {
            continue;
        };
        let day = calendar::day(fact.time);
        match told {
            Fact::PlaceOffered(_) => standing.offered = Some(day),
            Fact::Admitted(_) => standing.admitted = Some(day),
            Fact::Withdrawn(_) | Fact::Declined(_) => standing.admitted = None,
            Fact::CommitmentSigned(_) => standing.committed = true,
            Fact::Started(_) => standing.started = Some(day),
            Fact::BilanCompleted(_) => standing.bilan = standing.bilan.or(Some(day)),
            Fact::ImmersionAgreed(_) => standing.immersed = true,
            Fact::Suspended(_) => standing.suspended = Some(day),
            Fact::Resumed(_) => standing.suspended = None,
            Fact::Exited(exited) => {
                (standing.exited, standing.neutral) = (Some(day), exited.reason.is_neutral());
            }
            Fact::FollowupAnswered(answer) => standing.answered = standing.answered.max(answer.months.into()),
            _ => {}
        }
    }
    // Of several offers the one that ends first.
    let until = waits.iter().filter_map(|wait| wait.offered).min();
    let offered = standing.offered.zip(until).map(|(offered, until)| Task {
        until: Some(calendar::days_later(until, 1)),
        ..Task::new(Code::PlaceOffered, offered)
    });
    offered.into_iter().chain(standing.tasks()).collect()
}

impl Standing {
    fn tasks(&self) -> Vec<Task> {
        if let Some(exited) = self.exited {
            return if self.neutral {
                Vec::new()
            } else {
                self.followups(exited)
            };
        }
        let mut tasks = Vec::new();
        if let (Some(admitted), false) = (self.admitted, self.committed) {
            let due = calendar::days_later(admitted, COMMITMENT_DAYS);
            tasks.push(Task::new(Code::CommitmentUnsigned, due));
        }
        match (self.suspended, self.started, self.bilan) {
            (Some(suspended), ..) => {
                let due = calendar::months_later(suspended, SUSPENSION_MONTHS);
                tasks.push(Task::new(Code::SuspendedForLong, due));
            }
            (None, Some(started), None) => {
                tasks.push(Task::new(
                    Code::BilanMissing,
                    calendar::days_later(started, BILAN_DAYS),
                ));
            }
            (None, Some(_), Some(bilan)) if !self.immersed => {
                let due = calendar::days_later(bilan, IMMERSION_DAYS);
                tasks.push(Task::new(Code::ImmersionAgreementMissing, due));
            }
            _ => {}
        }
        tasks
    }

    fn followups(&self, exited: NaiveDate) -> Vec<Task> {
        let months = FOLLOWUPS.map(u32::from);
        let ends = months[1..].iter().copied().chain([FOLLOWUP_ENDS]);
        let followups = FOLLOWUPS.into_iter().zip(ends);
        let open = followups.filter(|(months, _)| *months > self.answered);
        open.map(|(months, end)| Task {
            until: Some(calendar::months_later(exited, end)),
            months: Some(months),
            ..Task::new(Code::FollowupDue, calendar::months_later(exited, months.into()))
        })
        .collect()
    }
}
