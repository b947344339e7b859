//! The migrations of the log.

use crate::database::{Migration, Schema};

/// The schema.
pub(crate) const SCHEMA: Schema = Schema {
    of: "log",
    table: "migrations",
    postgres: "parcours_log",
    lock: 0x7061_7263_6c6f_6701,
    migrations: &[
        Migration {
            number: 1,
            name: "log",
            sqlite: include_str!("../../migrations/sqlite/0001_log.sql"),
            postgres: include_str!("../../migrations/postgres/0001_log.sql"),
        },
        Migration {
            number: 2,
            name: "recorded_by_the_entry",
            sqlite: include_str!("../../migrations/sqlite/0002_recorded_by_the_entry.sql"),
            postgres: include_str!("../../migrations/postgres/0002_recorded_by_the_entry.sql"),
        },
        Migration {
            number: 3,
            name: "index_in_runs",
            sqlite: include_str!("../../migrations/sqlite/0003_index_in_runs.sql"),
            postgres: include_str!("../../migrations/postgres/0003_index_in_runs.sql"),
        },
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_numbered_from_one() {
        assert!(
            SCHEMA
                .migrations
                .iter()
                .zip(1..)
                .all(|(migration, number)| migration.number == number)
        );
    }
}
