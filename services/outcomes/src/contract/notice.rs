//! What a partner must undo.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

/// Data of `outcome.retraction.v1`: the message that `replaces` names never was, or is no longer this partner's.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "RetractionData")]
pub struct Retraction {
    /// The kind of the message taken back, such as `certification`.
    #[schemars(with = "String", example = &"certification")]
    pub(super) kind: &'static str,
    /// The pseudonym of the parcours.
    pub(super) parcours: Uuid,
    /// The pseudonym of the person.
    pub(super) trainee: Uuid,
}

/// Data of `outcome.forget.v1`: everything held under this pseudonym is to be deleted. An unknown one asks for nothing.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "ForgetData")]
pub struct Forget {
    /// The pseudonym of the parcours whose consent is withdrawn. Without it, everything about the person is to be deleted.
    pub(super) parcours: Option<Uuid>,
    /// The pseudonym of the person.
    pub(super) trainee: Uuid,
}
