//! What a file calls its columns: `--map FILE`, in TOML as the configuration is.
//!
//! ```toml
//! ignore = ["Observations"]
//!
//! [columns]
//! "N° dossier" = "parcours"
//! "Heures du mois" = "planned_hours"
//!
//! [constants]
//! source = "urn:siret:19290076900014"
//! type = "attendance.recorded"
//! ```

use super::fold::fold;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What such a file says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Headers of the file, and the columns they are.
    #[serde(default)]
    pub(super) columns: BTreeMap<String, String>,
    /// Columns that the file does not have, and what they say in every line.
    #[serde(default)]
    pub(super) constants: BTreeMap<String, String>,
    /// Headers that are known to say nothing here.
    #[serde(default)]
    pub(super) ignore: Vec<String>,
}

/// Why it cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unmapped {
    /// It is no TOML, or has keys that nobody knows.
    #[error("{0}")]
    Toml(String),
    /// It names a column that no type has.
    #[error("there is no column {column:?}{meant}: `parcours import --columns TYPE` lists those of a type")]
    Unknown {
        /// Which.
        column: String,
        /// What may be meant.
        meant: String,
    },
}

impl Mapping {
    /// Reads what a file says.
    pub fn read(text: &str) -> Result<Mapping, Unmapped> {
        let mapping: Mapping = toml::from_str(text).map_err(|wrong| {
            let line = wrong.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            let place = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            Unmapped::Toml(format!(
                "{place}{}: expected [columns] with lines such as \"N° dossier\" = \"parcours\", [constants] and ignore = [\"…\"]",
                wrong.message()
            ))
        })?;
        let named = mapping.columns.values().chain(mapping.constants.keys());
        for column in named {
            if super::header::meanings(column).is_empty() {
                let meant = super::header::meant(column)
                    .map(|meant| format!(" (is {meant:?} meant?)"))
                    .unwrap_or_default();
                return Err(Unmapped::Unknown {
                    column: column.clone(),
                    meant,
                });
            }
        }
        Ok(mapping)
    }

    /// The column that this header is said to be.
    pub(super) fn column(&self, header: &str) -> Option<&str> {
        let folded = fold(header);
        let mut columns = self.columns.iter();
        columns
            .find(|(name, _)| fold(name) == folded)
            .map(|(_, column)| column.as_str())
    }

    pub(super) fn ignores(&self, header: &str) -> bool {
        let folded = fold(header);
        self.ignore.iter().any(|name| fold(name) == folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_mapped_without_regard_to_accents_and_case() {
        let mapping = Mapping::read(
            "ignore = ['Observations']\n[columns]\n'N° Dossier' = 'parcours'\n[constants]\ntype = 'exited'",
        )
        .unwrap();
        assert_eq!(mapping.column("n° dossier"), Some("parcours"));
        assert_eq!(mapping.column("dossier"), None);
        assert!(mapping.ignores("OBSERVATIONS"));
    }

    #[test]
    fn a_column_that_is_none_is_told_with_what_may_be_meant() {
        let told = Mapping::read("[columns]\n'Mois' = 'mounth'")
            .unwrap_err()
            .to_string();
        assert!(
            told.contains("\"mounth\"") && told.contains("\"month\""),
            "{told}"
        );
        let told = Mapping::read("[colums]\na = 'month'").unwrap_err().to_string();
        assert!(told.contains("line 1") && told.contains("colums"), "{told}");
    }
}
