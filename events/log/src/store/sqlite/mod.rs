//! The log in one SQLite file, in WAL mode, synced at every commit.
//!
//! Who owns what: the committer's thread the [`writer`], the sequencer's the [`loader`], readers borrow connections
//! from the [`reader`]'s pool, the [`checkpoint`] thread moves the WAL into the file behind the writer's back, and
//! the [`watch`] thread notices what other processes commit. Several processes may have the file open.

pub(crate) mod checkpoint;
pub(crate) mod loader;
pub(crate) mod reader;
pub(crate) mod watch;
pub(crate) mod writer;

use std::path::Path;
use std::thread;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::migrations::{SQLITE, pending};
use crate::LogError;

/// How long those who only read wait for a lock; in WAL mode they hardly ever meet one.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks at a lock. SQLite's own handler backs off to 100 ms, and would starve beside a busy process.
const BUSY_STEP: Duration = Duration::from_millis(1);

/// Opens the file for writing, makes it if it is missing, and brings its schema up to date.
pub(crate) fn open(file: &Path, patience: Duration) -> Result<Connection, LogError> {
    let mut connection = connect(file, 16 << 10, patience)?;
    // The first process to open a new file must be alone to turn WAL on; SQLite does not wait for that by itself.
    let mut tries = steps(patience);
    while let Err(error) = connection.pragma_update(None, "journal_mode", "wal") {
        let busy = error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy);
        if !busy || tries == 0 {
            return Err(error.into());
        }
        tries -= 1;
        thread::sleep(BUSY_STEP);
    }
    connection.pragma_update(None, "synchronous", "full")?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn steps(patience: Duration) -> i32 {
    i32::try_from(patience.as_millis() / BUSY_STEP.as_millis()).unwrap_or(i32::MAX)
}

/// A connection with a page cache of `cache_kib`, which waits for locks for as long as `patience`.
fn connect(file: &Path, cache_kib: i64, patience: Duration) -> Result<Connection, LogError> {
    let mut connection = Connection::open(file)?;
    let limit = steps(patience);
    connection.busy_handler(Some(move |tries: i32| {
        thread::sleep(BUSY_STEP);
        tries < limit
    }))?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Applies what is missing, under the file's write lock, so that two processes starting together do it once.
fn migrate(connection: &mut Connection) -> Result<(), LogError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (
             number  INTEGER PRIMARY KEY,
             name    TEXT NOT NULL,
             applied TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ'))
         ) STRICT",
    )?;
    let applied: Option<i64> = transaction
        .query_row("SELECT max(number) FROM migrations", [], |row| row.get(0))
        .optional()?
        .flatten();
    for migration in pending(SQLITE, applied.unwrap_or(0))? {
        transaction.execute_batch(migration.sql)?;
        transaction.execute(
            "INSERT INTO migrations (number, name) VALUES (?1, ?2)",
            (migration.number, migration.name),
        )?;
        tracing::info!(
            number = migration.number,
            name = migration.name,
            "migration of the log applied"
        );
    }
    Ok(transaction.commit()?)
}
