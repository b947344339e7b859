//! `trainee/<uuid>`: a person in the programme. Names, birth date and contact live in the vault, never in an event.

use crate::streams::Data;
use uuid::Uuid;

data! {
    /// Data of `trainee.registered.v1`: the identity is in the vault.
    pub struct Registered {}

    /// Data of `trainee.merged.v1`.
    pub struct Merged {
        /// The uuid that the same person has, too.
        into: Uuid,
    }

    /// Data of `trainee.separated.v1`.
    pub struct Separated {
        /// The uuid that proved to be somebody else's.
        from: Uuid,
    }

    /// Data of `trainee.absorbed.v1` and `trainee.released.v1`.
    pub struct Absorbed {
        /// The uuid that is the same person's.
        trainee: Uuid,
    }

    /// Data of `trainee.training.begun.v1` and `trainee.training.ended.v1`.
    pub struct Training {
        /// In which parcours.
        parcours: Uuid,
    }

    /// Data of `trainee.erased.v1`.
    pub struct Erased {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Registered {}
impl Data for Merged {}
impl Data for Separated {}
impl Data for Absorbed {}
impl Data for Training {}
impl Data for Erased {}

vocabulary! {
    "trainee.registered.v1" "A person is known to the programme." => Registered(Registered),
    "trainee.merged.v1" "Two uuids prove to be one person (R4)." => Merged(Merged),
    "trainee.separated.v1" "They prove not to be, after all." => Separated(Separated),
    "trainee.absorbed.v1" "Another uuid is this person's; written by the log with the merge." => Absorbed(Absorbed),
    "trainee.released.v1" "It is not, after all; written by the log with the separation." => Released(Absorbed),
    "trainee.training.begun.v1" "A training begins; written by the log with the start of a parcours (R4)." => TrainingBegun(Training),
    "trainee.training.ended.v1" "A training ends; written by the log with the exit (R4)." => TrainingEnded(Training),
    "trainee.erased.v1" "The person's identity and keys are destroyed." => Erased(Erased),
}
