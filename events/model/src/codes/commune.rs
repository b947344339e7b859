use std::fmt;
use std::str::FromStr;

use super::Invalid;
use super::text::text_code;
use crate::geography::{self, CommuneRecord};

/// A commune, by its INSEE code in the official geographic code.
///
/// Any current commune, and the arrondissements of Paris, Lyon and Marseille: these keep the code they were
/// given, and [`Commune::record`] is the commune they are part of. Codes of delegated and associated communes
/// are refused, with the code to use instead. Holds the code's place in the table, so `Ord` is the codes' order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commune(u16);

text_code!(Commune in as_text, code: "a commune", expected: "the INSEE code of a current commune",
    pattern: "^([0-9]{2}|2[AB])[0-9]{3}$", example: "76540");

impl Commune {
    /// The code as it was given.
    pub fn as_str(self) -> &'static str {
        geography::accepted()[usize::from(self.0)].code
    }

    /// The commune's name, parents and place; for an arrondissement, those of the commune it is part of.
    pub fn record(self) -> &'static CommuneRecord {
        &geography::communes()[usize::from(geography::accepted()[usize::from(self.0)].commune)]
    }
}

impl FromStr for Commune {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let place = geography::accepted().binary_search_by_key(&text, |known| known.code);
        place
            .map(|place| Commune(place as u16))
            .map_err(|_| match geography::successor(text) {
                Some(now) => {
                    let instead = format!(
                        "a current commune, which for this one is {} {}",
                        now.code, now.name
                    );
                    Invalid::new("a current commune", text, instead)
                }
                None => Commune::refused(text),
            })
    }
}

impl From<&'static CommuneRecord> for Commune {
    fn from(record: &'static CommuneRecord) -> Self {
        record.code.parse().expect("the table accepts its own communes")
    }
}

impl fmt::Display for Commune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commune(code: &str) -> Commune {
        code.parse().unwrap()
    }

    #[test]
    fn every_commune_in_the_table_is_read_back_as_itself() {
        for record in geography::communes() {
            let commune = Commune::from(record);
            assert_eq!((commune.as_str(), commune.record()), (record.code, record));
        }
    }

    #[test]
    fn an_arrondissement_keeps_its_code_and_has_the_record_of_its_commune() {
        assert_eq!(commune("75101").to_string(), "75101");
        assert_eq!(commune("75101").record().name, "Paris");
        assert_eq!(commune("69389").record().code, "69123");
        assert_eq!(commune("13216").record().code, "13055");
    }

    #[test]
    fn order_is_the_order_of_the_codes() {
        assert!(commune("29232") < commune("2A004") && commune("2A004") < commune("30007"));
        assert!(commune("75056") < commune("75101") && commune("75101") < commune("76001"));
    }

    #[test]
    fn a_delegated_commune_is_refused_with_the_code_to_use() {
        let refused = "76031".parse::<Commune>().unwrap_err().to_string();
        assert!(
            refused.contains("76031") && refused.contains("76476"),
            "{refused}"
        );
    }

    #[test]
    fn a_code_of_the_right_shape_that_nobody_has_is_refused() {
        for wrong in ["76999", "2C004", "20004", "00000", "7654", "765400"] {
            assert!(wrong.parse::<Commune>().is_err(), "{wrong}");
        }
    }
}
