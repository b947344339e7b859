//! `call/<uuid>`: a call for proposals, for what contracts do not have yet (R15).

use crate::codes::{Cents, Siret};
use crate::streams::{Data, Misfit, given_once};
use crate::territory::TerritoryCode;
use chrono::NaiveDate;
use schemars::Schema;
use uuid::Uuid;

data! {
    /// Data of `call.opened.v1`.
    pub struct Opened {
        /// What it is for.
        title: String where TITLE,
        /// Where.
        territory: TerritoryCode,
        /// Last day on which proposals are taken.
        until: NaiveDate,
        /// How much there is for all of them.
        envelope_cents: Cents where ENVELOPE,
    }

    /// Data of `call.proposal.submitted.v1`.
    pub struct Proposal {
        /// Its name, for an operator with several.
        proposal: Option<Uuid>,
        /// Whose it is.
        operator: Siret,
        /// Its title.
        title: String where TITLE,
        /// What it costs.
        cents: Cents where ENVELOPE,
    }

    /// Data of `call.proposal.selected.v1`: a proposal by its name, or by the operator who made only one.
    pub struct Selected {
        /// The proposal's name.
        proposal: Option<Uuid>,
        /// Whose it is.
        operator: Option<Siret>,
    }

    /// Data of `call.closed.v1`.
    pub struct Closed {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Opened {}
impl Data for Proposal {}
impl Data for Selected {
    fn constrain(schema: &mut Schema) {
        given_once::constrain(schema, ["proposal", "operator"]);
    }

    fn check(&self) -> Result<(), Misfit> {
        given_once::check([("proposal", self.proposal.is_some()), ("operator", self.operator.is_some())])
    }
}
impl Data for Closed {}

vocabulary! {
    "call.opened.v1" "The Région calls for proposals (R15)." => Opened(Opened),
    "call.proposal.submitted.v1" "An operator proposes something (R15)." => ProposalSubmitted(Proposal),
    "call.proposal.selected.v1" "The Région takes a proposal (R15)." => ProposalSelected(Selected),
    "call.closed.v1" "Nothing more comes of the call (R15)." => Closed(Closed),
}
