//! The migrations of what is remembered of deliveries.

use parcours_log::database::{Migration, Schema};

/// The schema.
pub(super) const SCHEMA: Schema = Schema {
    of: "webhooks",
    table: "migrations",
    postgres: "parcours_webhooks",
    lock: 0x7061_7263_7768_6b01,
    migrations: &[
        Migration {
            number: 1,
            name: "webhooks",
            sqlite: include_str!("../../../migrations/sqlite/0001_webhooks.sql"),
            postgres: include_str!("../../../migrations/postgres/0001_webhooks.sql"),
        },
        Migration {
            number: 2,
            name: "identity",
            sqlite: include_str!("../../../migrations/sqlite/0002_identity.sql"),
            postgres: include_str!("../../../migrations/postgres/0002_identity.sql"),
        },
        Migration {
            number: 3,
            name: "declared",
            sqlite: include_str!("../../../migrations/sqlite/0003_declared.sql"),
            postgres: include_str!("../../../migrations/postgres/0003_declared.sql"),
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
