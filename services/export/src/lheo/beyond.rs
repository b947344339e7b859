//! What LHEO cannot say as it is: texts that are too long or that a reader could take for markup, more codes than it has room
//! for, lengths that are no whole hours, the level 0.
//!
//! LHEO's own element then says what comes nearest, and an `extra` of ours (`info="parcours"`) at the end of the formation or
//! the body has a JSON object with the exact values, under the names that events have for them. Most formations need none.

use std::str::FromStr;

use parcours_model::codes::{Formacode, Rome};
use parcours_projections::catalogue::OfferCard;
use serde_json::{Map, Value, json};

use super::xml::Xml;
use super::{NOTHING, OWN};

/// In characters: `intitule-formation`, `nom-organisme`, the other texts.
pub(super) const LONGEST_TITLE: usize = 255;
pub(super) const LONGEST_NAME: usize = 250;
pub(super) const LONGEST_TEXT: usize = 3_000;
/// Codes of one thesaurus in `domaine-formation`.
pub(super) const MOST_CODES: usize = 5;

/// The exact values of an offer that its elements do not have.
pub(super) fn of_offer(offer: &OfferCard) -> Option<Map<String, Value>> {
    let values = [
        (
            "title",
            !is_plain_line(&offer.title, LONGEST_TITLE),
            json!(offer.title),
        ),
        (
            "objective",
            !is_plain(&offer.objective, LONGEST_TEXT),
            json!(offer.objective),
        ),
        ("rome", are_beyond::<Rome>(&offer.rome), json!(offer.rome)),
        (
            "formacode",
            are_beyond::<Formacode>(&offer.formacode),
            json!(offer.formacode),
        ),
        ("minutes", offer.minutes % 60 != 0, json!(offer.minutes)),
        ("level", offer.level == Some(0), json!(offer.level)),
        (
            "entry_level",
            offer.entry_level == Some(0),
            json!(offer.entry_level),
        ),
    ];
    some(
        values
            .into_iter()
            .filter(|(_, beyond, _)| *beyond)
            .map(|(name, _, value)| (name.to_owned(), value))
            .collect(),
    )
}

/// The exact name of a body.
pub(super) fn of_name(name: &str) -> Option<Map<String, Value>> {
    let beyond = !is_plain_line(name, LONGEST_NAME);
    some(
        beyond
            .then(|| ("name".to_owned(), json!(name)))
            .into_iter()
            .collect(),
    )
}

/// Whether the codes are more than there is room for, one of them twice, or one that today's tables do not know: a reader
/// may pass over it.
fn are_beyond<Code: FromStr>(codes: &[String]) -> bool {
    let twice = |(place, code): (usize, &String)| codes[..place].contains(code);
    codes.len() > MOST_CODES
        || codes.iter().enumerate().any(twice)
        || codes.iter().any(|code| code.parse::<Code>().is_err())
}

fn some(values: Map<String, Value>) -> Option<Map<String, Value>> {
    (!values.is_empty()).then_some(values)
}

pub(super) fn write(xml: &mut Xml, values: Option<Map<String, Value>>) {
    let Some(values) = values else { return };
    xml.around(&["extras"], |xml| {
        xml.text_with("extra", &[("info", OWN)], &Value::Object(values).to_string());
    });
}

/// Hours to the nearest, and at least one: LHEO counts whole ones.
pub(super) fn hours(minutes: i64) -> i64 {
    ((minutes + 30) / 60).max(1)
}

/// The text, cut where LHEO has no more room; there has to be one.
pub(super) fn shortened(text: &str, longest: usize) -> String {
    if text.trim().is_empty() {
        return NOTHING.to_owned();
    }
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some(_) => {
            let kept = text.chars().take(longest - 1);
            kept.chain(['…']).collect()
        }
    }
}

/// Whether every reader takes the text for these very characters: lines of words between single spaces, without what could
/// be HTML, of which text fields of LHEO are full.
fn is_plain(text: &str, longest: usize) -> bool {
    let is_line = |line: &str| {
        let mut words = line.split(' ');
        words.all(|word| !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c.is_control()))
    };
    text != NOTHING
        && !text.contains(['<', '&'])
        && text.chars().count() <= longest
        && text.split('\n').all(is_line)
}

fn is_plain_line(text: &str, longest: usize) -> bool {
    is_plain(text, longest) && !text.contains('\n')
}
