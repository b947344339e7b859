//! What becomes of the person: exit, employment, business, follow-up (R14, R20, R22, R23).

use crate::codes::{Commune, Minutes, Rome, Siret};
use crate::judged::Judged;
use crate::streams::Data;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

data! {
    /// Why a parcours ends.
    pub enum ExitReason {
        /// The plan is done.
        Completed,
        /// Work was found.
        Employment,
        /// A qualifying training follows.
        QualifyingTraining,
        /// The person gave up.
        Abandoned,
        /// The person was excluded.
        Excluded,
        /// Health; neutral in every rate.
        Health,
        /// The person moved away; neutral in every rate.
        MovedAway,
        /// The person died; neutral in every rate.
        Deceased,
    }

    /// Data of `parcours.exited.v1`.
    pub struct Exited {
        /// Why.
        reason: ExitReason,
    }

    /// The kind of work contract.
    pub enum Contract {
        /// Open-ended.
        Permanent,
        /// Fixed-term.
        FixedTerm,
        /// Temping.
        Temping,
        /// Apprenticeship.
        Apprenticeship,
        /// Professionalisation.
        Professionalisation,
        /// Civil service.
        CivilService,
        /// Any other.
        Other,
    }

    /// Who reports an employment.
    pub enum Reporter {
        /// The trainee.
        Trainee,
        /// The operator.
        Operator,
        /// A partner.
        Partner,
        /// The Région.
        Region,
    }

    /// Data of `parcours.employment.started.v1`, which said how long a contract is and how much one works beside each other.
    pub struct EmploymentStartedV1 {
        /// The employment, named by its end.
        employment: Uuid,
        /// The contract.
        contract: Contract,
        /// The employer.
        employer: Option<Siret>,
        /// The trade.
        rome: Option<Rome>,
        /// Where.
        commune: Option<Commune>,
        /// Length of the contract in months.
        months: Option<u16> where CONTRACT_MONTHS,
        /// Minutes a week.
        weekly_minutes: Option<Minutes> where WORKING_WEEK,
        /// Who reports it.
        reported_by: Reporter,
    }

    /// A work contract.
    pub struct Terms {
        /// Its kind.
        kind: Contract,
        /// Its length in months, where it has an end.
        months: Option<u16> where CONTRACT_MONTHS,
    }

    /// How much one works.
    pub struct WorkingTime {
        /// Minutes a week.
        weekly_minutes: Minutes where WORKING_WEEK,
        /// Whether that is full time where one works.
        full_time: Option<bool>,
    }

    /// Data of `parcours.employment.started.v2`: what v1 said, with the length of the contract apart from working time.
    pub struct EmploymentStarted {
        /// The employment, named by its end.
        employment: Uuid,
        /// The contract.
        contract: Terms,
        /// How much one works.
        working_time: Option<WorkingTime>,
        /// The employer.
        employer: Option<Siret>,
        /// The trade.
        rome: Option<Rome>,
        /// Where.
        commune: Option<Commune>,
        /// Who reports it.
        reported_by: Reporter,
    }

    /// Data of `parcours.employment.ended.v1`.
    pub struct EmploymentEnded {
        /// The employment started.
        employment: Uuid,
        /// Why it ended.
        reason: Option<String>,
        /// Who reports it.
        reported_by: Reporter,
    }

    /// Where a business comes from.
    pub enum BusinessOrigin {
        /// Created.
        Creation,
        /// Taken over.
        Takeover,
    }

    /// Data of `parcours.business.created.v1`.
    pub struct BusinessCreated {
        /// The business.
        business: Option<Siret>,
        /// Created or taken over.
        how: BusinessOrigin,
    }

    /// What a person does some months after the exit.
    pub enum FollowupSituation {
        /// Employed.
        Employed,
        /// In training.
        Training,
        /// Looking for work.
        JobSeeking,
        /// Self-employed.
        SelfEmployed,
        /// Something else.
        Other,
        /// Could not be reached.
        Unreachable,
    }

    /// Data of `parcours.followup.answered.v1`.
    pub struct FollowupAnswered {
        /// Months after the exit.
        months: FollowupMonths,
        /// What the person does.
        situation: FollowupSituation,
    }
}

impl ExitReason {
    /// Neutral exits count among the leavers, and in no rate (PROGRAMME, "territorial impact").
    pub fn is_neutral(self) -> bool {
        matches!(self, Self::Health | Self::MovedAway | Self::Deceased)
    }
}

/// The months after the exit at which a person is asked: 3, 6, 12 or 18.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("enum" = [3, 6, 12, 18]))]
pub struct FollowupMonths(u8);

impl TryFrom<u8> for FollowupMonths {
    type Error = String;
    fn try_from(months: u8) -> Result<Self, String> {
        match months {
            3 | 6 | 12 | 18 => Ok(Self(months)),
            _ => Err(format!("{months} is not a follow-up month: expected 3, 6, 12 or 18")),
        }
    }
}

impl From<FollowupMonths> for u8 {
    fn from(months: FollowupMonths) -> u8 {
        months.0
    }
}

impl Judged for FollowupMonths {}

impl Data for Exited {}
impl Data for EmploymentStartedV1 {}
impl Data for EmploymentStarted {}

impl EmploymentStartedV1 {
    /// The same as v2 says it. Whether it is full time was not said.
    pub fn upcast(&self) -> EmploymentStarted {
        EmploymentStarted {
            employment: self.employment,
            contract: Terms {
                kind: self.contract,
                months: self.months,
            },
            working_time: self.weekly_minutes.map(|weekly_minutes| WorkingTime {
                weekly_minutes,
                full_time: None,
            }),
            employer: self.employer,
            rome: self.rome,
            commune: self.commune,
            reported_by: self.reported_by,
        }
    }
}
impl Data for EmploymentEnded {}
impl Data for BusinessCreated {}
impl Data for FollowupAnswered {}
