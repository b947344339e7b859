//! What there is in the simulated région besides the people who come.

use super::admission::AROUND;
use super::agenda::Agenda;
use super::community::{self, Community};
use super::dice::Dice;
use super::establishment::{self, Sort};
use super::fate::Fates;
use super::operators::{self, Operator};
use super::partners::{self, Partner};
use super::region::Region;
use super::sessions::Sessions;
use super::settings::Settings;
use super::{budget, measure};
use parcours_model::codes::Siret;
use std::sync::Arc;

/// The région, its operators, partners and companies, and the state of its sessions.
pub(super) struct World {
    pub settings: Settings,
    pub region: Region,
    /// How the Région signs what it sends.
    pub authority: Arc<str>,
    pub partners: Vec<Partner>,
    pub communities: Vec<Community>,
    pub companies: Vec<Siret>,
    pub operators: Vec<Operator>,
    pub sessions: Sessions,
    pub fates: Fates,
    /// The operators around each commune, nearest first.
    near: Vec<Vec<u16>>,
}

/// The threads of chance that belong to nobody in particular; those of the parcours follow.
const FOUNDING: u64 = 0;
const SESSIONS: u64 = 1;
pub(super) const FIRST_PARCOURS: u64 = 2;
const BUDGETS: u64 = u64::MAX;
const PARTNERS: u64 = u64::MAX - 1;
const COMMUNITIES: u64 = u64::MAX - 2;
const MEASURE: u64 = u64::MAX - 3;

impl World {
    pub fn new(settings: &Settings, agenda: &mut Agenda) -> Self {
        let region = Region::of(&settings.region).expect("settings name a région with inhabitants");
        let operators = operators::found(settings, &region, &mut Dice::new(settings.seed, FOUNDING), agenda);
        let authority: Arc<str> = format!("urn:region:{}", region.code).into();
        budget::vote(
            settings,
            &authority,
            &mut Dice::new(settings.seed, BUDGETS),
            agenda,
        );
        let towns: Vec<usize> = operators.iter().map(|operator| operator.town).collect();
        let near = region
            .shares()
            .map(|(home, _)| region.nearest(home, &towns, AROUND))
            .collect();
        let companies: Vec<Siret> = (0..2_000)
            .map(|number| establishment::siret(Sort::Company, number))
            .collect();
        let dice = Dice::new(settings.seed, PARTNERS);
        let partners = partners::agree(settings, &region, &authority, dice, agenda);
        let communities = community::gather(
            settings,
            &authority,
            Dice::new(settings.seed, COMMUNITIES),
            agenda,
        );
        let plan = measure::Plan {
            settings,
            region: &region,
            authority: &authority,
            operators: &operators,
            companies: &companies,
            dice: Dice::new(settings.seed, MEASURE),
        };
        plan.make(agenda);
        Self {
            authority,
            partners,
            communities,
            companies,
            operators,
            sessions: Sessions::new(settings, Dice::new(settings.seed, SESSIONS)),
            fates: Fates::new(settings),
            near,
            region,
            settings: settings.clone(),
        }
    }

    /// The operators around a commune, nearest first.
    pub fn near(&self, home: usize) -> &[u16] {
        &self.near[home]
    }
}
