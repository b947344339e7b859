use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::codes::Invalid;
use crate::words::Words;

/// The kinds of territory figures are given for, from the smallest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TerritoryLevel {
    /// A commune.
    Commune,
    /// An *établissement public de coopération intercommunale* with its own taxation.
    Epci,
    /// A département.
    Departement,
    /// A région.
    Region,
}

impl TerritoryLevel {
    /// All levels, from the smallest.
    pub const ALL: [TerritoryLevel; 4] = [
        TerritoryLevel::Commune,
        TerritoryLevel::Epci,
        TerritoryLevel::Departement,
        TerritoryLevel::Region,
    ];

    /// The level's name in addresses and events.
    pub const fn as_str(self) -> &'static str {
        match self {
            TerritoryLevel::Commune => "commune",
            TerritoryLevel::Epci => "epci",
            TerritoryLevel::Departement => "departement",
            TerritoryLevel::Region => "region",
        }
    }
}

impl fmt::Display for TerritoryLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a level may be.
fn expected() -> Words {
    Words::new(
        "commune, epci, departement or region",
        "commune, epci, departement ou region",
    )
}

impl FromStr for TerritoryLevel {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let named = TerritoryLevel::ALL
            .into_iter()
            .find(|level| level.as_str() == text);
        named.ok_or_else(|| {
            let names = ["a level of territory", "un niveau de territoire"];
            Invalid::new(names, text, expected())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_has_one_name_in_text_and_in_json() {
        for level in TerritoryLevel::ALL {
            assert_eq!(level.to_string().parse(), Ok(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{level}\""));
        }
        assert!("Region".parse::<TerritoryLevel>().is_err());
    }
}
