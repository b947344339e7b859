use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::text_code;

/// An activity (sous-classe) of the *nomenclature d'activités française*, with its dot: `62.01Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Naf([u8; 6]);

text_code!(Naf in as_text, code: "a NAF code" | "un code NAF",
    expected: "two digits, a dot, two digits and a capital letter" | "deux chiffres, un point, deux chiffres et une lettre majuscule",
    pattern: "^[0-9]{2}\\.[0-9]{2}[A-Z]$", example: "85.59A");

impl Naf {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a NAF code is ASCII")
    }
}

impl FromStr for Naf {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.as_bytes() {
            &[a, b, b'.', c, d, letter @ b'A'..=b'Z'] if [a, b, c, d].iter().all(u8::is_ascii_digit) => {
                Ok(Naf([a, b, b'.', c, d, letter]))
            }
            _ => Err(Naf::refused(text)),
        }
    }
}

impl fmt::Display for Naf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_without_its_dot_or_its_letter_is_refused() {
        for wrong in ["8559A", "85.59", "85.59a", "85-59A"] {
            assert!(wrong.parse::<Naf>().is_err(), "{wrong}");
        }
    }
}
