//! Catalogues in LHEO, the French exchange format for training offers (lheo.gouv.fr): a reader that takes files as
//! producers write them.
//!
//! - `input`, `decoding`, `reader`, `tags`, `element`: bytes, then one `formation` at a time. What is ill-formed inside a formation costs that
//!   formation only; memory does not grow with the file.
//! - `number`: numbers of identity, cleaned. `text`, `dates`, `hours`, `capacity`, `period`, `place`: one kind of value each, with its oddities.
//! - `interpret`, `operator`, `offer`, `session`, `venue`: what the elements say. An `action` is an offer, since hours, mode and
//!   place are the action's; a `session` is a session.
//! - `identity`: the names under which all this is known, the same at each import.
//! - `not_taken` and `ELEMENTS.md`: what becomes of each element, and how much is said that no event says.
//! - `events`, `said`: the events that a log lacks to know all this. `tally`: what to report.
//!
//! What is missing is looked for elsewhere, and said as a *remark*; what can't be found is *refused* by line, number and
//! element, alone: a session without a place does not cost its offer.

mod capacity;
mod dates;
mod decoding;
mod element;
mod events;
mod formation;
mod hours;
mod identity;
mod input;
mod interpret;
mod not_taken;
mod note;
mod number;
mod offer;
mod operator;
mod period;
mod place;
mod reader;
mod said;
mod session;
mod tags;
mod tally;
mod text;
mod unreadable;
mod venue;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::Read;

use chrono::{DateTime, Utc};
use parcours_model::codes::Siret;
use uuid::Uuid;

pub use events::{Additions, DEFAULT_CAPACITY, Options, additions};
pub use formation::{Assumed, Dated, Formation, LONGEST_OBJECTIVE, Offer, Operator, Session};
pub use not_taken::NotTaken;
pub use note::Note;
pub use tally::Tally;
pub use unreadable::Unreadable;

use note::Spot;
use place::Places;
use reader::{Formations, Raw};

/// The formations of a LHEO catalogue, in the order of the file, one in memory at a time.
///
/// An error is the last item: what came before it stands.
pub struct Catalogue<R> {
    formations: Formations<R>,
    as_of: DateTime<Utc>,
    operators: HashMap<Siret, bool>,
    /// Where each formation was, by its name.
    read: HashMap<Uuid, u64>,
}

impl<R: Read> Catalogue<R> {
    /// A catalogue from its bytes. `as_of` dates what the catalogue does not.
    ///
    /// # Errors
    /// When the first bytes can't be read, or name an encoding that does not exist.
    pub fn open(source: R, as_of: DateTime<Utc>) -> Result<Self, Unreadable> {
        let formations = Formations::new(source)?;
        Ok(Catalogue {
            formations,
            as_of,
            operators: HashMap::new(),
            read: HashMap::new(),
        })
    }

    fn formation(&mut self, raw: &Raw) -> Formation {
        let read = interpret::formation(raw, Places::of_france(), self.as_of, &mut self.operators);
        let Some(offer) = read.offers.first() else {
            return read;
        };
        let name = identity::offer(offer.operator, &read.number, "");
        match self.read.entry(name) {
            Entry::Vacant(new) => {
                new.insert(read.line);
                read
            }
            Entry::Occupied(before) => {
                let reason = format!(
                    "line {} has a formation of that number and operator already",
                    before.get()
                );
                let refusals = vec![Spot::of(&raw.element).note(&read.number, reason)];
                Formation {
                    line: read.line,
                    number: read.number,
                    refusals,
                    ..Formation::default()
                }
            }
        }
    }
}

impl<R: Read> Iterator for Catalogue<R> {
    type Item = Result<Formation, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        let raw = match self.formations.next()? {
            Ok(raw) => raw,
            Err(unreadable) => return Some(Err(unreadable)),
        };
        let mut read = self.formation(&raw);
        if let Some(surprise) = self.formations.surprise() {
            read.remarks
                .push(Spot::of(&raw.element).note(&read.number, surprise));
        }
        Some(Ok(read))
    }
}

#[cfg(test)]
mod tests;
