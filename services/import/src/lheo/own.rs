//! Formations that Parcours itself wrote (`services/export`). They are numbered by the streams that they tell of, so that
//! each is found again, and made under the same name where it is not known; and what LHEO has no room for stands beside it.

use parcours_model::codes::{Formacode, Level, Minutes, Rome};
use parcours_model::{StreamId, StreamKind};
use serde::Deserialize;
use uuid::Uuid;

use super::element::Element;
use super::formation::Offer;
use super::identity;

/// The stream of that kind by which an element is numbered.
pub(super) fn stream(kind: StreamKind, element: &Element) -> Option<Uuid> {
    named(kind, identity::number(element)?)
}

/// The stream of that kind that a number names.
pub(super) fn named(kind: StreamKind, number: &str) -> Option<Uuid> {
    let stream: StreamId = number.parse().ok()?;
    (stream.kind == kind).then_some(stream.uuid)
}

/// Whether Parcours wrote the formation.
pub(super) fn wrote(formation: &Element) -> bool {
    stream(StreamKind::Offer, formation).is_some()
}

/// How our `extra` is marked.
const MARK: &str = "parcours";

/// The exact values that LHEO's elements have as well as they can.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Exact {
    title: Option<String>,
    objective: Option<String>,
    rome: Option<Vec<Rome>>,
    formacode: Option<Vec<Formacode>>,
    minutes: Option<Minutes>,
    level: Option<Level>,
    entry_level: Option<Level>,
    pub(super) name: Option<String>,
}

impl Exact {
    /// What an element has beside it; nothing, if it has nothing of ours.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    pub(super) fn of(element: &Element) -> Result<Exact, String> {
        let extras = element.children("extras").flat_map(|extras| &extras.children);
        let own = extras
            .filter(|extra| extra.attribute("info") == Some(MARK))
            .find_map(Element::value);
        own.map_or_else(|| Ok(Exact::default()), serde_json::from_str)
            .map_err(|wrong| format!("extra \"{MARK}\" left out: {wrong}"))
    }

    /// The offer with its exact values.
    pub(super) fn complete(self, offer: Offer) -> Offer {
        Offer {
            title: self.title.unwrap_or(offer.title),
            objective: self.objective.unwrap_or(offer.objective),
            rome: self.rome.unwrap_or(offer.rome),
            formacode: self.formacode.unwrap_or(offer.formacode),
            minutes: self.minutes.or(offer.minutes),
            level: self.level.or(offer.level),
            entry_level: self.entry_level.or(offer.entry_level),
            ..offer
        }
    }
}
