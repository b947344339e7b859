//! `offer/<uuid>`: a training on offer (R15, R18).

use crate::codes::{Formacode, Level, Minutes, Rncp, Rome, Rs, Siret};
use crate::streams::Data;
use crate::streams::parcours::Mode;
use uuid::Uuid;

data! {
    /// What a training is for (LHEO's table of general aims).
    pub enum Aim {
        /// A certification.
        Certification,
        /// Skills of a trade.
        Professionalisation,
        /// What a qualifying training asks for.
        Preparation,
        /// General knowledge refreshed.
        Refresher,
        /// Somebody's own momentum.
        Mobilisation,
        /// Skills improved or widened.
        Improvement,
        /// A business of one's own.
        BusinessCreation,
    }

    /// Data of `offer.published.v1` and `offer.revised.v1` (the whole offer, as it now is).
    pub struct Offer {
        /// Who gives it.
        operator: Siret,
        /// Its title.
        title: String where TITLE,
        /// What it leads to.
        objective: String where OBJECTIVE,
        /// The trades it prepares for.
        rome: Vec<Rome>,
        /// The certification it prepares for.
        rncp: Option<Rncp>,
        /// The certification of the répertoire spécifique it prepares for.
        rs: Option<Rs>,
        /// What it teaches, in the Formacode thesaurus.
        formacode: Vec<Formacode>,
        /// Whether it leads to a certification.
        certifying: bool,
        /// What it is for.
        aim: Option<Aim>,
        /// The level it leads to.
        level: Option<Level>,
        /// The level it asks for.
        entry_level: Option<Level>,
        /// How long it is.
        minutes: Minutes where OFFER,
        /// How it is given.
        mode: Mode,
    }

    /// Data of `offer.requested.v1`.
    pub struct Requested {
        /// The request that led to it.
        request: Uuid,
    }

    /// Data of `offer.withdrawn.v1`.
    pub struct Withdrawn {
        /// Why.
        reason: Option<String>,
    }
}

impl Data for Offer {}

impl Offer {
    /// About how many bytes it holds in memory, itself included.
    pub(crate) fn heap(&self) -> usize {
        size_of::<Self>()
            + self.title.len()
            + self.objective.len()
            + size_of_val(&*self.rome)
            + size_of_val(&*self.formacode)
    }
}

impl Data for Requested {}
impl Data for Withdrawn {}

vocabulary! {
    "offer.published.v1" "A training enters the catalogue (R18)." => Published(Box<Offer>),
    "offer.revised.v1" "A training changes; the whole of it, as it now is." => Revised(Box<Offer>),
    "offer.requested.v1" "The training was made for a request; written by the log with its funding (R18)." => Requested(Requested),
    "offer.withdrawn.v1" "A training leaves the catalogue." => Withdrawn(Withdrawn),
}
