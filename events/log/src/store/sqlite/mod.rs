//! The log in one SQLite file, in WAL mode, synced at every commit.
//!
//! Who owns what: the committer's thread the [`writer`], the sequencer's the [`loader`], readers borrow connections
//! from the [`reader`]'s pool, the [`checkpoint`] thread moves the WAL into the file behind the writer's back, and
//! the [`watch`] thread notices what other processes commit. Several processes may have the file open.

pub(crate) mod checkpoint;
pub(crate) mod loader;
pub(crate) mod reader;
pub(crate) mod shelf;
mod shelve;
pub(crate) mod watch;
pub(crate) mod writer;

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::migrations::SCHEMA;
use crate::LogError;
use crate::database::{OpenFile, open_sqlite, open_sqlite_again, turn_wal_on};

/// How long those who only read wait for a lock; in WAL mode they hardly ever meet one.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the file for writing, makes it if it is missing, and brings its schema up to date.
pub(crate) fn open(file: &Path, patience: Duration) -> Result<Connection, LogError> {
    let mut connection = prepared(open_sqlite(file, patience)?, 8 << 10)?;
    turn_wal_on(&connection, patience)?;
    connection.pragma_update(None, "synchronous", "full")?;
    SCHEMA.migrate_sqlite::<LogError>(&mut connection)?;
    Ok(connection)
}

/// The files of a log that is open: the database, and the WAL, where what is committed is first.
struct OpenFiles([OpenFile; 2]);

impl OpenFiles {
    /// Those of a database that was opened just now.
    fn of(file: &Path) -> Result<OpenFiles, LogError> {
        let mut wal = file.as_os_str().to_owned();
        wal.push("-wal");
        let open = |file: &Path| OpenFile::at(file).map_err(|error| LogError::unavailable(&error));
        Ok(OpenFiles([open(file)?, open(Path::new(&wal))?]))
    }

    /// Fails if a path leads elsewhere by now.
    fn still_stand(&self) -> Result<(), LogError> {
        Ok(self.0.iter().try_for_each(OpenFile::still_stands)?)
    }
}

/// A connection to the file that [`open`] has made, with a page cache of `cache_kib`, which waits for locks for as long as
/// `patience`.
fn connect(file: &Path, cache_kib: i64, patience: Duration) -> Result<Connection, LogError> {
    prepared(open_sqlite_again(file, patience)?, cache_kib)
}

/// Closing a connection moves nothing from the WAL into the file, as SQLite's last one would: the file may be another by
/// then, put there by somebody else. The [`writer`] does it, once it has looked.
fn prepared(connection: Connection, cache_kib: i64) -> Result<Connection, LogError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}
