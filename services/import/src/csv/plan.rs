//! How the lines of one type are read from a file: which of its columns say what of an event.

use super::columns::{Column, Columns};
use super::header::{Header, OF_ALL};
use parcours_model::StreamKind;
use std::collections::HashSet;

/// A column of the type, and where the file says it.
#[derive(Debug)]
pub(super) struct Field {
    pub place: usize,
    pub column: &'static Column,
    /// Its place among what identifies a fact of the type.
    pub identifies: Option<usize>,
}

/// See above.
#[derive(Debug)]
pub(super) struct Plan {
    pub columns: &'static Columns,
    /// In the order of the schema.
    pub fields: Vec<Field>,
    pub source: Vec<usize>,
    pub subject: Vec<usize>,
    /// What names the stream by the name of its kind.
    pub stream: Vec<usize>,
    pub time: Vec<usize>,
    pub id: Vec<usize>,
    pub fact: Vec<usize>,
    pub trainee: Vec<usize>,
    /// Of types whose data have none.
    pub session: Vec<usize>,
    /// Columns of the file that lines of this type leave empty.
    pub foreign: Vec<usize>,
    /// Columns that every line has to fill, and where: one of these places.
    pub required: Vec<(&'static Column, Vec<usize>)>,
    /// Columns that stand for an empty list where nothing is said, and where it may be said.
    pub lists: Vec<(&'static Column, Option<usize>)>,
    /// Columns that every line has to fill, and that the file does not have.
    pub missing: Vec<&'static str>,
    /// Members of the data that the file says something of.
    pub stated: Vec<&'static str>,
}

impl Plan {
    pub(super) fn of(columns: &'static Columns, header: &Header) -> Plan {
        let of_data = |name: &str| columns.find(name);
        let of_parcours = columns.kind == StreamKind::Parcours;
        let has = |name: &str| {
            let context = name == "trainee" || name == "session";
            let of_all = OF_ALL.contains(&name) && (!context || of_parcours);
            of_all || name == columns.kind.name() || of_data(name).is_some()
        };
        // What a column is called by name, no other word stands for.
        let named: HashSet<&str> = header
            .columns
            .iter()
            .filter_map(|meanings| meanings.first().map(String::as_str))
            .collect();
        let meaning = |place: usize| {
            let mut meanings = header.columns[place].iter().map(String::as_str).enumerate();
            let meant = meanings.find(|(rank, name)| has(name) && (*rank == 0 || !named.contains(name)));
            meant.map(|(_, name)| name)
        };
        let all = 0..header.columns.len();
        let places = |name: &str| -> Vec<usize> {
            all.clone()
                .filter(|place| meaning(*place) == Some(name))
                .collect()
        };
        let data = columns.columns.iter().filter_map(|column| {
            Some(Field {
                place: *places(&column.name).first()?,
                column,
                identifies: columns.identity.iter().position(|name| *name == column.path[0]),
            })
        });
        let fields: Vec<Field> = data.collect();
        let said = |column: &Column| fields.iter().any(|field| field.column.path == column.path);
        let missing = columns
            .columns
            .iter()
            .filter(|column| column.required && !said(column));
        let places_of = |column: &Column| -> Vec<usize> {
            let same = fields.iter().filter(|field| field.column.path == column.path);
            same.map(|field| field.place).collect()
        };
        let of_type = || columns.columns.iter();
        let required = of_type().filter(|column| column.required);
        let lists = of_type().filter(|column| column.otherwise.is_some());
        let mut stated: Vec<&str> = fields.iter().map(|field| field.column.path[0].as_str()).collect();
        stated.dedup();
        let in_file = 0..header.words.len();
        Plan {
            source: places("source"),
            subject: places("subject"),
            stream: places(columns.kind.name()),
            time: places("time"),
            id: places("id"),
            fact: places("fact"),
            trainee: if of_parcours {
                places("trainee")
            } else {
                Vec::new()
            },
            session: match of_parcours && of_data("session").is_none() {
                true => places("session"),
                false => Vec::new(),
            },
            foreign: in_file
                .filter(|place| !header.columns[*place].is_empty())
                .filter(|place| match meaning(*place) {
                    None => true,
                    // Of two words for one field the first counts.
                    Some(name) => fields
                        .iter()
                        .any(|field| field.column.name == name && field.place != *place),
                })
                .collect(),
            required: required.map(|column| (column, places_of(column))).collect(),
            lists: lists
                .map(|column| (column, places_of(column).first().copied()))
                .collect(),
            missing: missing.map(|column| column.name.as_str()).collect(),
            stated,
            fields,
            columns,
        }
    }

    /// Where the file says what the log calls by this path in an event, such as `data.planned_minutes`.
    pub(super) fn place_of(&self, path: &str) -> Option<usize> {
        let first = |places: &[usize]| places.first().copied();
        match path.strip_prefix("data.") {
            Some(member) => {
                let own = member.split(['[', ' ']).next().unwrap_or(member);
                let exact = self
                    .fields
                    .iter()
                    .find(|field| field.column.path.join(".") == own);
                let outer = || {
                    self.fields
                        .iter()
                        .find(|field| own.starts_with(&field.column.path[0]))
                };
                Some(exact.or_else(outer)?.place)
            }
            None => match path {
                "time" => first(&self.time),
                "source" => first(&self.source),
                "id" => first(&self.id),
                "subject" => first(&self.subject).or(first(&self.stream)),
                _ => None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::mapping::Mapping;

    fn plan(type_name: &str, cells: &[&str]) -> Plan {
        let cells: Vec<String> = cells.iter().map(|cell| (*cell).to_owned()).collect();
        let (header, _) = Header::read(&cells, &Mapping::default(), &[]).unwrap();
        Plan::of(Columns::of(type_name).unwrap(), &header)
    }

    #[test]
    fn a_word_is_what_the_type_of_the_line_has() {
        let header = [
            "type",
            "dossier",
            "date",
            "motif",
            "mois",
            "heures prévues",
            "session",
        ];
        let attendance = plan("parcours.attendance.recorded.v1", &header);
        let names: Vec<_> = attendance
            .fields
            .iter()
            .map(|field| field.column.name.as_str())
            .collect();
        assert_eq!(names, ["month", "planned_hours"]);
        assert_eq!((attendance.foreign, attendance.session), (vec![3], vec![6]));
        assert_eq!(attendance.missing, ["attended_minutes", "excused_minutes"]);
        let exited = plan("parcours.exited.v1", &header);
        assert_eq!((exited.foreign, exited.missing.len()), (vec![4, 5], 0));
        let admitted = plan("parcours.admitted.v1", &header);
        assert_eq!(
            (admitted.session.len(), admitted.fields[0].column.name.as_str()),
            (0, "session")
        );
    }

    #[test]
    fn a_word_that_stands_for_a_column_gives_way_to_the_column_s_own_name() {
        let opened = plan("session.opened.v1", &["type", "session", "places", "capacity"]);
        let capacity = opened.fields.iter().find(|field| field.column.name == "capacity");
        assert_eq!(capacity.map(|field| field.place), Some(3));
        assert_eq!(opened.foreign, [2], "a place that is said there would be lost");
    }

    #[test]
    fn a_stream_is_named_by_its_kind() {
        let header = ["type", "session", "date", "trainee", "offer"];
        let opened = plan("session.opened.v1", &header);
        assert_eq!((opened.stream, opened.foreign), (vec![1], vec![3]));
    }
}
