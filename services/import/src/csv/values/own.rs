//! Names of things and of places: UUIDs or numbers of the sender's own, SIRET, communes.

use super::expected::scientific;
use super::{Reading, Restored, Wrong, wrong};
use crate::csv::{amounts, identity};
use crate::lheo::number;
use parcours_model::codes::{Commune, Siret};
use uuid::Uuid;

impl Reading {
    /// The UUID that stands there, or that of the thing which the sender calls by this number.
    pub(crate) fn thing(&mut self, name: &str, text: &str) -> Result<Uuid, Wrong> {
        if text.len() == 36
            && let Ok(uuid) = Uuid::try_parse(text)
        {
            return Ok(uuid);
        }
        const EXPECTED: &str =
            "a UUID, such as 0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e, or a number of your own for it";
        let hyphens = [8, 13, 18, 23].map(|at| text.as_bytes().get(at) == Some(&b'-'));
        let nearly = hyphens == [true; 4] && (34..=38).contains(&text.len());
        if nearly || text.starts_with("urn:uuid:") || text.starts_with('{') || text.len() > 256 {
            return Err(wrong(text, EXPECTED));
        }
        if amounts::is_scientific(text) {
            return Err(scientific(text, EXPECTED));
        }
        let whole = text
            .strip_suffix(".0")
            .filter(|whole| whole.bytes().all(|byte| byte.is_ascii_digit()));
        self.restored.extend(whole.map(|_| Restored::Point));
        Ok(identity::thing(
            &self.source,
            kind_of(name),
            whole.unwrap_or(text),
        ))
    }

    /// A SIRET however it is written.
    pub(crate) fn siret(&mut self, text: &str) -> Result<Siret, Wrong> {
        if let Ok(siret) = text.parse() {
            return Ok(siret);
        }
        const EXPECTED: &str = "14 digits with a valid key, such as 20005340300016";
        let cut = amounts::is_scientific(text);
        let siret = number::siret(text).map_err(|_| match cut {
            true => scientific(text, EXPECTED),
            false => wrong(text, EXPECTED),
        })?;
        if cut {
            self.restored.push(Restored::Exponent);
        } else if text.bytes().filter(u8::is_ascii_digit).count() < 14 {
            self.restored.push(Restored::Zeros);
        }
        Ok(siret)
    }

    pub(super) fn commune(&mut self, text: &str) -> Result<Commune, Wrong> {
        if let Ok(commune) = text.parse() {
            return Ok(commune);
        }
        let code = number::insee(text);
        let read = code
            .parse::<Commune>()
            .map_err(|invalid| match amounts::is_scientific(text) {
                true => scientific(text, "the INSEE code of a commune, such as 76540"),
                false => Wrong(invalid.to_string()),
            })?;
        let lost = text.chars().filter(char::is_ascii_digit).count() < 5 && text.trim().len() < 5;
        self.restored.extend(lost.then_some(Restored::Zeros));
        Ok(read)
    }
}

/// What kind of thing a column of UUIDs names.
fn kind_of(name: &str) -> &str {
    match name {
        // Of two uuids of one person.
        "into" | "from" => "trainee",
        other => other.rsplit('.').next().unwrap_or(other),
    }
}
