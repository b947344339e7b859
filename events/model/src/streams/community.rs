//! `community/<uuid>`: trainees who gather, and whom one may call upon (R21).

use crate::sealed::Sealed;
use crate::streams::Data;
use uuid::Uuid;

data! {
    /// Data of `community.created.v1`.
    pub struct Created {
        /// Its name.
        name: String where TITLE,
        /// What it is for.
        purpose: String,
    }

    /// Data of `community.joined.v1` and `community.left.v1`.
    pub struct Member {
        /// Whose parcours.
        parcours: Uuid,
    }

    /// Data of `community.called.v1`.
    pub struct Called {
        /// What its members are asked.
        question: String,
    }

    /// Data of `community.answered.v1`: an answer to the question asked last.
    pub struct Answered {
        /// Whose parcours.
        parcours: Uuid,
        /// The answer, sealed.
        text: Option<Sealed>,
    }
}

impl Data for Created {}
impl Data for Member {}
impl Data for Called {}
impl Data for Answered {}

vocabulary! {
    "community.created.v1" "A community of trainees is set up (R21)." => Created(Created),
    "community.joined.v1" "A trainee who agreed joins it (R21)." => Joined(Member),
    "community.left.v1" "A trainee leaves it (R21)." => Left(Member),
    "community.called.v1" "Its members are asked something (R21)." => Called(Called),
    "community.answered.v1" "A member answers what was asked last (R21)." => Answered(Answered),
}
