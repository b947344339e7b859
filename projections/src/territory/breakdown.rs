//! How figures are broken down.

use parcours_model::geography::TerritoryLevel;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A way to break figures down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Breakdown")]
pub enum By {
    /// By month of the period.
    Month,
    /// By quarter of the period.
    Quarter,
    /// By year of the period.
    Year,
    /// By operator, as a SIRET.
    Operator,
    /// By channel of orientation.
    Channel,
    /// By level of the highest diploma.
    Level,
    /// By commune of residence, of those within the territory.
    Commune,
    /// By EPCI of residence.
    Epci,
    /// By département of residence.
    Departement,
    /// By gender, where it is stated.
    Gender,
    /// By age in the year of the start, where the year of birth is stated: `under_25`, `from_25_to_49`, `from_50`.
    Age,
    /// By situation towards employment at the orientation.
    Situation,
}

impl By {
    /// Every way, in the order in which they are told.
    pub const ALL: [By; 12] = [
        By::Commune,
        By::Epci,
        By::Departement,
        By::Month,
        By::Quarter,
        By::Year,
        By::Operator,
        By::Channel,
        By::Level,
        By::Gender,
        By::Age,
        By::Situation,
    ];

    /// Its name, as questions and answers have it.
    pub fn as_str(self) -> &'static str {
        match self {
            By::Month => "month",
            By::Quarter => "quarter",
            By::Year => "year",
            By::Operator => "operator",
            By::Channel => "channel",
            By::Level => "level",
            By::Commune => "commune",
            By::Epci => "epci",
            By::Departement => "departement",
            By::Gender => "gender",
            By::Age => "age",
            By::Situation => "situation",
        }
    }

    /// The level of the parts, where these are territories within the one that is asked about.
    pub fn level(self) -> Option<TerritoryLevel> {
        match self {
            By::Commune => Some(TerritoryLevel::Commune),
            By::Epci => Some(TerritoryLevel::Epci),
            By::Departement => Some(TerritoryLevel::Departement),
            _ => None,
        }
    }

    /// Whether the parts are stretches of the period, and not of the people.
    pub fn is_of_time(self) -> bool {
        matches!(self, By::Month | By::Quarter | By::Year)
    }
}
