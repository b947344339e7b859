//! Finding one's way: trades met, the project (R6, R8).

use crate::codes::{Rome, Siret};
use crate::streams::Data;
use uuid::Uuid;

data! {
    /// How a trade was met.
    pub enum Discovery {
        /// A visit to a company.
        Visit,
        /// A meeting with professionals.
        Meeting,
        /// A fair.
        Fair,
        /// A testimony.
        Testimony,
        /// A technical platform.
        Platform,
    }

    /// Data of `parcours.trade.discovered.v1`.
    pub struct TradeDiscovered {
        /// The trade.
        rome: Rome,
        /// How it was met.
        format: Discovery,
        /// The company or body that received the person.
        host: Option<Siret>,
        /// The professional branch.
        branch: Option<Uuid>,
    }

    /// What a project leads to.
    pub enum ProjectAim {
        /// A qualification.
        Qualification,
        /// Employment.
        Employment,
        /// A business of one's own.
        Creation,
    }

    /// Data of `parcours.project.stated.v1` and `.confirmed.v1`.
    pub struct Project {
        /// The trade aimed at.
        rome: Rome,
        /// What the project leads to.
        aim: ProjectAim,
        /// Realistic for the person.
        realistic_for_person: bool,
        /// Realistic for the territory.
        realistic_for_territory: bool,
    }
}

impl Data for TradeDiscovered {}
impl Data for Project {}
