//! Entering: admission, waiting and its turns, the commitment, the référent (R1, R3, R4, R18).

use crate::calendar;
use crate::codes::Siret;
use crate::streams::{Data, Remark};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

data! {
    /// Data of `parcours.admitted.v1`.
    pub struct Admitted {
        /// The training operator.
        operator: Siret,
        /// The session in which a place is taken.
        session: Option<Uuid>,
    }

    /// Data of `parcours.waitlisted.v1`, `.declined.v1` and `.withdrawn.v1`.
    pub struct Placement {
        /// The session in question; none for the programme as a whole.
        session: Option<Uuid>,
        /// Why.
        reason: Option<String>,
    }

    /// Data of `parcours.place.offered.v1`.
    pub struct PlaceOffered {
        /// The session in which a place is free.
        session: Uuid,
        /// The last day to take it or to decline it: from the next one on it is the turn of whoever waits after.
        until: NaiveDate,
    }

    /// Data of `parcours.commitment.signed.v1`.
    pub struct CommitmentSigned {
        /// The version of the contract's text.
        contract_version: String,
    }

    /// Data of `parcours.referent.named.v1`.
    pub struct ReferentNamed {
        /// The référent.
        referent: Uuid,
        /// Where the référent works.
        organisation: Siret,
    }
}

impl Data for Admitted {}
impl Data for Placement {}
impl Data for PlaceOffered {
    fn unlikely(&self, time: DateTime<Utc>, found: &mut Vec<Remark>) {
        let late = calendar::months_later(calendar::day(time), 3);
        found.extend((self.until > late).then_some(Remark {
            field: "until",
            english: "A place is offered for more than three months, in which nobody else is.",
            french: "Une place est proposée pendant plus de trois mois, sans l'être à personne d'autre.",
        }));
    }
}
impl Data for CommitmentSigned {}
impl Data for ReferentNamed {}
