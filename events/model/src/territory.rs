//! A territory as an event names it.

use crate::codes::Code;
use crate::geography::{self, TerritoryLevel};
use crate::judged::{Judged, Misfit};
use crate::words::Words;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// The longest code: a SIREN.
const LONGEST: usize = 9;

/// A territory, written `level/code`, such as `departement/76`.
///
/// Parsed, it is one of the reference geography; read from an entry, it is whatever was written: intercommunalités come
/// and go every year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TerritoryCode {
    /// Its level.
    pub level: TerritoryLevel,
    /// Digits and capital letters, zeros after the last.
    code: [u8; LONGEST],
}

impl TerritoryCode {
    /// What sentences say of it.
    pub(crate) const CODE: Code = Code {
        name: ["a territory", "un territoire"],
        expected: [
            "level/code of a current territory",
            "niveau/code d'un territoire actuel",
        ],
        example: "departement/76",
    };

    /// Its INSEE or SIREN code.
    pub fn code(&self) -> &str {
        let end = self.code.iter().position(|byte| *byte == 0).unwrap_or(LONGEST);
        std::str::from_utf8(&self.code[..end]).expect("a territory's code is ASCII")
    }

    /// Reads a territory by its shape, as it stands in a log.
    pub fn read(text: &str) -> Result<Self, Words> {
        let (level, code) = text
            .split_once('/')
            .ok_or_else(|| geography::without_level(text))?;
        let level: TerritoryLevel = level.parse().map_err(|wrong| Words::of(&wrong))?;
        let letters = code
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'A' | b'B'));
        if !letters || !(2..=LONGEST).contains(&code.len()) {
            return Err(geography::not_current(level, code));
        }
        let mut bytes = [0; LONGEST];
        bytes[..code.len()].copy_from_slice(code.as_bytes());
        Ok(Self { level, code: bytes })
    }
}

impl FromStr for TerritoryCode {
    type Err = Words;
    fn from_str(text: &str) -> Result<Self, Words> {
        let read = Self::read(text)?;
        match geography::territory(read.level, read.code()) {
            Some(_) => Ok(read),
            None => Err(geography::not_current(read.level, read.code())),
        }
    }
}

impl Judged for TerritoryCode {
    fn judge(&self) -> Result<(), Misfit> {
        let judged: Result<Self, Words> = self.to_string().parse();
        judged.map(drop).map_err(Misfit::from)
    }
}

impl fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.level, self.code())
    }
}

impl Serialize for TerritoryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TerritoryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Cow::<str>::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for TerritoryCode {
    fn schema_name() -> Cow<'static, str> {
        "TerritoryCode".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(commune|epci|departement|region)/[0-9AB]{2,9}$",
            "description": "A territory of the official geography: level/code, such as departement/76."
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_log_holds_is_read_whatever_the_table_says() {
        for (written, current) in [
            ("departement/76", true),
            ("epci/200023414", true),
            ("epci/247600001", false),
        ] {
            let read: TerritoryCode = serde_json::from_str(&format!("\"{written}\"")).unwrap();
            assert_eq!(read.to_string(), written);
            assert_eq!(written.parse::<TerritoryCode>().is_ok(), current, "{written}");
            assert_eq!(read.judge().is_ok(), current);
        }
    }

    #[test]
    fn a_name_or_a_code_without_its_level_is_answered_with_both() {
        for (text, expected) in [
            ("Rouen", "expected commune/76540 (Rouen)"),
            ("76", "expected departement/76 (Seine-Maritime)"),
            ("normandie", "expected region/28 (Normandie)"),
            ("Paris", "commune/75056 (Paris) or departement/75 (Paris)"),
            ("nowhere", "such as departement/76"),
        ] {
            let said = TerritoryCode::read(text).unwrap_err();
            assert!(said.english.contains(expected), "{said}");
        }
    }

    #[test]
    fn what_has_not_the_shape_of_a_territory_is_not_read() {
        for wrong in [
            "76",
            "canton/76",
            "departement/",
            "departement/7",
            "epci/2000234141",
            "region/NOR",
        ] {
            assert!(TerritoryCode::read(wrong).is_err(), "{wrong}");
        }
    }
}
