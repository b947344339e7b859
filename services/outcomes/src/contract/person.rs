//! What became of a person.

use chrono::NaiveDate;
use parcours_model::codes::{Certification as CertificationCode, Commune, Level, Minutes, Rome, Siret};
use parcours_model::streams::parcours::{
    self, BusinessOrigin, Contract, FollowupMonths, FollowupSituation, Scope,
};
use parcours_projections::outcomes::{Outcome, OutcomeRow, What};
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::Data;

/// What every message about a person says.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Person {
    /// The pseudonym of the parcours: this partner's own.
    pub parcours: Uuid,
    /// The pseudonym of the person: this partner's own. One person may have several parcours.
    pub trainee: Uuid,
    /// The day it happened.
    pub date: NaiveDate,
    /// Commune of residence (INSEE).
    pub commune: String,
    /// Its intercommunalité (SIREN).
    pub epci: Option<String>,
    /// Its département.
    pub departement: String,
    /// Its région.
    pub region: String,
    /// The training operator.
    pub operator: Option<Siret>,
    /// Level of the highest diploma when oriented.
    pub level: Level,
}

impl Person {
    pub(super) fn of(row: &OutcomeRow, outcome: &Outcome, parcours: Uuid, trainee: Uuid) -> Self {
        let place = row.commune.and_then(Commune::record);
        let code = |code: Option<&'static str>| code.unwrap_or_default().to_owned();
        Self {
            parcours,
            trainee,
            date: outcome.day,
            commune: code(place.map(|place| place.code)),
            epci: place.and_then(|place| place.epci).map(str::to_owned),
            departement: code(place.map(|place| place.departement)),
            region: code(place.map(|place| place.region)),
            operator: row.operator,
            level: outcome.level,
        }
    }
}

/// Data of `outcome.entry.v1`.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "EntryData")]
pub struct Entry {
    #[serde(flatten)]
    person: Person,
    /// The session entered.
    session: Option<Uuid>,
}

/// Data of `outcome.certification.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CertificationData")]
pub struct Certification {
    #[serde(flatten)]
    person: Person,
    /// Its number in the RNCP or the répertoire spécifique.
    #[schemars(schema_with = "CertificationCode::json_schema")]
    certification: CertificationCode,
    /// The whole, or some of its blocks.
    scope: Scope,
    /// Which blocks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<String>,
}

/// Data of `outcome.employment.started.v1`.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "EmploymentStartedData")]
pub struct EmploymentStarted {
    #[serde(flatten)]
    person: Person,
    /// The pseudonym of the employment, named by its end.
    employment: Uuid,
    /// The contract.
    contract: Contract,
    /// The trade.
    rome: Option<Rome>,
    /// Length of the contract in months.
    months: Option<u16>,
    /// Minutes a week.
    weekly_minutes: Option<Minutes>,
}

/// Data of `outcome.employment.ended.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "EmploymentEndedData")]
pub struct EmploymentEnded {
    #[serde(flatten)]
    person: Person,
    /// The pseudonym of the employment that started.
    employment: Uuid,
}

/// Data of `outcome.business.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "BusinessData")]
pub struct Business {
    #[serde(flatten)]
    person: Person,
    /// Created or taken over.
    how: BusinessOrigin,
}

/// Why a parcours ended, as far as partners are told: health, death, a move and an exclusion are nobody's business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ExitReasonTold")]
pub enum ExitReason {
    /// The plan is done.
    Completed,
    /// Work was found.
    Employment,
    /// A qualifying training follows.
    QualifyingTraining,
    /// The person gave up.
    Abandoned,
    /// Another reason.
    Other,
}

impl From<parcours::ExitReason> for ExitReason {
    fn from(reason: parcours::ExitReason) -> Self {
        use parcours::ExitReason as Reason;
        match reason {
            Reason::Completed => Self::Completed,
            Reason::Employment => Self::Employment,
            Reason::QualifyingTraining => Self::QualifyingTraining,
            Reason::Abandoned => Self::Abandoned,
            Reason::Excluded | Reason::Health | Reason::MovedAway | Reason::Deceased => Self::Other,
        }
    }
}

/// Data of `outcome.exit.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ExitData")]
pub struct Exit {
    #[serde(flatten)]
    person: Person,
    /// Why.
    reason: ExitReason,
}

/// Data of `outcome.followup.v1`.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "FollowupData")]
pub struct Followup {
    #[serde(flatten)]
    person: Person,
    /// Months after the exit.
    months: FollowupMonths,
    /// What the person does then.
    situation: FollowupSituation,
}

/// What became of this person; `None` without a pseudonym for the employment.
pub(super) fn data(
    person: Person,
    what: &What,
    employment_pseudonym: &dyn Fn(Uuid) -> Option<Uuid>,
) -> Option<Data> {
    Some(match what {
        What::Entry { session } => Data::Entry(Entry {
            person,
            session: *session,
        }),
        What::Certification {
            certification,
            scope,
            blocks,
        } => Data::Certification(Certification {
            person,
            certification: *certification,
            scope: *scope,
            blocks: blocks.clone(),
        }),
        What::EmploymentStarted {
            employment,
            contract,
            rome,
            months,
            weekly_minutes,
        } => Data::EmploymentStarted(EmploymentStarted {
            person,
            employment: employment_pseudonym(*employment)?,
            contract: *contract,
            rome: *rome,
            months: *months,
            weekly_minutes: *weekly_minutes,
        }),
        What::EmploymentEnded { employment } => Data::EmploymentEnded(EmploymentEnded {
            person,
            employment: employment_pseudonym(*employment)?,
        }),
        What::Business { how } => Data::Business(Business { person, how: *how }),
        What::Exit { reason } => Data::Exit(Exit {
            person,
            reason: (*reason).into(),
        }),
        What::Followup { months, situation } => Data::Followup(Followup {
            person,
            months: *months,
            situation: *situation,
        }),
    })
}
