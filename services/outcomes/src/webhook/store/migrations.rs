//! Numbered migrations, applied in order, each once. A file that has been released is never changed; a change is a new
//! file. Both databases have the same numbers.

use crate::OutcomesError;

/// A step of the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sql: &'static str,
}

/// The migrations not applied yet, given the number of the last one that is (0 for an empty database).
pub(super) fn pending(
    known: &'static [Migration],
    applied: i64,
) -> Result<impl Iterator<Item = &'static Migration>, OutcomesError> {
    let last = known.last().map_or(0, |migration| migration.number);
    if applied > last {
        return Err(OutcomesError::WebhooksNewer {
            found: applied,
            known: last,
        });
    }
    Ok(known.iter().filter(move |migration| migration.number > applied))
}

/// The schema in SQLite.
pub(super) const SQLITE: &[Migration] = &[Migration {
    number: 1,
    name: "webhooks",
    sql: include_str!("../../../migrations/sqlite/0001_webhooks.sql"),
}];

/// The schema in PostgreSQL.
pub(super) const POSTGRES: &[Migration] = &[Migration {
    number: 1,
    name: "webhooks",
    sql: include_str!("../../../migrations/postgres/0001_webhooks.sql"),
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
    fn a_database_of_a_newer_program_is_left_alone() {
        let last = SQLITE.len() as i64;
        assert_eq!(pending(SQLITE, 0).unwrap().count(), SQLITE.len());
        assert_eq!(pending(SQLITE, last).unwrap().count(), 0);
        assert!(matches!(
            pending(SQLITE, last + 1),
            Err(OutcomesError::WebhooksNewer { .. })
        ));
    }
}
