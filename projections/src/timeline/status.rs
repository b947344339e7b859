//! Where a parcours stands.

use parcours_model::streams::parcours::Fact;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Where a parcours stands, by its effective history.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ParcoursStatus")]
pub enum Status {
    /// Every fact of it is annulled, or still to come.
    Empty,
    /// Oriented to the programme.
    Oriented,
    /// Found eligible.
    Eligible,
    /// Found not eligible.
    Ineligible,
    /// Waiting for a place.
    Waitlisted,
    /// Not taken in.
    Declined,
    /// Gave up before the start.
    Withdrawn,
    /// Taken in, not started.
    Admitted,
    /// In training.
    InTraining,
    /// Interrupted.
    Suspended,
    /// Over.
    Exited,
}

impl Status {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Empty,
        Self::Oriented,
        Self::Eligible,
        Self::Ineligible,
        Self::Waitlisted,
        Self::Declined,
        Self::Withdrawn,
        Self::Admitted,
        Self::InTraining,
        Self::Suspended,
        Self::Exited,
    ];

    /// Its word, as in an answer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Oriented => "oriented",
            Self::Eligible => "eligible",
            Self::Ineligible => "ineligible",
            Self::Waitlisted => "waitlisted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
            Self::Admitted => "admitted",
            Self::InTraining => "in_training",
            Self::Suspended => "suspended",
            Self::Exited => "exited",
        }
    }

    /// The status of this word.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.word() == word)
    }

    /// The status after `journey`, the facts in effective order.
    pub fn of<'a>(journey: impl Iterator<Item = &'a Fact>) -> Self {
        journey.fold(Self::Empty, |status, fact| match (fact, status) {
            (_, Self::Exited) => Self::Exited,
            (Fact::Oriented(_), _) => Self::Oriented,
            (Fact::Exited(_), _) => Self::Exited,
            (Fact::Started(_) | Fact::Resumed(_), _) => Self::InTraining,
            (Fact::Suspended(_), _) => Self::Suspended,
            // Once the training runs, only its end and its interruptions change where a person stands.
            (_, Self::InTraining | Self::Suspended) => status,
            (Fact::EligibilityChecked(checked), _) if checked.eligible => Self::Eligible,
            (Fact::EligibilityChecked(_), _) => Self::Ineligible,
            (Fact::Admitted(_), _) => Self::Admitted,
            (Fact::Waitlisted(_), _) => Self::Waitlisted,
            (Fact::Declined(_), _) => Self::Declined,
            (Fact::Withdrawn(_), _) => Self::Withdrawn,
            _ => status,
        })
    }
}
