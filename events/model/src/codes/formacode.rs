use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::{digits, text_code};

/// A field of training in Centre Inffo's Formacode thesaurus.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Formacode(u32);

text_code!(Formacode in as_text, code: "a Formacode" | "un Formacode", expected: "5 digits" | "5 chiffres",
    pattern: "^[0-9]{5}$", example: "15061");

impl FromStr for Formacode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match digits(text) {
            Some(number) if text.len() == 5 => Ok(Formacode(number as u32)),
            _ => Err(Formacode::refused(text)),
        }
    }
}

impl fmt::Display for Formacode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:05}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        assert_eq!("00123".parse::<Formacode>().unwrap().to_string(), "00123");
        assert!("123".parse::<Formacode>().is_err());
    }
}
