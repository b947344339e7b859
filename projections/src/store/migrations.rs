//! The migrations of what the engine itself keeps. The views' own tables are no matter of migrations: a changed view is a
//! new generation beside the old one.

use parcours_log::database::{Migration, Schema};

/// The schema.
pub(crate) const SCHEMA: Schema = Schema {
    of: "views",
    table: "view_migrations",
    postgres: "parcours_views",
    lock: 0x7061_7263_7669_6501,
    migrations: &[
        Migration {
            number: 1,
            name: "views",
            sqlite: include_str!("../../migrations/sqlite/0001_views.sql"),
            postgres: include_str!("../../migrations/postgres/0001_views.sql"),
        },
        Migration {
            number: 2,
            name: "identity",
            sqlite: include_str!("../../migrations/sqlite/0002_identity.sql"),
            postgres: include_str!("../../migrations/postgres/0002_identity.sql"),
        },
        Migration {
            number: 3,
            name: "passed_over",
            sqlite: include_str!("../../migrations/sqlite/0003_passed_over.sql"),
            postgres: include_str!("../../migrations/postgres/0003_passed_over.sql"),
        },
        Migration {
            number: 4,
            name: "identity_of_passed_over",
            sqlite: include_str!("../../migrations/sqlite/0004_identity_of_passed_over.sql"),
            postgres: include_str!("../../migrations/postgres/0004_identity_of_passed_over.sql"),
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
