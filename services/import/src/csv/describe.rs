//! The columns of a type in words, made of its schema: `parcours import --columns TYPE`.

use super::columns::{Column, Columns, Kind};

use super::facts::DAY;
use super::fold::fold;
use super::type_name::type_named;
use super::{french, values};
use parcours_model::StreamKind;
use std::fmt::Write as _;

/// No file holds events of this type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no type of event that a file may hold: expected one of {1}")]
pub struct Unknown(String, String);

/// What a file of this type holds.
pub fn describe(type_name: &str) -> Result<String, Unknown> {
    let place = type_named(type_name).map_err(|_| {
        let all: Vec<&str> = Columns::all().iter().map(|columns| columns.type_name).collect();
        Unknown(type_name.to_owned(), all.join(", "))
    })?;
    let columns = &Columns::all()[place];
    let mut told = String::new();
    let mut line = |text: String| writeln!(told, "{text}").expect("a text takes what is written to it");
    line(format!("{}: {}", columns.type_name, columns.summary));
    line(String::new());
    let rows = of_all(columns)
        .into_iter()
        .chain(columns.columns.iter().map(|column| row(columns, column)))
        .collect::<Vec<_>>();
    let widths: Vec<usize> = (0..2)
        .map(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0))
        .collect();
    for [name, needed, expected, others] in &rows {
        let others = if others.is_empty() {
            String::new()
        } else {
            format!(" (also: {others})")
        };
        line(format!(
            "{name:0$}  {needed:1$}  {expected}{others}",
            widths[0], widths[1]
        ));
    }
    line(String::new());
    line(format!("A fact is known again by {}.", known_by(columns)));
    line(String::new());
    let (names, examples) = example(columns);
    line(names.join(";"));
    line(examples.join(";"));
    Ok(told)
}

/// What tells a fact from the others of its type in its stream.
pub(super) fn known_by(columns: &Columns) -> String {
    match columns.identity {
        [] => "its stream alone: it happens once".to_owned(),
        parts => {
            let named = |part: &&str| {
                if *part == DAY {
                    "its day".to_owned()
                } else {
                    format!("`{part}`")
                }
            };
            parts.iter().map(named).collect::<Vec<_>>().join(" and ")
        }
    }
}

fn of_all(columns: &Columns) -> Vec<[String; 4]> {
    let row = |name: &str, needed: &str, expected: &str| {
        [
            name.to_owned(),
            needed.to_owned(),
            expected.to_owned(),
            others(name),
        ]
    };
    let mut rows = vec![
        row(
            "type",
            "or --type",
            "the type of the line, such as attendance.recorded",
        ),
        row(
            "source",
            "or --source",
            "who sends: a SIRET, or such as urn:region:28",
        ),
    ];
    let own = "a UUID, or a number of your own for it, such as 2026-17";
    rows.push(row(columns.kind.name(), "needed", own));
    if columns.kind == StreamKind::Parcours {
        rows.push(row(
            "trainee",
            "or parcours",
            "who it is, of a person who has one parcours",
        ));
    }
    rows.push(row("time", "needed", super::dates::AN_INSTANT));
    rows.push(row(
        "fact",
        "",
        "a number of your own for the fact, where it happens again",
    ));
    let own = |name: &str| columns.find(name).is_some();
    rows.retain(|[name, ..]| !own(name) || name == columns.kind.name());
    rows
}

fn row(columns: &Columns, column: &Column) -> [String; 4] {
    let mut same = columns.columns.iter().filter(|other| other.path == column.path);
    let needed = match same.find(|other| other.required) {
        Some(other) if other.name == column.name => "needed".to_owned(),
        // In another unit.
        Some(other) => format!("or {}", other.name),
        None => String::new(),
    };
    let expected = values::expected(&column.kind);
    let told = match column.meaning.is_empty() {
        true => expected,
        false => format!("{} {}", column.meaning, capital(&expected)),
    };
    [column.name.clone(), needed, told, others(&column.name)]
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The French words for a column.
fn others(name: &str) -> String {
    let words = french::HEADERS
        .iter()
        .filter(|(_, columns)| columns.contains(&name));
    let words: Vec<&str> = words
        .map(|(word, _)| *word)
        .filter(|word| fold(word) != fold(name))
        .collect();
    words.join(", ")
}

/// A header and a line that are taken.
fn example(columns: &Columns) -> (Vec<String>, Vec<String>) {
    let short = columns
        .type_name
        .trim_start_matches("parcours.")
        .trim_end_matches(".v1")
        .to_owned();
    let stream = match columns.kind {
        StreamKind::Envelope => "2026",
        _ => "2026-17",
    };
    let mut both = vec![
        ("type".to_owned(), short),
        ("source".to_owned(), "19290076900014".to_owned()),
        (columns.kind.name().to_owned(), stream.to_owned()),
        ("date".to_owned(), "31/03/2026".to_owned()),
    ];
    let needed = columns.columns.iter().filter(|column| column.required);
    both.extend(needed.map(|column| (column.name.clone(), value(&column.kind))));
    both.into_iter().unzip()
}

fn value(kind: &Kind) -> String {
    match kind {
        Kind::Text => "…".to_owned(),
        Kind::Whole { low, high, choices } => choices
            .first()
            .copied()
            .unwrap_or(3.clamp(*low, *high))
            .to_string(),
        Kind::Truth => "oui".to_owned(),
        Kind::Choice(words) => words.first().cloned().unwrap_or_default(),
        Kind::Uuid => "2026-3".to_owned(),
        Kind::Day | Kind::Instant => "31/03/2026".to_owned(),
        Kind::Siret => "20005340300016".to_owned(),
        Kind::Commune => "76540".to_owned(),
        Kind::Month => "2026-03".to_owned(),
        Kind::Hours => "7,5".to_owned(),
        Kind::Euros => "685,50".to_owned(),
        Kind::Code(of) => match of.as_str() {
            "Rome" => "E1104",
            "Rncp" => "RNCP34126",
            "Rs" => "RS5616",
            "Formacode" => "42752",
            "Naf" => "85.59A",
            _ => "departement/76",
        }
        .to_owned(),
        Kind::List(of) => value(of),
        Kind::Named(of) => format!("lecture={}", value(of)),
    }
}

/// The types that a file may hold, and what each of their facts is known by: the table of `COLUMNS.md`.
#[cfg(test)]
fn table() -> String {
    let rows = Columns::all().iter().map(|columns| {
        let french = french::TYPES
            .iter()
            .filter(|(_, name)| *name == columns.type_name);
        let french: Vec<&str> = french.map(|(word, _)| *word).collect();
        format!(
            "| `{}` | {} | {} |\n",
            columns.type_name,
            french.join(", "),
            known_by(columns)
        )
    });
    format!(
        "| type | in French | a fact is known again by |\n|---|---|---|\n{}",
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::super::convert::Converter;
    use super::super::header::Header;
    use super::super::mapping::Mapping;
    use super::super::records::Records;
    use super::*;

    #[test]
    fn the_page_on_columns_says_what_the_code_does() {
        let page = include_str!("COLUMNS.md");
        assert!(page.contains(&table()), "COLUMNS.md lacks this:\n{}", table());
    }

    #[test]
    fn the_example_of_every_type_is_taken() {
        for columns in Columns::all() {
            let (names, values) = example(columns);
            let (header, told) = Header::read(&names, &Mapping::default(), &[]).unwrap();
            assert_eq!(told, Vec::<String>::new());
            let text = values.join(";") + "\n";
            let mut records = Records::new(std::io::Cursor::new(text.into_bytes()), b';', 1);
            records.read().unwrap();
            let line = Converter::new(header).line(1, &records.found, "");
            let line = line.unwrap_or_else(|fault| panic!("{}: {fault:?}", columns.type_name));
            // Some needs, such as a certification of either repertory, are beyond what one column says.
            if let Err(wrong) = line.submission() {
                let known = [
                    "certification",
                    "offer",
                    "need.stated",
                    "call.proposal",
                    "session",
                    "convention",
                ];
                assert!(
                    known.iter().any(|part| columns.type_name.contains(part)),
                    "{}: {wrong}",
                    columns.type_name
                );
            }
        }
    }

    #[test]
    fn a_type_is_described_with_its_columns_in_both_languages() {
        let told = describe("présence").unwrap();
        assert!(told.starts_with("parcours.attendance.recorded.v1: "), "{told}");
        for part in [
            "or planned_minutes",
            "heures prévues",
            "known again by `month`",
            "type;source;parcours;date;month;",
        ] {
            assert!(told.contains(part), "{part} is not in\n{told}");
        }
        assert!(
            describe("nothing")
                .unwrap_err()
                .to_string()
                .contains("parcours.oriented.v1")
        );
    }
}
