//! What every database of the service needs, whoever keeps something of its own in it: the log, the views, the webhooks.

use std::error::Error;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::postgres::{Door, Fault, Session};

mod denied;
mod open_file;
mod read_only;
pub use open_file::{Exchanged, OpenFile};
pub use read_only::{Disturbed, ReadOnly};

/// Between two looks at a lock. SQLite's own handler backs off to 100 ms, and would starve beside a busy process.
const BUSY_STEP: Duration = Duration::from_millis(1);

/// A schema, made and changed by numbered migrations, applied in order, each once.
#[derive(Debug)]
pub struct Schema {
    /// Whose it is, in words.
    pub of: &'static str,
    /// The table that remembers in SQLite what was applied.
    pub table: &'static str,
    /// The schema in PostgreSQL that has everything, and there a table `migrations`.
    pub postgres: &'static str,
    /// Who holds this advisory lock of PostgreSQL migrates; the others wait. Any number that nobody else uses.
    pub lock: i64,
    /// From number 1 on.
    pub migrations: &'static [Migration],
}

/// A step of a schema, in both databases: one number says what they can do. What has been released is never changed; a
/// change is a new step.
#[derive(Debug)]
pub struct Migration {
    /// Its number.
    pub number: i64,
    /// Its name.
    pub name: &'static str,
    /// As SQLite takes it.
    pub sqlite: &'static str,
    /// As PostgreSQL takes it.
    pub postgres: &'static str,
}

/// The database has migrations that this program does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newer {
    /// The last migration in the database.
    pub found: i64,
    /// The last one this program knows.
    pub known: i64,
}

impl Schema {
    /// The migrations not applied yet, given the number of the last one that is (0 for an empty database).
    fn pending(&self, applied: i64) -> Result<&'static [Migration], Newer> {
        let known = self.migrations.last().map_or(0, |migration| migration.number);
        if applied > known {
            return Err(Newer {
                found: applied,
                known,
            });
        }
        let first = self
            .migrations
            .partition_point(|migration| migration.number <= applied);
        Ok(&self.migrations[first..])
    }

    /// Whether nothing is missing in a database in which this is the last migration that was applied.
    pub fn is_current(&self, applied: i64) -> Result<bool, Newer> {
        Ok(self.pending(applied)?.is_empty())
    }

    /// Applies what is missing, under the file's write lock, so that two processes starting together do it once.
    pub fn migrate_sqlite<E>(&self, connection: &mut Connection) -> Result<(), E>
    where
        E: From<rusqlite::Error> + From<Newer>,
    {
        let table = self.table;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS {table} (
                 number  INTEGER PRIMARY KEY,
                 name    TEXT NOT NULL,
                 applied TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))
             ) STRICT"
        ))?;
        let last: Option<i64> =
            transaction.query_row(&format!("SELECT max(number) FROM {table}"), [], |row| row.get(0))?;
        for migration in self.pending(last.unwrap_or(0))? {
            transaction.execute_batch(migration.sqlite)?;
            let insert = format!("INSERT INTO {table} (number, name) VALUES (?1, ?2)");
            transaction.execute(&insert, (migration.number, migration.name))?;
            self.applied(migration);
        }
        Ok(transaction.commit()?)
    }

    /// Applies what is missing in one transaction, under a lock, so that two processes starting together do it once. On a
    /// session of its own, which ends with it; for as long as it takes.
    pub async fn migrate_postgres<E>(&self, door: &Door) -> Result<(), E>
    where
        E: From<Fault> + From<tokio_postgres::Error> + From<Newer>,
    {
        let session = door.open().await?;
        session.patiently(self.apply(&session)).await
    }

    async fn apply<E>(&self, session: &Session) -> Result<(), E>
    where
        E: From<tokio_postgres::Error> + From<Newer>,
    {
        let schema = self.postgres;
        session
            .batch_execute("BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            .await?;
        session
            .execute("SELECT pg_advisory_xact_lock($1)", &[&self.lock])
            .await?;
        let exists = format!("SELECT to_regclass('{schema}.migrations') IS NOT NULL");
        if !session.query_one(&exists, &[]).await?.get::<_, bool>(0) {
            let create = format!(
                "CREATE SCHEMA IF NOT EXISTS {schema};
                 CREATE TABLE {schema}.migrations (
                     number  bigint PRIMARY KEY,
                     name    text NOT NULL,
                     applied timestamptz NOT NULL DEFAULT now()
                 )"
            );
            session.batch_execute(&create).await?;
        }
        let last = format!("SELECT max(number) FROM {schema}.migrations");
        let last: Option<i64> = session.query_one(&last, &[]).await?.get(0);
        for migration in self.pending(last.unwrap_or(0))? {
            session.batch_execute(migration.postgres).await?;
            let insert = format!("INSERT INTO {schema}.migrations (number, name) VALUES ($1, $2)");
            session
                .execute(&insert, &[&migration.number, &migration.name])
                .await?;
            self.applied(migration);
        }
        Ok(session.batch_execute("COMMIT").await?)
    }

    fn applied(&self, migration: &Migration) {
        let Migration { number, name, .. } = migration;
        tracing::info!(number, name, "migration of the {} applied", self.of);
    }
}

/// Opens a file of SQLite, made if it is missing, whose locks are waited for as long as `patience`.
pub fn open_sqlite(file: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let opened = Connection::open(file);
    let mut connection = opened.map_err(|error| denied::explained(error, file, true))?;
    wait_for_locks(&mut connection, patience)?;
    Ok(connection)
}

/// As [`open_sqlite`], and makes none: one that was there and is missing was removed, and an empty one in its place would
/// be taken for it.
pub fn open_sqlite_again(file: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::default().difference(OpenFlags::SQLITE_OPEN_CREATE);
    let opened = Connection::open_with_flags(file, flags);
    let mut connection = opened.map_err(|error| denied::explained(error, file, true))?;
    wait_for_locks(&mut connection, patience)?;
    Ok(connection)
}

/// Has a connection wait for locks as long as `patience`.
pub fn wait_for_locks(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let limit = steps(patience);
    connection.busy_handler(Some(move |tries: i32| {
        thread::sleep(BUSY_STEP);
        tries < limit
    }))
}

/// Turns WAL on. The first process to open a new file must be alone for that, and SQLite does not wait for it by itself.
pub fn turn_wal_on(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    let mut tries = steps(patience);
    while let Err(error) = connection.pragma_update(None, "journal_mode", "wal") {
        let busy = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
        if !busy || tries == 0 {
            return Err(error);
        }
        tries -= 1;
        thread::sleep(BUSY_STEP);
    }
    Ok(())
}

fn steps(patience: Duration) -> i32 {
    i32::try_from(patience.as_millis() / BUSY_STEP.as_millis()).unwrap_or(i32::MAX)
}

/// An error with its causes: drivers keep the useful half of it in the cause.
pub fn with_causes(error: &dyn Error) -> String {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        if !denied::is_number(error) {
            words.push(error.to_string());
        }
        cause = error.source();
    }
    words.dedup();
    words.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: Schema = Schema {
        of: "test",
        table: "migrations",
        postgres: "parcours_test",
        lock: 0,
        migrations: &[step(1), step(2), step(3)],
    };

    const fn step(number: i64) -> Migration {
        Migration {
            number,
            name: "step",
            sqlite: "",
            postgres: "",
        }
    }

    #[test]
    fn only_what_is_missing_is_pending_and_a_newer_database_is_refused() {
        let numbers = |applied| -> Vec<_> {
            let pending = SCHEMA.pending(applied).unwrap();
            pending.iter().map(|migration| migration.number).collect()
        };
        assert_eq!(numbers(0), [1, 2, 3]);
        assert_eq!(numbers(2), [3]);
        assert_eq!(numbers(3), [0; 0]);
        assert_eq!(SCHEMA.pending(4).err(), Some(Newer { found: 4, known: 3 }));
    }
}
