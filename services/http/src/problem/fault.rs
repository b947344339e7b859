//! One of the faults of an event that cannot be read.

use super::causes::fault_words;
use parcours_model::Malformed;
use serde::Serialize;
use utoipa::ToSchema;

/// Something wrong with an event that cannot be read.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Fault {
    /// A stable word for programs.
    code: &'static str,
    /// What was found, and what is expected. The sentence follows `Accept-Language`.
    detail: String,
    /// The sentence in French.
    detail_fr: String,
    /// The attribute or the path inside `data`; of a member that is missing, its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The same as a JSON pointer (RFC 6901) from the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The line of the body as it was sent, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The character of that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
}

impl Fault {
    pub(super) fn new(wrong: Malformed, place: Option<(u64, u64)>) -> Self {
        let words = fault_words(&wrong);
        Fault {
            code: wrong.code,
            detail: words.english.into_owned(),
            detail_fr: words.french.into_owned(),
            field: wrong.field.map(String::from),
            pointer: wrong.pointer.map(String::from),
            line: place.map(|(line, _)| line),
            column: place.map(|(_, column)| column),
        }
    }

    pub(super) fn tell_in_french(&mut self) {
        self.detail = self.detail_fr.clone();
    }
}
