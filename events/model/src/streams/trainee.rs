//! `trainee/<uuid>`: a person in the programme. Names, birth date and contact live in the vault, never in an event.

use crate::streams::Data;

data! {
    /// Data of `trainee.registered.v1`: the identity is in the vault.
    pub struct Registered {}

    /// Data of `trainee.erased.v1`.
    pub struct Erased {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Registered {}
impl Data for Erased {}

vocabulary! {
    "trainee.registered.v1" "A person is known to the programme." => Registered(Registered),
    "trainee.erased.v1" "The person's identity and keys are destroyed." => Erased(Erased),
}
