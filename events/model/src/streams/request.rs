//! `request/<uuid>`: a person asks for a training that the catalogue does not have (R18).

use crate::codes::{Cents, Commune, Rome};
use crate::streams::Data;
use uuid::Uuid;

data! {
    /// Data of `request.submitted.v1`.
    pub struct Submitted {
        /// Who asks, if the person is in the programme already.
        trainee: Option<Uuid>,
        /// The trade aimed at.
        rome: Rome,
        /// Why the catalogue does not do.
        why: String,
        /// Where the person lives.
        commune: Commune,
    }

    /// Data of `request.examined.v1`.
    pub struct Examined {
        /// What came of it.
        comment: Option<String>,
    }

    /// Data of `request.funded.v1`.
    pub struct Funded {
        /// The training made to measure, once it is published.
        offer: Option<Uuid>,
        /// How much the Région pays, at most.
        cents: Cents where FUNDING,
    }

    /// Data of `request.refused.v1`.
    pub struct Refused {
        /// Why.
        reason: String,
    }

    /// Data of `request.withdrawn.v1`.
    pub struct Withdrawn {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Submitted {}
impl Data for Examined {}
impl Data for Funded {}
impl Data for Refused {}
impl Data for Withdrawn {}

vocabulary! {
    "request.submitted.v1" "A person asks for a training outside the catalogue (R18)." => Submitted(Submitted),
    "request.examined.v1" "The Région looks into a request (R18)." => Examined(Examined),
    "request.funded.v1" "The Région pays for a training made to measure (R18)." => Funded(Funded),
    "request.refused.v1" "The Région does not pay for it, and says why (R18)." => Refused(Refused),
    "request.withdrawn.v1" "The person no longer asks (R18)." => Withdrawn(Withdrawn),
}
