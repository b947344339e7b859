//! A plausible programme, made up from a seed: what `parcours simulate` and `parcours demo` write.
//!
//! Operators, their offers and sessions in real communes; people spread as inhabitants are; every step of the
//! journey with plausible dates; facts that arrive late, are corrected, or annulled. Nobody and nothing in it exists,
//! communes, trades and certifications aside. Events come in the order in which a service would receive them, and
//! sent in that order every one of them is accepted by the rules.
//!
//! Time is lived day by day: each dawn opens sessions and plans the parcours of those who come that day; the agenda
//! hands out what becomes known before the next dawn. So memory holds the parcours under way, not the whole time; and
//! `parcours simulate`, which writes lines, keeps on disk what many of them make.

mod admission;
mod agenda;
mod budget;
mod certification;
mod community;
mod dice;
mod establishment;
mod exploration;
mod fate;
mod immersion;
mod intake;
mod journey;
mod measure;
mod mishap;
mod operators;
mod orientation;
mod outcome;
mod overflow;
mod parcours;
mod partners;
mod region;
mod sessions;
pub mod settings;
mod stay;
mod support;
mod trades;
mod training;
mod voice;
mod workdays;
mod world;
mod writing;

use agenda::{Agenda, Step};
use chrono::{DateTime, Days, NaiveDate, Utc};
use intake::Intake;
use parcours_model::{Submission, calendar};
use settings::Settings;
use world::World;

/// The events of a simulated programme, in order of arrival: a pure function of the settings.
pub fn simulate(settings: &Settings) -> Simulation {
    let mut agenda = Agenda::default();
    let world = World::new(settings, &mut agenda);
    Simulation {
        intake: Intake::new(settings),
        today: settings.from,
        now: calendar::midnight(settings.from),
        world,
        agenda,
        due: Vec::new().into_iter(),
    }
}

/// A simulated programme under way.
pub struct Simulation {
    world: World,
    agenda: Agenda,
    /// What becomes known before `today`, and is not told yet.
    due: std::vec::IntoIter<Step>,
    intake: Intake,
    /// The first day that is not lived yet.
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl Simulation {
    /// When the service receives the event last given: the clock that the rules go by.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Lives another day, unless the last is over.
    fn live(&mut self) -> bool {
        if self.today >= self.world.settings.until {
            return false;
        }
        self.world
            .sessions
            .live(self.today, &mut self.world.operators, &mut self.agenda);
        self.intake.live(self.today, &mut self.world, &mut self.agenda);
        self.today = self.today + Days::new(1);
        true
    }
}

impl Iterator for Simulation {
    type Item = Submission;

    fn next(&mut self) -> Option<Submission> {
        loop {
            if let Some(step) = self.due.next() {
                self.now = step.known;
                return Some(Submission::new(step.event));
            }
            self.due = self.agenda.take_before(self.today).into_iter();
            if self.due.len() == 0 && !self.live() {
                return None;
            }
        }
    }
}
