//! The columns of a type of event: one for each field of its data, made of the type's JSON Schema, so that they can never be
//! out of date. Beside minutes stand hours, beside cents euros; nothing else is converted.

mod node;

use crate::csv::facts;
use node::Node;
use parcours_model::{StreamKind, schema};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Within both; among the choices, if there are any.
    Whole {
        low: i64,
        high: i64,
        choices: Vec<i64>,
    },
    Truth,
    /// One of these words.
    Choice(Vec<String>),
    Uuid,
    Day,
    Instant,
    Siret,
    Commune,
    /// A code of this name that its own type reads.
    Code(String),
    Month,
    /// Hours that are whole minutes.
    Hours,
    /// Euros that are whole cents.
    Euros,
    /// Several, between [`crate::csv::values::BETWEEN`].
    List(Box<Kind>),
    /// Several, each behind its name: `reading=3`.
    Named(Box<Kind>),
}

/// A column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// The field's path in the data, `contract.kind`; of hours and euros the name that says so.
    pub name: String,
    pub path: Vec<String>,
    pub kind: Kind,
    /// Whether each line has to fill it: the field, and the object that holds it, are required.
    pub required: bool,
    /// What stands in the data where no line fills it: a list without an item is a list, too.
    pub otherwise: Option<&'static str>,
    /// What the schema says of it, in a line.
    pub meaning: String,
}

/// Those of one type.
#[derive(Debug)]
pub(crate) struct Columns {
    pub type_name: &'static str,
    pub kind: StreamKind,
    /// The place of the type in the journey.
    pub place: u8,
    pub summary: &'static str,
    /// What identifies a fact of it.
    pub identity: &'static [&'static str],
    /// In the order of the schema; columns of one field stand beside each other.
    pub columns: Vec<Column>,
}

impl Columns {
    /// Of every type that a file may hold, in the order of the vocabulary.
    pub(crate) fn all() -> &'static [Columns] {
        static ALL: OnceLock<Vec<Columns>> = OnceLock::new();
        ALL.get_or_init(|| {
            let of_kind = |kind: &StreamKind| {
                let types = kind.types().iter().enumerate();
                types
                    .filter_map(|(place, spec)| {
                        let schema = schema::of(spec.name)?;
                        Some(Columns {
                            type_name: spec.name,
                            kind: *kind,
                            place: u8::try_from(place).expect("a stream has fewer than 256 types"),
                            summary: spec.summary,
                            identity: facts::identity(spec.name)?,
                            columns: columns(&schema),
                        })
                    })
                    .collect::<Vec<_>>()
            };
            StreamKind::ALL.iter().flat_map(of_kind).collect()
        })
    }

    /// The place among all of this type, by its whole name.
    pub(crate) fn place_of(type_name: &str) -> Option<usize> {
        static PLACES: OnceLock<HashMap<&'static str, usize>> = OnceLock::new();
        let places = PLACES.get_or_init(|| {
            let names = Columns::all().iter().enumerate();
            names.map(|(place, columns)| (columns.type_name, place)).collect()
        });
        places.get(type_name).copied()
    }

    /// Of this type, by its whole name.
    #[cfg(test)]
    pub(crate) fn of(type_name: &str) -> Option<&'static Columns> {
        Some(&Columns::all()[Columns::place_of(type_name)?])
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

fn columns(schema: &Value) -> Vec<Column> {
    let (definitions, data) = (
        &schema["$defs"],
        Node::of(&schema["$defs"], &schema["properties"]["data"]),
    );
    let mut found = Vec::new();
    fields(definitions, &data, &[], true, &mut found);
    found
}

fn fields(definitions: &Value, object: &Node<'_>, outer: &[String], needed: bool, found: &mut Vec<Column>) {
    let required = object.base["required"].as_array();
    for (name, field) in object.base["properties"].as_object().into_iter().flatten() {
        let node = Node::of(definitions, field);
        let required = required.is_some_and(|all| all.iter().any(|one| one == name)) && !node.optional;
        let path: Vec<String> = outer.iter().chain([name]).cloned().collect();
        let Some(kind) = node.kind(definitions) else {
            if node.base["properties"].is_object() {
                fields(definitions, &node, &path, needed && required, found);
            }
            continue;
        };
        let required = needed && required;
        let otherwise = match kind {
            Kind::List(_) => Some("[]"),
            Kind::Named(_) => Some("{}"),
            _ => None,
        };
        let otherwise = otherwise.filter(|_| required);
        let required = required && otherwise.is_none();
        let meaning = field["description"]
            .as_str()
            .or(node.base["description"].as_str());
        let column = Column {
            name: path.join("."),
            path,
            kind,
            required,
            otherwise,
            meaning: meaning
                .unwrap_or_default()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let other = other_unit(&column);
        found.push(column);
        found.extend(other);
    }
}

/// The same field in the unit that people count in.
fn other_unit(column: &Column) -> Option<Column> {
    let (name, kind, told) = match &column.kind {
        Kind::Whole { .. } if column.name.ends_with("minutes") => {
            let stem = column.name.strip_suffix("minutes")?;
            (format!("{stem}hours"), Kind::Hours, "hours")
        }
        Kind::Whole { .. } if column.name.ends_with("cents") => {
            let stem = column.name.strip_suffix("cents")?;
            (format!("{stem}euros"), Kind::Euros, "euros")
        }
        _ => return None,
    };
    Some(Column {
        meaning: format!("The same as {}, in {told}.", column.name),
        name,
        kind,
        path: column.path.clone(),
        required: false,
        otherwise: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(type_name: &str) -> Vec<(String, bool)> {
        let columns = Columns::of(type_name).unwrap();
        columns
            .columns
            .iter()
            .map(|column| (column.name.clone(), column.required))
            .collect()
    }

    #[test]
    fn attendance_has_its_month_and_its_minutes_in_hours_too() {
        let expected = [
            ("month", true),
            ("planned_minutes", true),
            ("planned_hours", false),
            ("attended_minutes", true),
            ("attended_hours", false),
            ("excused_minutes", true),
            ("excused_hours", false),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, needed)| ((*name).to_owned(), *needed))
            .collect();
        assert_eq!(kinds("parcours.attendance.recorded.v1"), expected);
    }

    #[test]
    fn what_is_nested_has_dotted_names_and_what_is_sealed_none() {
        let names: Vec<_> = kinds("parcours.employment.started.v2")
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert!(names.contains(&"contract.kind".to_owned()), "{names:?}");
        assert!(
            names.contains(&"working_time.weekly_minutes".to_owned()),
            "{names:?}"
        );
        let bilan = Columns::of("parcours.bilan.completed.v1").unwrap();
        assert!(bilan.find("notes").is_none());
        let areas = &bilan.find("learning").unwrap().kind;
        assert!(matches!(areas, Kind::Named(of) if matches!(**of, Kind::Whole { low: 0, high: 4, .. })));
    }

    #[test]
    fn every_field_that_is_required_has_a_column() {
        for columns in Columns::all() {
            let schema = schema::of(columns.type_name).unwrap();
            let data = Node::of(&schema["$defs"], &schema["properties"]["data"]);
            for name in data.base["required"].as_array().into_iter().flatten() {
                let name = name.as_str().unwrap();
                assert!(
                    columns.columns.iter().any(|column| column.path[0] == name),
                    "{}: {name}",
                    columns.type_name
                );
            }
        }
    }

    #[test]
    fn kinds_are_those_of_the_schema() {
        let oriented = Columns::of("parcours.oriented.v1").unwrap();
        let kind = |name: &str| oriented.find(name).unwrap().kind.clone();
        assert_eq!(kind("trainee"), Kind::Uuid);
        assert_eq!(kind("commune"), Kind::Commune);
        assert_eq!(kind("prescriber"), Kind::Siret);
        assert!(matches!(kind("level"), Kind::Whole { low: 0, high: 8, .. }));
        assert!(matches!(kind("needs"), Kind::List(of) if matches!(*of, Kind::Choice(_))));
        assert!(oriented.find("commune").unwrap().required && !oriented.find("gender").unwrap().required);
        let months = &Columns::of("parcours.followup.answered.v1")
            .unwrap()
            .find("months")
            .unwrap()
            .kind;
        assert!(
            matches!(months, Kind::Whole { choices, .. } if *choices == [3, 6, 12, 18]),
            "{months:?}"
        );
    }
}
