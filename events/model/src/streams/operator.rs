//! `operator/<uuid>`: a training body and its contracts with the Région (R15).

use crate::codes::{Commune, Siret};
use crate::territory::TerritoryCode;
use crate::streams::{Data, Misfit};
use chrono::NaiveDate;
use uuid::Uuid;

data! {
    /// Data of `operator.registered.v1`; a later one replaces what the earlier said.
    pub struct Registered {
        /// The establishment.
        siret: Siret,
        /// Its name.
        name: String where TITLE,
        /// Where it stands.
        commune: Commune,
        /// Last day of its Qualiopi quality certificate.
        qualiopi_until: Option<NaiveDate>,
    }

    /// Data of `operator.contracted.v1`.
    pub struct Contracted {
        /// The contract, named by its end.
        contract: Uuid,
        /// The territory it serves.
        territory: TerritoryCode,
        /// First day.
        from: NaiveDate,
        /// Last day.
        to: NaiveDate,
        /// Places a year.
        places: u32 where CONTRACTED_PLACES,
    }

    /// Data of `operator.contract.ended.v1`.
    pub struct ContractEnded {
        /// The contract.
        contract: Uuid,
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Registered {}
impl Data for Contracted {
    fn check(&self) -> Result<(), Misfit> {
        Misfit::unless_ordered(&self.from, &self.to)
    }
}
impl Data for ContractEnded {}

vocabulary! {
    "operator.registered.v1" "A training body is known to the Région." => Registered(Registered),
    "operator.contracted.v1" "The Région contracts places for a territory (R15)." => Contracted(Contracted),
    "operator.contract.ended.v1" "A contract ends (R15)." => ContractEnded(ContractEnded),
}
