use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::text_code;
use crate::judged::{Judged, Misfit};

/// A trade in France Travail's *répertoire opérationnel des métiers et des emplois*: the letter of one of
/// its 14 domains (A to N), two digits for the field, two for the trade.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rome([u8; 5]);

text_code!(Rome in as_text, code: "a ROME code" | "un code ROME",
    expected: "a letter from A to N and four digits" | "une lettre de A à N et quatre chiffres",
    pattern: "^[A-N][0-9]{4}$", example: "K1304", read: Rome::read);

impl Rome {
    /// Reads a letter and four digits: the répertoire may have had, or be given, another domain.
    fn read(text: &str) -> Result<Self, Invalid> {
        match text.as_bytes() {
            &[domain @ b'A'..=b'Z', a, b, c, d] if [a, b, c, d].iter().all(u8::is_ascii_digit) => {
                Ok(Rome([domain, a, b, c, d]))
            }
            _ => Err(Rome::refused(text)),
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a ROME code is ASCII")
    }
}

impl FromStr for Rome {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = Rome::read(text)?;
        read.judge().map(|()| read).map_err(|_| Rome::refused(text))
    }
}

impl Judged for Rome {
    fn judge(&self) -> Result<(), Misfit> {
        match self.0 {
            [b'A'..=b'N', ..] => Ok(()),
            _ => Err(Rome::refused(self.as_str()).into()),
        }
    }
}

impl fmt::Display for Rome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_that_the_repertoire_lacks_is_refused() {
        for wrong in ["O1101", "k1304", "11304", "K130", "KK304", "K13O4"] {
            assert!(wrong.parse::<Rome>().is_err(), "{wrong}");
        }
    }
}
