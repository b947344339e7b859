//! Quantities: integers within bounds.

use std::fmt;

use super::Invalid;
use crate::judged::Judged;
use crate::words::Words;

/// Defines a whole number between two bounds. `$code` is the name with its article, in English and in French, `$about` the
/// schema's description and the documentation.
macro_rules! quantity {
    ($name:ident($small:ty) in $tests:ident, $low:literal..=$high:literal, code: $code:literal | $code_fr:literal, about: $about:literal) => {
        #[doc = $about]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name($small);

        impl $name {
            const EXPECTED: &str = concat!("an integer from ", $low, " to ", $high);
            const EXPECTED_FR: &str = concat!("un nombre entier de ", $low, " à ", $high);

            /// The smallest there is.
            pub const MIN: $name = $name($low);
            /// The largest there is.
            pub const MAX: $name = $name($high);

            /// The number.
            pub const fn get(self) -> $small {
                self.0
            }

            fn refused(value: impl fmt::Display) -> Invalid {
                Invalid::new([$code, $code_fr], value, Words::new(Self::EXPECTED, Self::EXPECTED_FR))
            }
        }

        impl TryFrom<i64> for $name {
            type Error = Invalid;

            fn try_from(value: i64) -> Result<Self, Invalid> {
                match u64::try_from(value) {
                    Ok(value) => value.try_into(),
                    Err(_) => Err(Self::refused(value)),
                }
            }
        }

        impl TryFrom<u64> for $name {
            type Error = Invalid;

            fn try_from(value: u64) -> Result<Self, Invalid> {
                let within = (u64::from(Self::MIN.0)..=u64::from(Self::MAX.0)).contains(&value);
                if within { Ok($name(value as $small)) } else { Err(Self::refused(value)) }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;

            /// Reads decimal digits, as in a query or a CSV cell; in JSON the number itself is expected.
            fn from_str(text: &str) -> Result<Self, Invalid> {
                match super::text::digits(text) {
                    Some(number) => number.try_into(),
                    None => Err(Self::refused(text)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Number;
                impl serde::de::Visitor<'_> for Number {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        write!(f, concat!($code, ": {}"), $name::EXPECTED)
                    }

                    fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<$name, E> {
                        number.try_into().map_err(E::custom)
                    }

                    fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<$name, E> {
                        number.try_into().map_err(E::custom)
                    }

                    /// Fractions, and integers too large for 64 bits, which a JSON reader turns into floats.
                    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<$name, E> {
                        Err(E::custom($name::refused(format_args!("{number:?}"))))
                    }
                }
                deserializer.deserialize_u64(Number)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "integer",
                    "description": $about,
                    "minimum": Self::MIN.0,
                    "maximum": Self::MAX.0,
                })
            }
        }

        #[cfg(test)]
        mod $tests {
            use super::$name;

            #[test]
            fn both_bounds_are_within() {
                for bound in [$name::MIN, $name::MAX] {
                    let json = serde_json::to_string(&bound).unwrap();
                    assert_eq!(serde_json::from_str::<$name>(&json).unwrap(), bound);
                    assert_eq!(json.parse::<$name>().unwrap(), bound);
                }
            }

            #[test]
            fn beyond_either_bound_the_refusal_says_the_value_and_the_bounds() {
                for wrong in [i128::from($name::MIN.0) - 1, i128::from($name::MAX.0) + 1] {
                    let refused = serde_json::from_str::<$name>(&wrong.to_string()).unwrap_err().to_string();
                    let sentence =
                        format!("\"{wrong}\" is not {}: expected an integer from {} to {}", $code, $name::MIN, $name::MAX);
                    assert!(refused.starts_with(&sentence), "{refused}");
                }
            }

            #[test]
            fn a_string_a_fraction_and_a_huge_number_are_refused() {
                for wrong in ["\"2\"", "2.5", "2.0", "1e300", "123456789012345678901234567890", "null", "true"] {
                    let refused = serde_json::from_str::<$name>(wrong).unwrap_err().to_string();
                    assert!(refused.contains($name::EXPECTED), "{refused}");
                }
                assert!("+2".parse::<$name>().is_err());
            }
        }
    };
}

quantity!(Level(u8) in level, 0..=8, code: "a level" | "un niveau",
    about: "A level of the French framework of qualifications, 0 (no qualification) to 8 (doctorate).");
quantity!(Appraisal(u8) in appraisal, 0..=4, code: "an appraisal" | "une appréciation",
    about: "How well something is mastered or went, 0 (not at all) to 4 (fully).");
quantity!(Score(u8) in score, 1..=5, code: "a score" | "une note", about: "A trainee's mark in a review, 1 (worst) to 5 (best).");
quantity!(BirthYear(u16) in birth_year, 1900..=2100, code: "a birth year" | "une année de naissance", about: "The year of birth.");
quantity!(Minutes(u32) in minutes, 0..=4_294_967_295, code: "a duration" | "une durée",
    about: "A duration, in minutes.");
// The largest integer that every JSON reader keeps exact (2^53 - 1), so that canonical bytes are the same for all.
quantity!(Cents(u64) in cents, 0..=9_007_199_254_740_991, code: "an amount" | "un montant",
    about: "An amount of money, in euro cents.");

// The others have no bounds of their own: each field names them.
impl Judged for Level {}
impl Judged for Appraisal {}
impl Judged for Score {}

impl Cents {
    /// The sum of two amounts, if it can still be written.
    pub fn checked_add(self, other: Cents) -> Option<Cents> {
        (self.0 + other.0).try_into().ok()
    }
}
