//! Entering: admission, waiting, the commitment, the référent (R1, R3, R4, R18).

use crate::codes::Siret;
use crate::streams::Data;
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
impl Data for CommitmentSigned {}
impl Data for ReferentNamed {}
