use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::Invalid;
use super::text::text_code;
use crate::geography::{self, CommuneRecord};
use crate::judged::{Judged, Misfit};
use crate::words::Words;

/// A commune, by its INSEE code in the official geographic code.
///
/// Parsed, it is a current commune or an arrondissement of Paris, Lyon or Marseille; codes of delegated, associated
/// and older communes are refused, with the code to use instead. Read from an entry, it is whatever was written: the
/// table of that day is not that of today, so that [`Commune::record`] may not know it. `Ord` is the codes' order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Commune([u8; 5]);

text_code!(Commune in as_text, code: "a commune" | "une commune",
    expected: "the INSEE code of a current commune" | "le code INSEE d'une commune actuelle",
    pattern: "^([0-9]{2}|2[AB])[0-9]{3}$", example: "76540", read: Commune::read);

impl Commune {
    /// Reads a code by its shape, as it stands in a log.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        match text.as_bytes() {
            &[a, b, c, d, e]
                if [a, c, d, e].iter().all(u8::is_ascii_digit)
                    && (b.is_ascii_digit() || a == b'2' && matches!(b, b'A' | b'B')) =>
            {
                Ok(Commune([a, b, c, d, e]))
            }
            _ => Err(Commune::unknown(text)),
        }
    }

    /// What is said of a text that never was the code of a commune: it may be a postcode, or a name.
    fn unknown(text: &str) -> Invalid {
        let (communes, given) = match geography::of_postcode(text) {
            none if none.is_empty() => (geography::names::meant(text), ["name", "nom"]),
            communes => (communes, ["postcode", "code postal"]),
        };
        if communes.is_empty() {
            return Commune::refused(text);
        }
        let one_of = geography::one_of(&communes, |commune| format!("{} {}", commune.code, commune.name));
        let ([expected, attendu], [given, donné]) = (Commune::CODE.expected, given);
        let instead = Words::new(
            format!("{expected}, which for this {given} is {one_of}"),
            format!("{attendu}, qui pour ce {donné} est {one_of:#}"),
        );
        Invalid::new(Commune::CODE.name, text, instead)
    }

    /// The code as it was given.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a commune's code is ASCII")
    }

    /// What is known today of the commune that has this code, or of the one that took it over; for an arrondissement,
    /// of the commune it is part of. `None` for a code of which nothing is known.
    pub fn record(self) -> Option<&'static CommuneRecord> {
        geography::edition().meant(self.as_str(), None)
    }

    /// The same for the commune that had this code on a day.
    pub fn record_on(self, day: NaiveDate) -> Option<&'static CommuneRecord> {
        geography::edition().meant(self.as_str(), Some(day))
    }

    /// The code of today for what had this code on a day; itself, if nothing is known of it.
    pub fn current_on(self, day: NaiveDate) -> Commune {
        self.record_on(day).map_or(self, Commune::from)
    }
}

impl FromStr for Commune {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let edition = geography::edition();
        if edition.accepted(text).is_some() {
            return Commune::read(text);
        }
        let Some((now, since)) = edition.retired(text) else {
            return Err(Commune::unknown(text));
        };
        let (code, name) = (now.code, now.name);
        let [english, french] = match since {
            Some(since) => [
                format!("since {since} "),
                format!("depuis le {} ", since.format("%d/%m/%Y")),
            ],
            None => [String::new(), String::new()],
        };
        let instead = Words::new(
            format!("a current commune, which for this one is {english}{code} {name}"),
            format!("une commune actuelle, qui pour celle-ci est {french}{code} {name}"),
        );
        Err(Invalid::new(
            ["a current commune", "une commune actuelle"],
            text,
            instead,
        ))
    }
}

impl Judged for Commune {
    fn judge(&self) -> Result<(), Misfit> {
        if geography::edition().accepted(self.as_str()).is_some() {
            return Ok(());
        }
        let judged: Result<Commune, Invalid> = self.as_str().parse();
        judged.map(drop).map_err(Misfit::from)
    }
}

impl From<&'static CommuneRecord> for Commune {
    fn from(record: &'static CommuneRecord) -> Self {
        Commune::read(record.code).expect("the codes of the table have the shape of a code")
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
            assert_eq!((commune.as_str(), commune.record()), (record.code, Some(record)));
        }
    }

    #[test]
    fn an_arrondissement_keeps_its_code_and_has_the_record_of_its_commune() {
        assert_eq!(commune("75101").to_string(), "75101");
        assert_eq!(commune("75101").record().unwrap().name, "Paris");
        assert_eq!(commune("69389").record().unwrap().code, "69123");
        assert_eq!(commune("13216").record().unwrap().code, "13055");
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
            refused.contains("76031") && refused.contains("since 2016-01-01 76476"),
            "{refused}"
        );
    }

    #[test]
    fn a_postcode_is_refused_with_the_code_to_use() {
        let refused = "76000".parse::<Commune>().unwrap_err();
        assert!(
            refused.to_string().contains("for this postcode is 76540 Rouen"),
            "{refused}"
        );
        assert!(
            format!("{refused:#}").contains("pour ce code postal est 76540 Rouen"),
            "{refused:#}"
        );
    }

    #[test]
    fn a_name_is_refused_with_the_codes_of_the_communes_that_have_it() {
        for (name, expected) in [
            ("Rouen", "which for this name is 76540 Rouen"),
            ("rouen cedex", "is 76540 Rouen"),
            ("Evreux", "is 27229 Évreux"),
            ("Cherbourg-Octeville", "is 50129 Cherbourg-en-Cotentin"),
            (
                "Saint-Denis",
                "is 97411 Saint-Denis (La Réunion) or 93066 Saint-Denis (Seine-Saint-Denis)",
            ),
        ] {
            let refused = name.parse::<Commune>().unwrap_err().to_string();
            assert!(refused.contains(expected), "{refused}");
            let read = Commune::read(name).unwrap_err().to_string();
            assert_eq!(read, refused);
        }
        let nobody = "Nulle-Part".parse::<Commune>().unwrap_err().to_string();
        assert!(nobody.contains("such as 76540"), "{nobody}");
    }

    #[test]
    fn a_code_of_the_right_shape_that_nobody_has_is_refused() {
        for wrong in ["76999", "2C004", "20004", "00000", "7654", "765400"] {
            assert!(wrong.parse::<Commune>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_a_log_holds_is_read_whatever_the_table_says() {
        for (written, now) in [
            ("14011", Some("14581")),
            ("76999", None),
            ("76540", Some("76540")),
        ] {
            let read: Commune = serde_json::from_str(&format!("\"{written}\"")).unwrap();
            assert_eq!(read.to_string(), written);
            assert_eq!(read.record().map(|record| record.code), now);
            assert_eq!(read.judge().is_ok(), now == Some(written));
        }
        assert!(serde_json::from_str::<Commune>("\"2C004\"").is_err());
    }
}
