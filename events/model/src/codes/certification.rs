use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::{digits, text_code};

/// A professional certification in the *répertoire national des certifications professionnelles*.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rncp(u32);

/// A certification in the *répertoire spécifique* (CléA, languages, authorisations and the like).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rs(u32);

/// A certification in either of the two repertories that France compétences keeps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certification {
    /// In the RNCP.
    Rncp(Rncp),
    /// In the répertoire spécifique.
    Rs(Rs),
}

text_code!(Rncp in rncp_as_text, code: "an RNCP number" | "un numéro RNCP",
    expected: "RNCP and 1 to 6 digits, the first not zero" | "RNCP suivi de 1 à 6 chiffres, le premier différent de zéro",
    pattern: "^RNCP[1-9][0-9]{0,5}$", example: "RNCP34126");
text_code!(Rs in rs_as_text, code: "an RS number" | "un numéro RS",
    expected: "RS and 1 to 6 digits, the first not zero" | "RS suivi de 1 à 6 chiffres, le premier différent de zéro",
    pattern: "^RS[1-9][0-9]{0,5}$", example: "RS5616");
text_code!(Certification in certification_as_text, code: "a certification" | "une certification",
    expected: "RNCP or RS and 1 to 6 digits, the first not zero" | "RNCP ou RS suivi de 1 à 6 chiffres, le premier différent de zéro",
    pattern: "^(RNCP|RS)[1-9][0-9]{0,5}$", example: "RS5616");

/// The number behind a repertory's prefix. A leading zero would give one certification two spellings.
fn number(prefix: &str, text: &str) -> Option<u32> {
    let number = text.strip_prefix(prefix)?;
    let plain = number.len() <= 6 && !number.starts_with('0');
    digits(number).filter(|_| plain).map(|number| number as u32)
}

impl FromStr for Rncp {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        number("RNCP", text).map(Rncp).ok_or_else(|| Rncp::refused(text))
    }
}

impl FromStr for Rs {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        number("RS", text).map(Rs).ok_or_else(|| Rs::refused(text))
    }
}

impl FromStr for Certification {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let rncp = text.parse().map(Certification::Rncp);
        rncp.or_else(|_| text.parse().map(Certification::Rs))
            .map_err(|_| Certification::refused(text))
    }
}

impl From<Rncp> for Certification {
    fn from(rncp: Rncp) -> Self {
        Certification::Rncp(rncp)
    }
}

impl From<Rs> for Certification {
    fn from(rs: Rs) -> Self {
        Certification::Rs(rs)
    }
}

impl fmt::Display for Rncp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RNCP{}", self.0)
    }
}

impl fmt::Display for Rs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RS{}", self.0)
    }
}

impl fmt::Display for Certification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Certification::Rncp(rncp) => rncp.fmt(f),
            Certification::Rs(rs) => rs.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_says_the_repertory() {
        assert!(matches!(
            "RNCP34126".parse(),
            Ok(Certification::Rncp(Rncp(34126)))
        ));
        assert!(matches!("RS5616".parse(), Ok(Certification::Rs(Rs(5616)))));
        assert!("RS5616".parse::<Rncp>().is_err());
        assert!("RNCP34126".parse::<Rs>().is_err());
    }

    #[test]
    fn a_second_spelling_of_the_same_number_is_refused() {
        for wrong in [
            "RNCP034126",
            "rncp34126",
            "RNCP 34126",
            "RNCP+3412",
            "RNCP",
            "34126",
            "RNCP1234567",
        ] {
            assert!(wrong.parse::<Certification>().is_err(), "{wrong}");
        }
    }
}
