use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::text_code;

/// A commune, by its INSEE code in the official geographic code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commune([u8; 5]);

text_code!(Commune in as_text, code: "a commune", expected: "the INSEE code of a current commune, such as 76540",
    pattern: "^([0-9]{2}|2[AB])[0-9]{3}$", example: "76540");

impl Commune {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a commune's code is ASCII")
    }
}

impl FromStr for Commune {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.as_bytes() {
            &[a, b, c, d, e]
                if a.is_ascii_digit()
                    && (b.is_ascii_digit() || a == b'2' && matches!(b, b'A' | b'B'))
                    && [c, d, e].iter().all(u8::is_ascii_digit) =>
            {
                Ok(Commune([a, b, c, d, e]))
            }
            _ => Err(Commune::refused(text)),
        }
    }
}

impl fmt::Display for Commune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
