//! What a formation says, in the words of the model.

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::codes::{Commune, Formacode, Level, Minutes, Rncp, Rome, Rs, Siret};
use parcours_model::streams::offer::Aim;
use parcours_model::streams::parcours::Mode;
use parcours_model::streams::session::Entry;
use uuid::Uuid;

use super::not_taken::NotTaken;
use super::note::Note;

/// What one `formation` of a catalogue gives: one offer for each of its actions, and their sessions.
#[derive(Clone, Debug, Default)]
pub struct Formation {
    /// The line it begins on.
    pub line: u64,
    /// Its number, or its title where it has none.
    pub number: String,
    /// Who is responsible for it; only with the first of its formations in a catalogue, so that two spellings of one
    /// name do not take turns.
    pub operator: Option<Operator>,
    /// What it offers: one for each action, since hours and mode are the action's.
    pub offers: Vec<Offer>,
    /// When and where.
    pub sessions: Vec<Session>,
    /// What could not be taken, each with its reason.
    pub refusals: Vec<Note>,
    /// What was taken otherwise than it stands there.
    pub remarks: Vec<Note>,
    /// The streams of all its sessions, of those that were refused too.
    pub named: Vec<Uuid>,
    /// If it was refused: the offers of the log that it must be about.
    pub unread: Vec<Uuid>,
    /// Whether it was refused and does not tell which it is.
    pub unidentified: bool,
    /// What it says that no event does.
    pub not_taken: NotTaken,
}

/// A training body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operator {
    /// Its stream.
    pub key: Uuid,
    /// The establishment.
    pub siret: Siret,
    /// Its usual name, else its registered one.
    pub name: String,
    /// Where it stands.
    pub commune: Commune,
}

/// A training on offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its stream.
    pub key: Uuid,
    /// Whether the catalogue had it before: its first description counts.
    pub again: bool,
    /// Who is responsible for it.
    pub operator: Siret,
    /// One line.
    pub title: String,
    /// Plain text, at most [`LONGEST_OBJECTIVE`] characters.
    pub objective: String,
    /// The trades it prepares for, without repetition.
    pub rome: Vec<Rome>,
    /// The first certification of the RNCP it prepares for.
    pub rncp: Option<Rncp>,
    /// The first certification of the répertoire spécifique it prepares for.
    pub rs: Option<Rs>,
    /// What it teaches, the principal one first, without repetition.
    pub formacode: Vec<Formacode>,
    /// Whether it leads to a certification.
    pub certifying: bool,
    /// What it is for.
    pub aim: Option<Aim>,
    /// The level it leads to.
    pub level: Option<Level>,
    /// The level it asks for.
    pub entry_level: Option<Level>,
    /// How long it is, in the centre and in companies; `None` where the catalogue gives no hours.
    pub minutes: Option<Minutes>,
    /// How it is given.
    pub mode: Mode,
    /// When it was written down, and when it last changed, as far as the catalogue says.
    pub dated: Dated,
}

/// A training held at a place and a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its stream.
    pub key: Uuid,
    /// The stream that it is if the catalogue gives its number to another.
    pub apart: Uuid,
    /// The line it begins on.
    pub line: u64,
    /// Its number in the catalogue.
    pub number: String,
    /// The stream of its offer.
    pub offer: Uuid,
    /// Where.
    pub commune: Commune,
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
    /// Which of the two nobody said.
    pub assumed: Assumed,
    /// When one may enter.
    pub entry: Entry,
    /// Whether the catalogue says that nobody is enrolled any more, or for the time being.
    pub closed: bool,
    /// Its places; `None` where the catalogue does not say.
    pub capacity: Option<u32>,
    /// First day of enrolment.
    pub enrol_from: Option<NaiveDate>,
    /// Last day of enrolment.
    pub enrol_until: Option<NaiveDate>,
    /// When it was written down, and when it last changed, as far as the catalogue says.
    pub dated: Dated,
}

/// The days of a session that neither the catalogue says nor its age tells, so that the import's own date was taken: no
/// reason to change a session that is known already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Assumed {
    /// The first.
    pub from: bool,
    /// The last.
    pub to: bool,
}

/// What a catalogue says of the age of what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dated {
    /// `horodatage-creation` or `datecrea`.
    pub created: Option<DateTime<Utc>>,
    /// `horodatage-modification` or `datemaj`.
    pub updated: Option<DateTime<Utc>>,
}

/// Four times what LHEO allows (3,000), since files don't keep to it; and far below the largest entry of the log.
pub const LONGEST_OBJECTIVE: usize = 12_000;
