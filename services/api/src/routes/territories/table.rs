//! The figures as a table, for spreadsheets and for programs that guess what a column holds.
//!
//! Such readers take whatever is made of digits for a number: 01 becomes 1, a SIRET loses its last digits, and quotes do
//! not keep them from it. So a code stands behind a word, in the notation that the service has for it anyway:
//! `departement/01`, `urn:siret:…`; a level is `level/4`, which beside an empty cell would be 4.0.

pub(super) mod french;
mod names;

use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::geography::{self, Territory, TerritoryLevel};
use parcours_projections::territory::{By, Comparison, Earlier, Elsewhere, Figures, Report};
use schemars::SchemaGenerator;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Day,
    Instant,
    Count,
    /// A part of 1.
    Share,
    Truth,
}

/// A column, by its name in English; `about` says in a sentence what it holds.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub kind: Kind,
    pub about: String,
}

/// What stands in a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Nothing,
    Text(String),
    Day(NaiveDate),
    Instant(DateTime<Utc>),
    Count(i64),
    Share(f64),
    Truth(bool),
}

/// Columns and lines: one line of the whole, one of each part and of what the whole is compared with, and one of those whose
/// commune is not known where there are any: `line` says which it is. Where parts have parts of their own, they are the
/// sums of these.
pub(super) struct Table {
    pub columns: Vec<Column>,
    pub lines: Vec<Vec<Cell>>,
}

/// The words that a line may be of.
pub(super) const LINES: [&str; 6] = ["total", "subtotal", "part", "parent", "year_before", "unknown"];

/// What the columns before the figures are called.
const OWN: [(&str, Kind, &str); 9] = [
    (
        "line",
        Kind::Text,
        "What the line is: `total`, the whole; `part`, a part of it; `subtotal`, the sum of the parts that follow; `parent` and `year_before`, what the whole is compared with; `unknown`, those whose commune is not known.",
    ),
    ("territory", Kind::Text, "The territory, as level/code."),
    ("name", Kind::Text, "The name of the territory."),
    ("from", Kind::Day, "The first day of the period."),
    ("to", Kind::Day, "The last day of the period."),
    ("as_of", Kind::Instant, "When what the figures are of was known."),
    ("by", Kind::Text, "How the whole is broken down; of a part only."),
    (
        "key",
        Kind::Text,
        "Which part: a month, or a code behind a word that keeps it from being a number.",
    ),
    ("key_name", Kind::Text, "What the part is called."),
];
/// The same of a part of a part, where there are any.
const INNER: [(&str, Kind, &str); 3] = [
    (
        "then_by",
        Kind::Text,
        "How the part is broken down; of a part of a part only.",
    ),
    ("then_key", Kind::Text, "Which part of the part."),
    (
        "then_key_name",
        Kind::Text,
        "What the part of the part is called.",
    ),
];

/// What figures are of.
#[derive(Clone, Copy)]
struct Of {
    place: Option<Territory>,
    from: NaiveDate,
    to: NaiveDate,
}

impl Table {
    /// The table of a report, its words in French or in English. `operators` has names by SIRET.
    pub fn of(report: &Report, operators: &BTreeMap<String, String>, french: bool) -> Table {
        let writer = Writer {
            report,
            operators,
            french,
        };
        Table {
            columns: columns(report),
            lines: writer.lines(),
        }
    }
}

/// The columns of a report's table.
pub(super) fn columns(report: &Report) -> Vec<Column> {
    let inner = INNER.into_iter().filter(|_| report.then_by.is_some());
    let own = OWN.into_iter().chain(inner).map(|(name, kind, about)| Column {
        name: name.to_owned(),
        kind,
        about: about.to_owned(),
    });
    own.chain(of_figures()).collect()
}

/// The columns of the figures: each as its type says.
fn of_figures() -> impl Iterator<Item = Column> {
    let schema = SchemaGenerator::default().into_root_schema_for::<Figures>();
    let described = match schema.get("properties") {
        Some(Value::Object(described)) => described.clone(),
        _ => Default::default(),
    };
    let names: Vec<String> = values(&Figures::default()).map(|(name, _)| name).collect();
    names.into_iter().map(move |name| {
        let field = described.get(&name);
        let about = field.and_then(|field| field["description"].as_str());
        let is = |kind: &str| {
            field.is_some_and(|field| match &field["type"] {
                Value::Array(kinds) => kinds.iter().any(|known| known == kind),
                known => known == kind,
            })
        };
        let kind = match () {
            () if is("integer") => Kind::Count,
            () if is("boolean") => Kind::Truth,
            () => Kind::Share,
        };
        Column {
            about: about.unwrap_or_default().to_owned(),
            name,
            kind,
        }
    })
}

/// The figures by their names, in the same order for all.
fn values(figures: &Figures) -> impl Iterator<Item = (String, Cell)> {
    let fields = match serde_json::to_value(figures) {
        Ok(Value::Object(fields)) => fields,
        _ => Default::default(),
    };
    // An empty cell says that it is withheld.
    let told = fields.into_iter().filter(|(name, _)| name != "withheld");
    told.map(|(name, value)| {
        let cell = match value {
            Value::Bool(truth) => Cell::Truth(truth),
            Value::Number(number) => match number.as_i64() {
                Some(count) => Cell::Count(count),
                None => number.as_f64().map_or(Cell::Nothing, Cell::Share),
            },
            _ => Cell::Nothing,
        };
        (name, cell)
    })
}

struct Writer<'a> {
    report: &'a Report,
    operators: &'a BTreeMap<String, String>,
    french: bool,
}

impl Writer<'_> {
    fn lines(&self) -> Vec<Vec<Cell>> {
        let report = self.report;
        let whole = Of {
            place: Some(report.territory),
            from: report.from,
            to: report.to,
        };
        let mut lines = vec![self.line("total", whole, &[], &report.figures)];
        for group in report.groups.iter().flatten() {
            let line = if group.groups.is_some() {
                "subtotal"
            } else {
                "part"
            };
            lines.push(self.line(line, whole, &[&group.key], &group.figures));
            for part in group.groups.iter().flatten() {
                lines.push(self.line("part", whole, &[&group.key, &part.key], &part.figures));
            }
        }
        if let Some(Comparison { parent, year_before }) = &report.comparison {
            if let Some(Elsewhere { territory, figures }) = parent {
                let place = Some(*territory);
                lines.push(self.line("parent", Of { place, ..whole }, &[], figures));
            }
            let Earlier { from, to, figures } = year_before;
            let (from, to) = (*from, *to);
            lines.push(self.line("year_before", Of { from, to, ..whole }, &[], figures));
        }
        if let Some(unknown) = &report.unknown {
            lines.push(self.line("unknown", Of { place: None, ..whole }, &[], unknown));
        }
        lines
    }

    /// A line; `keys` are those of a part, and of a part of that.
    fn line(&self, line: &str, of: Of, keys: &[&str], figures: &Figures) -> Vec<Cell> {
        let report = self.report;
        let mut cells = vec![
            self.word(line),
            of.place.map_or(Cell::Nothing, |place| {
                Cell::Text(format!("{}/{}", place.level, place.code))
            }),
            of.place
                .map_or(Cell::Nothing, |place| Cell::Text(place.name.to_owned())),
            Cell::Day(of.from),
            Cell::Day(of.to),
            Cell::Instant(report.as_of),
        ];
        let outer = (report.by, keys.first());
        let inner = report.then_by.map(|by| (Some(by), keys.get(1)));
        for part in std::iter::once(outer).chain(inner) {
            cells.extend(match part {
                (Some(by), Some(key)) => [
                    self.word(by.as_str()),
                    text(self.key(by, key)),
                    text(self.key_name(by, key)),
                ],
                _ => [Cell::Nothing, Cell::Nothing, Cell::Nothing],
            });
        }
        cells.extend(values(figures).map(|(_, cell)| cell));
        cells
    }

    fn word(&self, english: &str) -> Cell {
        let word = if self.french {
            french::word(english)
        } else {
            english
        };
        Cell::Text(word.to_owned())
    }

    fn key(&self, by: By, key: &str) -> String {
        match by {
            _ if key.is_empty() => String::new(),
            By::Operator => format!("urn:siret:{key}"),
            By::Level => format!("level/{key}"),
            By::Commune | By::Epci | By::Departement => format!("{}/{key}", by.as_str()),
            By::Year => format!("year/{key}"),
            By::Month | By::Quarter | By::Channel | By::Gender | By::Age | By::Situation => key.to_owned(),
        }
    }

    fn key_name(&self, by: By, key: &str) -> String {
        let named =
            |level| geography::territory(level, key).map_or_else(String::new, |place| place.name.to_owned());
        match by {
            By::Operator => self
                .operators
                .get(key)
                .map_or_else(String::new, |name| harmless(name)),
            By::Channel => names::of_channel(key, self.french).to_owned(),
            By::Level => names::of_level(key, self.french).to_owned(),
            By::Gender => names::of_gender(key, self.french).to_owned(),
            By::Age => names::of_age(key, self.french).to_owned(),
            By::Situation => names::of_situation(key, self.french).to_owned(),
            By::Commune => named(TerritoryLevel::Commune),
            By::Epci => named(TerritoryLevel::Epci),
            By::Departement => named(TerritoryLevel::Departement),
            By::Month | By::Quarter | By::Year => String::new(),
        }
    }
}

fn text(text: String) -> Cell {
    match text.is_empty() {
        true => Cell::Nothing,
        false => Cell::Text(text),
    }
}

/// A text that somebody chose, as a cell that no spreadsheet takes for a formula.
fn harmless(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_kind_a_sentence_and_a_head_in_french() {
        let own = OWN.into_iter().chain(INNER).map(|(name, kind, about)| Column {
            name: name.to_owned(),
            kind,
            about: about.to_owned(),
        });
        let mut heads = Vec::new();
        for column in own.chain(of_figures()) {
            let head = french::head(&column.name);
            assert!(!head.is_empty() && !head.contains(';'), "{column:?}");
            assert!(!column.about.is_empty(), "{column:?}");
            heads.push(head.to_owned());
        }
        let count = heads.len();
        heads.sort();
        heads.dedup();
        assert_eq!(heads.len(), count);
        let kinds: Vec<Kind> = of_figures().map(|column| column.kind).collect();
        let of = |kind| kinds.iter().filter(|known| **known == kind).count();
        assert_eq!((of(Kind::Count), of(Kind::Share), of(Kind::Truth)), (9, 2, 1));
    }

    #[test]
    fn every_line_has_a_word_in_french() {
        for line in LINES.into_iter().filter(|line| *line != "total") {
            assert_ne!(french::word(line), line);
        }
    }

    #[test]
    fn a_name_that_looks_like_a_formula_is_none() {
        assert_eq!(harmless("=HYPERLINK(\"http://x\")"), "'=HYPERLINK(\"http://x\")");
        assert_eq!(harmless("GRETA - Rouen"), "GRETA - Rouen");
    }
}
