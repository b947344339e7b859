//! What an import did, in numbers.

use std::fmt;

use parcours_console::numbers::counted;

use super::events::Additions;
use super::formation::Formation;

/// What was read of a catalogue, and what it added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Formations in the file.
    pub formations: usize,
    /// Operators, each once.
    pub operators: usize,
    /// Offers read.
    pub offers: usize,
    /// Offers whose hours the catalogue does not say: they count 0 minutes.
    pub without_hours: usize,
    /// Sessions read.
    pub sessions: usize,
    /// Sessions whose places the catalogue does not say: a new one gets the default.
    pub without_places: usize,
    /// What was refused by the reading, or could not be said to the log.
    pub refused: usize,
    /// What was taken otherwise than it stands in the file.
    pub remarks: usize,
    /// Events that the log lacked.
    pub events: usize,
}

impl Tally {
    /// Counts one formation and what it added.
    pub fn add(&mut self, formation: &Formation, additions: &Additions) {
        self.formations += 1;
        self.operators += usize::from(formation.operator.is_some());
        self.offers += formation.offers.len();
        self.without_hours += formation
            .offers
            .iter()
            .filter(|offer| offer.minutes.is_none())
            .count();
        self.sessions += formation.sessions.len();
        self.without_places += formation
            .sessions
            .iter()
            .filter(|session| session.capacity.is_none())
            .count();
        self.refused += formation.refusals.len() + additions.left.len();
        self.remarks += formation.remarks.len();
        self.events += additions.submissions.len();
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Tally {
            formations,
            operators,
            offers,
            without_hours,
            sessions,
            without_places,
            ..
        } = self;
        let (formations, operators) = (counted(formations, "formation"), counted(operators, "operator"));
        let (offers, sessions) = (counted(offers, "offer"), counted(sessions, "session"));
        let (remarks, events) = (counted(self.remarks, "remark"), counted(self.events, "event"));
        write!(f, "{formations}: {operators}, ")?;
        write!(f, "{offers} ({without_hours} without hours: counted as 0), ")?;
        write!(
            f,
            "{sessions} ({without_places} without places: the default is taken); "
        )?;
        write!(f, "{} refused, {remarks}, {events}", self.refused)
    }
}
