//! What a message tells beside the columns by which it is chosen.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::{Certification, Level, Minutes, Rome};
use parcours_model::streams::parcours::{
    BusinessOrigin, Contract, ExitReason, FollowupMonths, FollowupSituation, Scope,
};
use parcours_model::streams::session::Entry;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Key;

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// A parcours started.
    Entry,
    /// A certification was obtained, in full or by blocks.
    Certification,
    /// An employment started or ended.
    Employment,
    /// A business was created or taken over.
    Business,
    /// A parcours ended.
    Exit,
    /// What has become of the person some months later.
    Followup,
    /// The places of a session: public.
    Place,
    /// What was told of somebody is to be forgotten.
    Forget,
}

impl OutcomeKind {
    /// Every kind.
    pub const ALL: [OutcomeKind; 8] = [
        OutcomeKind::Entry,
        OutcomeKind::Certification,
        OutcomeKind::Employment,
        OutcomeKind::Business,
        OutcomeKind::Exit,
        OutcomeKind::Followup,
        OutcomeKind::Place,
        OutcomeKind::Forget,
    ];

    /// Its word, in addresses, configuration and subjects.
    pub const fn as_str(self) -> &'static str {
        match self {
            OutcomeKind::Entry => "entry",
            OutcomeKind::Certification => "certification",
            OutcomeKind::Employment => "employment",
            OutcomeKind::Business => "business",
            OutcomeKind::Exit => "exit",
            OutcomeKind::Followup => "followup",
            OutcomeKind::Place => "place",
            OutcomeKind::Forget => "forget",
        }
    }

    /// The kind of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What a message tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Document {
    /// Something became of a person; or what was told of that before was wrong, and this is right.
    Outcome(Outcome),
    /// What was told by the message `replaces` never was, or is no longer for those who were told.
    Retraction {
        /// The message taken back.
        replaces: Key,
        /// When that became known, or came to be.
        at: DateTime<Utc>,
    },
    /// The places of a session, as they stand now.
    Place(Place),
    /// What was told before of this parcours, or of this trainee, is to be forgotten.
    Forget {
        /// Since when.
        at: DateTime<Utc>,
    },
}

/// Something that became of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The day it happened.
    pub day: NaiveDate,
    /// The level of the person's highest diploma when oriented.
    pub level: Level,
    /// What.
    pub what: What,
    /// The message that this one corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Key>,
}

/// What may become of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The parcours started.
    Entry {
        /// In this session.
        session: Option<Uuid>,
    },
    /// A certification was obtained.
    Certification {
        /// Its number.
        certification: Certification,
        /// The whole, or blocks.
        scope: Scope,
        /// Which blocks.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        blocks: Vec<String>,
    },
    /// An employment started.
    EmploymentStarted {
        /// The employment, named by its end.
        employment: Uuid,
        /// The contract.
        contract: Contract,
        /// The trade.
        rome: Option<Rome>,
        /// Length of the contract in months.
        months: Option<u16>,
        /// Minutes a week.
        weekly_minutes: Option<Minutes>,
    },
    /// An employment ended.
    EmploymentEnded {
        /// The employment.
        employment: Uuid,
    },
    /// A business was created or taken over.
    Business {
        /// Which of the two.
        how: BusinessOrigin,
    },
    /// The parcours ended.
    Exit {
        /// Why.
        reason: ExitReason,
    },
    /// The person answered a follow-up.
    Followup {
        /// Months after the exit.
        months: FollowupMonths,
        /// What the person does.
        situation: FollowupSituation,
    },
}

impl What {
    /// What it is about.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            What::Entry { .. } => OutcomeKind::Entry,
            What::Certification { .. } => OutcomeKind::Certification,
            What::EmploymentStarted { .. } | What::EmploymentEnded { .. } => OutcomeKind::Employment,
            What::Business { .. } => OutcomeKind::Business,
            What::Exit { .. } => OutcomeKind::Exit,
            What::Followup { .. } => OutcomeKind::Followup,
        }
    }
}

/// The places of a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// When what changed them happened.
    pub at: DateTime<Utc>,
    /// What changed them.
    pub change: PlaceChange,
    /// The training given.
    pub offer: Uuid,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// When one may enter.
    pub entry: Entry,
    /// Last day of enrolment, where one is stated.
    pub enrol_until: Option<NaiveDate>,
    /// Places.
    pub capacity: u32,
    /// Those that are free; none once the session is cancelled.
    pub left: u32,
}

/// What changed the places of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceChange {
    /// The session opened.
    Opened,
    /// There are places again.
    Available,
    /// The last place was taken.
    Full,
    /// There are more places, or fewer.
    Capacity,
    /// The dates changed.
    Rescheduled,
    /// The session will not be held.
    Cancelled,
}
