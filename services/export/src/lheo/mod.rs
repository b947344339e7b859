//! The catalogue in LHEO 2.3, the French exchange format for training offers: what Carif-Oref and Mon compte formation read.
//!
//! A training is a `formation`; its sessions of one place that are entered alike are an `action`, since place and way of
//! entry are the action's. Formations, sessions and bodies are numbered by their streams (`offer/<uuid>`, `session/<uuid>`,
//! `operator/<uuid>`), so that an import finds again what it has, and makes what it has not under the same name. What LHEO
//! cannot say as it is stands beside it in an `extra` of ours, see [`beyond`]. `ELEMENTS.md` tells what each element says,
//! and why, where the log does not know it.
//!
//! - [`Document`]: a document from the view, piece by piece.
//! - `sheet`, `formation`, `session`, `body`, `address`: one kind of element each. `tables`: LHEO's codes. `xml`: text as XML.

mod address;
mod beyond;
mod body;
mod document;
mod formation;
mod session;
mod sheet;
mod tables;
mod xml;

pub use document::Document;

/// As which such a document is sent.
pub const MEDIA_TYPE: &str = "application/xml; charset=utf-8";

/// The namespace of LHEO 2.3.
const NAMESPACE: &str = "http://lheo.gouv.fr/2.3";

/// What LHEO's producers write in a text that has to be there, for "nothing to say here".
const NOTHING: &str = "-";

/// The name of our `extra`; `parcours-import` reads it.
const OWN: &str = "parcours";

#[cfg(test)]
mod tests;
