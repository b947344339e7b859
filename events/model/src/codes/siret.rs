use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::{digits, text_code};
use crate::judged::{Judged, Misfit};

/// An establishment in the SIRENE register: the company's SIREN (9 digits) and the establishment's
/// number (5 digits, the last of them the key).
///
/// The key is Luhn's over all 14 digits. La Poste has more establishments than the key leaves room for:
/// theirs satisfy "the sum of the digits is a multiple of five", its head office alone satisfying Luhn.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siret(u64);

/// A company: the first nine digits of a [`Siret`], and only ever obtained from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Siren(u32);

const ESTABLISHMENTS: u64 = 100_000;
const LA_POSTE: u64 = 356_000_000;
const LA_POSTE_HEAD_OFFICE: u64 = 35_600_000_000_048;

text_code!(Siret in as_text, code: "a SIRET" | "un SIRET",
    expected: "14 digits with a valid key" | "14 chiffres dont la clé est juste",
    pattern: "^[0-9]{14}$", example: "20005340300016", read: Siret::read);

impl Siret {
    /// Reads 14 digits, whatever their key: what stands in a log was judged by the key of its day.
    fn read(text: &str) -> Result<Self, Invalid> {
        let number = digits(text).filter(|_| text.len() == 14);
        number.map(Siret).ok_or_else(|| Siret::refused(text))
    }

    /// The company this establishment belongs to.
    pub fn siren(self) -> Siren {
        Siren((self.0 / ESTABLISHMENTS) as u32)
    }
}

impl FromStr for Siret {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = Siret::read(text)?;
        if read.is_keyed() {
            Ok(read)
        } else {
            Err(Siret::refused(text))
        }
    }
}

impl Siret {
    /// Whether its key is right, and anybody has it.
    fn is_keyed(self) -> bool {
        let Siret(number) = self;
        let siren = number / ESTABLISHMENTS;
        let keyed = if siren == LA_POSTE && number != LA_POSTE_HEAD_OFFICE {
            sum(number, 1).is_multiple_of(5)
        } else {
            sum(number, 2).is_multiple_of(10)
        };
        // Nobody has the number zero, though its key is right: it is what forms send for "unknown".
        keyed && siren != 0
    }
}

impl Judged for Siret {
    fn judge(&self) -> Result<(), Misfit> {
        if self.is_keyed() {
            Ok(())
        } else {
            Err(Siret::refused(&self.to_string()).into())
        }
    }
}

/// The digits' sum, every second one from the right counting `weight` times, brought back to one digit
/// as Luhn does (18 counts 1 + 8).
fn sum(mut number: u64, weight: u64) -> u64 {
    let mut total = 0;
    let mut factor = 1;
    while number > 0 {
        let product = number % 10 * factor;
        total += product / 10 + product % 10;
        number /= 10;
        factor = if factor == 1 { weight } else { 1 };
    }
    total
}

impl fmt::Display for Siret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:014}", self.0)
    }
}

impl fmt::Display for Siren {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:09}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Any SIRET other than La Poste's: 13 digits, and the key that fits.
    fn keyed() -> impl Strategy<Value = String> {
        (10_000u64..10_000_000_000_000)
            .prop_filter("La Poste has another key", |body| body / 10_000 != LA_POSTE)
            .prop_map(|body| {
                let key = (10 - sum(body * 10, 2) % 10) % 10;
                format!("{:014}", body * 10 + key)
            })
    }

    proptest! {
        #[test]
        fn what_is_displayed_is_what_was_parsed(text in keyed()) {
            let siret: Siret = text.parse().unwrap();
            prop_assert_eq!(siret.to_string(), text.as_str());
            prop_assert_eq!(siret.siren().to_string(), &text[..9]);
        }

        #[test]
        fn one_wrong_digit_is_noticed(text in keyed(), place in 0usize..14, shift in 1u8..10) {
            let mut wrong = text.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + shift) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assume!(!wrong.starts_with("356000000"));
            prop_assert!(wrong.parse::<Siret>().is_err());
        }

        #[test]
        fn order_is_the_order_of_the_text(a in keyed(), b in keyed()) {
            prop_assert_eq!(a.parse::<Siret>().unwrap().cmp(&b.parse().unwrap()), a.cmp(&b));
        }
    }

    #[test]
    fn establishments_of_la_poste_have_a_key_of_their_own() {
        for genuine in ["35600000000048", "35600000049837", "35600000000006"] {
            assert_eq!(genuine.parse::<Siret>().unwrap().siren().to_string(), "356000000");
        }
        assert!("35600000000014".parse::<Siret>().is_err());
    }

    #[test]
    fn nobody_has_the_number_zero() {
        assert!("00000000000000".parse::<Siret>().is_err());
    }

    #[test]
    fn thirteen_digits_letters_signs_and_spaces_are_refused() {
        for wrong in [
            "2000534030001",
            "2000534030001A",
            "+2000534030001",
            "200 053 403 00017",
        ] {
            let refused = wrong.parse::<Siret>().unwrap_err();
            let sentence = format!(
                "{wrong:?} is not a SIRET: expected 14 digits with a valid key, such as 20005340300016"
            );
            assert_eq!(refused.to_string(), sentence);
        }
    }
}
