//! `convention/<uuid>`: what a partner network does with the Région, and until when (R16).

use crate::codes::Siret;
use crate::streams::{Data, Misfit};
use crate::territory::TerritoryCode;
use chrono::NaiveDate;

data! {
    /// What a partner does under a convention.
    pub enum Role {
        /// Informs about the programme.
        Inform,
        /// Orients people to it.
        Orient,
        /// Accompanies trainees on the obstacles around the training.
        Accompany,
        /// Contributes to the evaluation.
        Evaluate,
        /// Takes part in local governance.
        Govern,
    }

    /// Data of `convention.signed.v1`.
    pub struct Signed {
        /// With whom.
        partner: Siret,
        /// The partner's name.
        name: String where TITLE,
        /// What the partner does.
        roles: Vec<Role>,
        /// Where.
        territory: TerritoryCode,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
    }

    /// Data of `convention.ended.v1`.
    pub struct Ended {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Signed {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_ordered(&self.from, &self.to)
    }
}
impl Data for Ended {}

vocabulary! {
    "convention.signed.v1" "The Région and a partner network agree on what the partner does (R16)." => Signed(Signed),
    "convention.ended.v1" "A convention ends before its last day (R16)." => Ended(Ended),
}
