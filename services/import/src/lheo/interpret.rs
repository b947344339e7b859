//! From the elements of a `formation` to what it says: what is missing is looked for elsewhere, and what can't be found
//! is refused by name.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use parcours_model::codes::Siret;

use super::element::Element;
use super::formation::Formation;
use super::known::Known;
use super::naming::Naming;
use super::note::{Note, Spot};
use super::place::{Found, Places};
use super::reader::Raw;
use super::{identity, not_taken, offer, operator, own, session};

/// What the reading of one formation knows beside the formation, and what it has to say of it.
pub(super) struct Reading<'a> {
    pub(super) places: &'a Places,
    /// What catalogues have said before.
    pub(super) known: &'a Known,
    /// What the catalogue does not date is dated by this.
    pub(super) as_of: DateTime<Utc>,
    /// The operators this catalogue has spoken of, and whether they could be placed.
    pub(super) operators: &'a mut HashMap<Siret, bool>,
    /// The formation's number, or what stands for it.
    pub(super) formation: String,
    pub(super) refusals: Vec<Note>,
    pub(super) remarks: Vec<Note>,
}

/// What all the actions of a formation share.
pub(super) struct Shared<'a> {
    pub(super) formation: &'a Element,
    pub(super) siret: Siret,
    pub(super) naming: Naming<'a>,
    /// Where the responsible body stands, by its own addresses.
    pub(super) seat: Option<Found>,
}

/// One action, with the number that tells it from its siblings.
pub(super) struct Action<'a> {
    pub(super) element: &'a Element,
    pub(super) number: &'a str,
}

impl<'a> Action<'a> {
    pub(super) fn spot(&self) -> Spot<'a> {
        Spot {
            action: Some(self.number),
            ..Spot::of(self.element)
        }
    }
}

pub(super) fn formation(
    raw: &Raw,
    places: &Places,
    known: &Known,
    as_of: DateTime<Utc>,
    operators: &mut HashMap<Siret, bool>,
) -> Formation {
    let element = &raw.element;
    let title = element.title_of("intitule-formation");
    let number = identity::number(element)
        .map(str::to_owned)
        .or_else(|| title.clone());
    let number = number.unwrap_or_else(|| format!("at line {}", element.line));
    let (refusals, remarks) = Default::default();
    let mut reading = Reading {
        places,
        known,
        as_of,
        operators,
        formation: number,
        refusals,
        remarks,
    };
    let mut read = Formation::default();
    let reason = match (&raw.fault, title) {
        (Some(fault), _) => Some(format!("it is not well-formed XML: {fault}")),
        (None, None) => Some("intitule-formation is empty or missing".to_owned()),
        (None, Some(title)) => reading.actions(element, &title, &mut read).err(),
    };
    if let Some(reason) = reason {
        reading.refuse(Spot::of(element), reason);
    } else {
        for name in &raw.unresolved {
            let reason = format!(
                "&{name}; is an entity of the file's own, which is not read: it stays as it is written"
            );
            reading.remark(Spot::of(element), reason);
        }
        for name in &raw.foreign {
            *read.not_taken.entry(name.clone()).or_default() += 1;
        }
    }
    let Reading {
        formation: number,
        refusals,
        remarks,
        ..
    } = reading;
    Formation {
        line: element.line,
        number,
        refusals,
        remarks,
        ..read
    }
}

impl<'k> Reading<'k> {
    pub(super) fn refuse(&mut self, spot: Spot<'_>, reason: impl Into<String>) {
        self.refusals.push(spot.note(&self.formation, reason.into()));
    }

    pub(super) fn remark(&mut self, spot: Spot<'_>, reason: impl Into<String>) {
        self.remarks.push(spot.note(&self.formation, reason.into()));
    }

    fn actions(&mut self, element: &Element, title: &str, read: &mut Formation) -> Result<(), String> {
        let siret = operator::siret(self, element)?;
        let siblings = element.children("action");
        let naming = Naming::of(self.known, siret, element, &self.formation);
        let numbers = naming.actions(element);
        if numbers.is_empty() {
            return Err("it has no action: nothing says how and when it is given".to_owned());
        }
        if naming.siret != siret {
            let reason = format!(
                "known as a formation of establishment {}: goes on as one of {siret}",
                naming.siret
            );
            self.remark(Spot::of(element), reason);
        }
        read.operator = operator::read(self, element, siret);
        let shared = Shared {
            formation: element,
            siret,
            naming,
            seat: operator::seat(self, element),
        };
        let outline = offer::outline(self, &shared, title);
        let shared_numbers = identity::shared(siblings.clone());
        for ((element, number), shared_with) in siblings.zip(&numbers).zip(shared_numbers) {
            let action = Action { element, number };
            if let Some(line) = shared_with {
                let reason =
                    format!("that of line {line} has its number, too: told apart by sessions and rank");
                self.remark(action.spot(), reason);
            }
            let offer = offer::read(self, &shared, &action, &outline);
            session::read(self, &shared, &action, offer.key, read);
            // A formation of ours is one offer, with an action for each of its places.
            match read.offers.iter().find(|known| known.key == offer.key) {
                None => read.offers.push(offer),
                Some(first) if *first != offer => {
                    self.remark(
                        action.spot(),
                        "given otherwise than the first action: that one counts",
                    );
                }
                Some(_) => {}
            }
        }
        // What ours says beyond what is taken, the log does not know.
        if !own::wrote(element) {
            read.not_taken = not_taken::of(element);
        }
        Ok(())
    }
}
