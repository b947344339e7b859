//! A territory as an event names it.

use crate::geography::{self, TerritoryLevel};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A territory of the reference geography, written `level/code`, such as `departement/76`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TerritoryCode {
    /// Its level.
    pub level: TerritoryLevel,
    /// Its INSEE or SIREN code.
    pub code: &'static str,
}

impl FromStr for TerritoryCode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let (level, code) = text.split_once('/').ok_or_else(|| {
            format!("{text:?} does not name a territory: expected level/code, such as departement/76")
        })?;
        let level: TerritoryLevel = level.parse().map_err(|_| {
            format!("{level:?} is no level of territory: expected commune, epci, departement or region")
        })?;
        let territory = geography::territory(level, code)
            .ok_or_else(|| format!("{code:?} is not the code of a current {level}"))?;
        Ok(Self {
            level,
            code: territory.code,
        })
    }
}

impl fmt::Display for TerritoryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.level, self.code)
    }
}

impl Serialize for TerritoryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TerritoryCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
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
