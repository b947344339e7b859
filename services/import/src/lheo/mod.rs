//! Catalogues in LHEO, the French exchange format for training offers (lheo.gouv.fr): a reader that takes files as
//! producers write them.
//!
//! - `input`, `decoding`, `reader`, `tags`, `element`: bytes, then one `formation` at a time. What is ill-formed inside a formation costs that
//!   formation only; memory does not grow with the file.
//! - `number`: numbers of identity, cleaned. `text`, `dates`, `hours`, `capacity`, `period`, `place`: one kind of value each, with its oddities.
//! - `interpret`, `operator`, `offer`, `session`, `venue`: what the elements say. An `action` is an offer, since hours, mode and
//!   place are the action's; a `session` is a session.
//! - `identity`, `naming`: the names under which all this is known, the same at each import. `known`: what catalogues have
//!   said before, by which a thing is found again under another number. `so_far`: what this one has said further up.
//! - `own`: what Parcours itself exported.
//! - `not_taken` and `ELEMENTS.md`: what becomes of each element, and how much is said that no event says.
//! - `events`, `said`: the events that a log lacks to know all this. `left`: what is no longer listed. `tally`: what to report.
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
pub(crate) mod identity;
pub(crate) mod input;
mod interpret;
mod known;
mod left;
mod naming;
mod not_taken;
mod note;
pub(crate) mod number;
mod offer;
mod operator;
mod own;
mod period;
mod place;
mod reader;
mod said;
mod session;
mod so_far;
mod tags;
mod tally;
mod text;
mod unreadable;
mod venue;

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parcours_model::codes::Siret;

pub use events::{Additions, DEFAULT_CAPACITY, Options, additions};
pub use formation::{Assumed, Dated, Formation, LONGEST_OBJECTIVE, Offer, Operator, Session};
pub use known::Known;
pub use left::{Left, Likely, Seen, Withdrawal, withdrawal};
pub use not_taken::NotTaken;
pub use note::Note;
pub use tally::Tally;
pub use unreadable::Unreadable;

use note::Spot;
use place::Places;
use reader::{Formations, Raw};
use so_far::SoFar;

/// The formations of a LHEO catalogue, in the order of the file, one in memory at a time.
///
/// An error is the last item: what came before it stands.
pub struct Catalogue<R> {
    formations: Formations<R>,
    as_of: DateTime<Utc>,
    operators: HashMap<Siret, bool>,
    known: Arc<Known>,
    read: SoFar,
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
            known: Arc::default(),
            read: SoFar::default(),
        })
    }

    /// The same, by one who knows what catalogues have said before.
    #[must_use]
    pub fn knowing(self, known: Arc<Known>) -> Self {
        Catalogue { known, ..self }
    }

    fn formation(&mut self, raw: &Raw) -> Formation {
        let places = Places::of_france();
        let read = interpret::formation(raw, &places, &self.known, self.as_of, &mut self.operators);
        if read.offers.is_empty() {
            return self.read.refused(read, raw, &self.known);
        }
        self.read.add(read)
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
