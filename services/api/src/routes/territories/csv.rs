//! The figures as a table, for spreadsheets and for programs that guess what a column holds.
//!
//! Such readers take whatever is made of digits for a number: 01 becomes 1, a SIRET loses its last digits, and quotes do
//! not keep them from it. So a code stands behind a word, in the notation that the service has for it anyway:
//! `departement/01`, `urn:siret:…`; a level is `level/4`, which beside an empty cell would be 4.0.

mod french;
mod names;

use parcours_model::geography::{self, TerritoryLevel};
use parcours_projections::territory::{By, Figures, Report};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the columns before the figures are called.
const OWN: [&str; 9] = [
    "line",
    "territory",
    "name",
    "from",
    "to",
    "as_of",
    "by",
    "key",
    "key_name",
];
/// Spreadsheets take a file without it for one of their own encoding.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Digits behind the point of a share: a hundredth of a percent is less than one person of any programme.
const SHARE_DIGITS: i32 = 4;

/// One line of the whole, one of each part, and one of those whose commune is not known where there are any: `line` says
/// which it is. `operators` has names by SIRET. The French variant is in French, with percentages, semicolons, decimal
/// commas and a byte order mark.
pub(super) fn table(
    report: &Report,
    operators: &BTreeMap<String, String>,
    french: bool,
) -> Result<Vec<u8>, csv::Error> {
    let start = if french {
        BYTE_ORDER_MARK.to_vec()
    } else {
        Vec::new()
    };
    let delimiter = if french { b';' } else { b',' };
    let mut table = Table {
        report,
        operators,
        french,
        writer: csv::WriterBuilder::new().delimiter(delimiter).from_writer(start),
    };
    let figures = columns(&report.figures, french).map(|(name, _)| name);
    let names = OWN.into_iter().map(str::to_owned).chain(figures);
    let heads: Vec<String> = match french {
        true => names.map(|name| french::head(&name).to_owned()).collect(),
        false => names.collect(),
    };
    table.writer.write_record(heads)?;
    table.line("total", "", &report.figures)?;
    for group in report.groups.iter().flatten() {
        table.line("part", &group.key, &group.figures)?;
    }
    if let Some(unknown) = &report.unknown {
        table.line("unknown", "", unknown)?;
    }
    table
        .writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

struct Table<'a> {
    report: &'a Report,
    operators: &'a BTreeMap<String, String>,
    french: bool,
    writer: csv::Writer<Vec<u8>>,
}

impl Table<'_> {
    fn line(&mut self, line: &str, key: &str, figures: &Figures) -> Result<(), csv::Error> {
        let report = self.report;
        let territory = &report.territory;
        let (place, name) = match line {
            "unknown" => (String::new(), String::new()),
            _ => (
                format!("{}/{}", territory.level, territory.code),
                territory.name.to_owned(),
            ),
        };
        let (by, key, key_name) = match (line, report.by) {
            ("part", Some(by)) => (by.as_str(), self.key(by, key), self.key_name(by, key)),
            _ => ("", String::new(), String::new()),
        };
        let by = if self.french { french::word(by) } else { by };
        let own = [
            if self.french { french::word(line) } else { line }.to_owned(),
            place,
            name,
            report.from.to_string(),
            report.to.to_string(),
            report.as_of.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            by.to_owned(),
            key,
            key_name,
        ];
        let figures = columns(figures, self.french).map(|(_, value)| value);
        self.writer.write_record(own.into_iter().chain(figures))
    }

    fn key(&self, by: By, key: &str) -> String {
        match by {
            _ if key.is_empty() => String::new(),
            By::Operator => format!("urn:siret:{key}"),
            By::Level => format!("level/{key}"),
            By::Commune | By::Epci | By::Departement => format!("{}/{key}", by.as_str()),
            By::Year => format!("year/{key}"),
            By::Month | By::Quarter | By::Channel => key.to_owned(),
        }
    }

    fn key_name(&self, by: By, key: &str) -> String {
        match by {
            By::Operator => self
                .operators
                .get(key)
                .map_or_else(String::new, |name| harmless(name)),
            By::Channel => names::of_channel(key, self.french).to_owned(),
            By::Level => names::of_level(key, self.french).to_owned(),
            By::Commune => of_territory(TerritoryLevel::Commune, key),
            By::Epci => of_territory(TerritoryLevel::Epci, key),
            By::Departement => of_territory(TerritoryLevel::Departement, key),
            By::Month | By::Quarter | By::Year => String::new(),
        }
    }
}

fn of_territory(level: TerritoryLevel, code: &str) -> String {
    geography::territory(level, code).map_or_else(String::new, |territory| territory.name.to_owned())
}

/// A text that somebody chose, as a cell that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// The figures by their names, in the same order for all.
fn columns(figures: &Figures, french: bool) -> impl Iterator<Item = (String, String)> {
    let fields = match serde_json::to_value(figures) {
        Ok(Value::Object(fields)) => fields,
        _ => Default::default(),
    };
    fields
        .into_iter()
        .map(move |(name, value)| (name, cell(&value, french)))
}

fn cell(value: &Value, french: bool) -> String {
    let rounded = |number: f64, digits: i32| {
        let shift = 10_f64.powi(digits);
        Value::from((number * shift).round() / shift).to_string()
    };
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(whether) if french => french::word(if *whether { "true" } else { "false" }).to_owned(),
        // What is no whole number is a share of one.
        Value::Number(number) if number.is_f64() => {
            let share = number.as_f64().unwrap_or_default();
            match french {
                true => rounded(share * 100.0, SHARE_DIGITS - 2).replace('.', ","),
                false => rounded(share, SHARE_DIGITS),
            }
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_and_percentages_in_french() {
        for (share, english, french) in [
            (2.0 / 3.0, "0.6667", "66,67"),
            (1.0, "1.0", "100,0"),
            (0.1 + 0.2, "0.3", "30,0"),
            (0.0, "0.0", "0,0"),
        ] {
            let value = Value::from(share);
            assert_eq!((&*cell(&value, false), &*cell(&value, true)), (english, french));
        }
        assert_eq!(cell(&Value::from(3), true), "3");
        assert_eq!(cell(&Value::from(true), true), "oui");
    }

    #[test]
    fn every_column_has_a_head_in_french() {
        let none = Figures::default();
        let figures = columns(&none, true).map(|(name, _)| name);
        let mut heads = Vec::new();
        for name in OWN.into_iter().map(str::to_owned).chain(figures) {
            let head = french::head(&name);
            assert!(!head.is_empty() && !head.contains(';'), "{name}");
            heads.push(head.to_owned());
        }
        let count = heads.len();
        heads.sort();
        heads.dedup();
        assert_eq!(heads.len(), count);
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_none() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("GRETA - Rouen"), "GRETA - Rouen");
    }
}
