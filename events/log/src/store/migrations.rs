//! Numbered migrations, applied in order, each once.
//!
//! A file that has been released is never changed; a change is a new file. Both databases have the same
//! numbers, so that one number says what a log can do.

use crate::LogError;

/// A step of the schema.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The migrations not applied yet, given the number of the last one that is (0 for an empty database).
pub(crate) fn pending(
    known: &'static [Migration],
    applied: i64,
) -> Result<impl Iterator<Item = &'static Migration>, LogError> {
    let last = known.last().map_or(0, |migration| migration.number);
    if applied > last {
        return Err(LogError::Newer {
            found: applied,
            known: last,
        });
    }
    Ok(known.iter().filter(move |migration| migration.number > applied))
}

/// The schema of a log in SQLite.
pub(crate) const SQLITE: &[Migration] = &[Migration {
    number: 1,
    name: "log",
    sql: include_str!("../../migrations/sqlite/0001_log.sql"),
}];

/// The schema of a log in PostgreSQL.
pub(crate) const POSTGRES: &[Migration] = &[Migration {
    number: 1,
    name: "log",
    sql: include_str!("../../migrations/postgres/0001_log.sql"),
}];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_have_the_same_steps_numbered_from_one() {
        let steps = |list: &[Migration]| list.iter().map(|m| (m.number, m.name)).collect::<Vec<_>>();
        assert_eq!(steps(SQLITE), steps(POSTGRES));
        assert!(
            SQLITE
                .iter()
                .zip(1..)
                .all(|(migration, number)| migration.number == number)
        );
    }

    #[test]
    fn only_what_is_missing_is_pending() {
        let last = SQLITE.len() as i64;
        assert_eq!(pending(SQLITE, 0).unwrap().count(), SQLITE.len());
        assert_eq!(pending(SQLITE, last).unwrap().count(), 0);
        assert!(matches!(pending(SQLITE, last + 1), Err(LogError::Newer { .. })));
    }
}
