//! Numbered migrations of what the engine itself keeps, applied in order, each once.
//!
//! A file that has been released is never changed; a change is a new file. The views' own tables are no matter of
//! migrations: a changed view is a new generation beside the old one.

use crate::ViewError;

/// A step of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The migrations not applied yet, given the number of the last one that is (0 for an empty database).
pub(crate) fn pending(known: &'static [Migration], applied: i64) -> Result<&'static [Migration], ViewError> {
    let last = known.last().map_or(0, |migration| migration.number);
    if applied > last {
        return Err(ViewError::Newer {
            found: applied,
            known: last,
        });
    }
    Ok(&known[known.partition_point(|migration| migration.number <= applied)..])
}

/// The schema in SQLite.
pub(crate) const SQLITE: &[Migration] = &[Migration {
    number: 1,
    name: "views",
    sql: include_str!("../../migrations/sqlite/0001_views.sql"),
}];

/// The schema in PostgreSQL.
pub(crate) const POSTGRES: &[Migration] = &[Migration {
    number: 1,
    name: "views",
    sql: include_str!("../../migrations/postgres/0001_views.sql"),
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
    fn only_what_is_missing_is_pending_and_a_newer_database_is_refused() {
        let last = SQLITE.len() as i64;
        assert_eq!(pending(SQLITE, 0).unwrap().len(), SQLITE.len());
        assert!(pending(SQLITE, last).unwrap().is_empty());
        assert!(matches!(pending(SQLITE, last + 1), Err(ViewError::Newer { .. })));
    }
}
