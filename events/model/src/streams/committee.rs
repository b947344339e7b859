//! `committee/<uuid>`: the partners of a territory meet, and decide (R25).

use crate::codes::Siret;
use crate::streams::Data;
use crate::territory::TerritoryCode;
use chrono::NaiveDate;

data! {
    /// Data of `committee.met.v1`.
    pub struct Met {
        /// Of which territory.
        territory: TerritoryCode,
        /// On which day.
        on: NaiveDate,
        /// Who was there.
        partners: Vec<Siret>,
        /// What was decided; the first is number 1.
        decisions: Vec<String>,
    }

    /// Data of `committee.decision.due.v1`.
    pub struct DecisionDue {
        /// The day of the meeting that decided it.
        on: NaiveDate,
        /// Its number there.
        number: u32 where DECISION,
        /// By when it is to be done.
        by_date: NaiveDate,
    }

    /// Data of `committee.decision.done.v1`.
    pub struct DecisionDone {
        /// The day of the meeting that decided it.
        on: NaiveDate,
        /// Its number there.
        number: u32 where DECISION,
        /// What came of it.
        comment: Option<String>,
    }
}

impl Data for Met {}
impl Data for DecisionDue {}
impl Data for DecisionDone {}

vocabulary! {
    "committee.met.v1" "The partners of a territory meet, and decide (R25)." => Met(Met),
    "committee.decision.due.v1" "A decision is to be done by a day (R25)." => DecisionDue(DecisionDue),
    "committee.decision.done.v1" "A decision is done (R25)." => DecisionDone(DecisionDone),
}
