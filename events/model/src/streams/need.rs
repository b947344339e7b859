//! `need/<uuid>`: a company or a territory needs people to be trained (R19).

use crate::codes::{Commune, Rome, Siret};
use crate::streams::{Data, Misfit, given_once};
use crate::territory::TerritoryCode;
use chrono::NaiveDate;
use schemars::Schema;
use uuid::Uuid;

data! {
    /// Data of `need.stated.v1`: of a company, or of a territory.
    pub struct Stated {
        /// The company that needs them.
        company: Option<Siret>,
        /// The territory that needs them.
        territory: Option<TerritoryCode>,
        /// In which trade.
        rome: Rome,
        /// How many.
        people: u32 where PEOPLE,
        /// Where.
        commune: Commune,
        /// By when.
        by_date: NaiveDate,
    }

    /// Data of `need.accompanied.v1`.
    pub struct Accompanied {
        /// Who helps.
        by: Option<Siret>,
        /// How.
        comment: Option<String>,
    }

    /// Data of `need.met.v1`.
    pub struct Met {
        /// The session that trains them.
        session: Uuid,
    }

    /// Data of `need.dropped.v1`.
    pub struct Dropped {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Stated {
    fn constrain(schema: &mut Schema) {
        given_once::constrain(schema, ["company", "territory"]);
    }

    fn check(&self) -> Result<(), Misfit> {
        given_once::check(
            [("company", self.company.is_some()), ("territory", self.territory.is_some())],
        )
    }
}
impl Data for Accompanied {}
impl Data for Met {}
impl Data for Dropped {}

vocabulary! {
    "need.stated.v1" "A company or a territory needs people to be trained (R19)." => Stated(Stated),
    "need.accompanied.v1" "Somebody helps it towards a training made to measure (R19)." => Accompanied(Accompanied),
    "need.met.v1" "A session trains them (R19)." => Met(Met),
    "need.dropped.v1" "The need is no more (R19)." => Dropped(Dropped),
}
