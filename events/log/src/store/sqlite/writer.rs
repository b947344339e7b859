//! Writing: one connection, owned by the committer's thread.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, ffi};

use super::checkpoint::Checkpointer;
use super::{OpenFiles, reader, shelve};
use crate::store::index::shelf::{Step, Stepped};
use crate::store::{self, Batch, Commit, HeadRow, Writer, stored};
use crate::supervision::Supervisor;
use crate::{Anchor, LogError};

/// The writing connection. Invariant: outside of a call a transaction is open only between `lock` and what ends it.
pub(crate) struct SqliteWriter {
    connection: Connection,
    checkpointer: Checkpointer,
    files: OpenFiles,
    /// Pages in the WAL after the last commit, told by SQLite.
    wal_pages: Arc<AtomicI32>,
}

/// How long a writer that is done waits for readers, before it leaves the WAL to the next one.
const LAST_WAIT: Duration = Duration::from_millis(500);

impl Drop for SqliteWriter {
    fn drop(&mut self) {
        if let Err(error) = self.tidy() {
            tracing::debug!(%error, "what is in the WAL of the log stays there");
        }
    }
}

impl SqliteWriter {
    /// Opens the file, and makes or migrates it.
    pub fn open(file: &Path, patience: Duration, supervisor: &Supervisor) -> Result<SqliteWriter, LogError> {
        let mut connection = super::open(file, patience)?;
        let wal_pages = Arc::new(AtomicI32::new(0));
        let told = wal_pages.clone();
        // Having a hook of its own also turns SQLite's automatic checkpoints off.
        connection.wal_hook(Some(move |_: &mut _, pages| {
            told.store(pages, Ordering::Relaxed);
            Ok(())
        }))?;
        let checkpointer = Checkpointer::start(file, patience, supervisor)?;
        Ok(SqliteWriter {
            connection,
            checkpointer,
            files: OpenFiles::of(file)?,
            wal_pages,
        })
    }

    /// Moves what is in the WAL into the file, for whoever copies it.
    fn tidy(&self) -> Result<(), LogError> {
        self.files.still_stand()?;
        self.connection.busy_timeout(LAST_WAIT)?;
        Ok(self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?)
    }

    fn begin(&self) -> Result<HeadRow, LogError> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        reader::head(&self.connection)
    }

    fn roll_back(&self) {
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::warn!(%error, "a transaction of the log could not be rolled back");
        }
    }

    fn raise(&self, recorded: i64) -> Result<HeadRow, LogError> {
        let head = self.begin()?;
        if head.recorded >= recorded {
            return Ok(head);
        }
        self.connection
            .prepare_cached("UPDATE head SET recorded = ?1")?
            .execute([recorded])?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.files.still_stand()?;
        Ok(HeadRow { recorded, ..head })
    }

    fn insert(&self, batch: &Batch) -> rusqlite::Result<()> {
        let mut streams = self
            .connection
            .prepare_cached("INSERT INTO streams VALUES (?1, ?2, ?3)")?;
        for (number, id) in &batch.streams {
            streams.execute((stored(*number), id.kind.name(), id.uuid))?;
        }
        let mut sources = self
            .connection
            .prepare_cached("INSERT INTO sources VALUES (?1, ?2)")?;
        for (number, source) in &batch.sources {
            sources.execute((stored(*number), &**source))?;
        }
        let mut entries = self
            .connection
            .prepare_cached("INSERT INTO entries VALUES (?1, ?2, ?3, 0, ?4, ?5)")?;
        for row in &batch.rows {
            let (position, revision) = (stored(row.entry.position), stored(row.entry.revision));
            entries.execute((
                position,
                stored(row.stream),
                revision,
                &row.entry.leaf.0,
                &*row.entry.bytes,
            ))?;
        }
        Ok(())
    }

    fn write(&self, batch: &Batch) -> Result<Commit, LogError> {
        let head = if self.connection.is_autocommit() {
            self.begin()?
        } else {
            reader::head(&self.connection)?
        };
        if head != batch.before {
            return Ok(Commit::Moved);
        }
        if batch.rows.is_empty() {
            return Ok(Commit::Done);
        }
        if let Err(error) = self.insert(batch) {
            return refused(error);
        }
        let after = &batch.after;
        self.connection
            .prepare_cached(
                "UPDATE head SET size = ?1, recorded = ?2, streams = ?3, sources = ?4, frontier = ?5",
            )?
            .execute((
                stored(after.size()),
                after.recorded,
                stored(after.streams),
                stored(after.sources),
                after.frontier.encode(),
            ))?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        // After the commit, and before anybody hears of it: what went into a file that was removed is acknowledged to nobody.
        self.files.still_stand()?;
        Ok(Commit::Done)
    }
}

/// Whether SQLite refuses what a row holds, or has failed. That a name or a position is there already is no such refusal: the
/// log alone gives them out, so that it is a sign of damage.
fn refused(error: rusqlite::Error) -> Result<Commit, LogError> {
    let of_content = error.sqlite_error().is_some_and(|said| {
        let constraints = [
            ffi::SQLITE_CONSTRAINT_CHECK,
            ffi::SQLITE_CONSTRAINT_NOTNULL,
            ffi::SQLITE_CONSTRAINT_DATATYPE,
        ];
        said.code == ErrorCode::TooBig || constraints.contains(&said.extended_code)
    });
    if of_content {
        Ok(Commit::Refused(error.to_string()))
    } else {
        Err(error.into())
    }
}

impl Writer for SqliteWriter {
    async fn lock(&mut self) -> Result<HeadRow, LogError> {
        self.begin().inspect_err(|_| self.roll_back())
    }

    async fn end(&mut self, head: &HeadRow) -> Result<Anchor, LogError> {
        let last = head.size().checked_sub(1);
        let leaf = last
            .map(|last| reader::leaf(&self.connection, last))
            .transpose()?;
        store::end(head.size(), leaf.flatten())
    }

    async fn unlock(&mut self) {
        self.roll_back();
    }

    async fn commit(&mut self, batch: &Batch) -> Result<Commit, LogError> {
        let outcome = self.write(batch);
        self.roll_back();
        self.checkpointer
            .after_commit(&mut self.connection, self.wal_pages.load(Ordering::Relaxed));
        outcome
    }

    async fn reach(&mut self, recorded: i64) -> Result<HeadRow, LogError> {
        let reached = self.raise(recorded);
        self.roll_back();
        self.checkpointer
            .after_commit(&mut self.connection, self.wal_pages.load(Ordering::Relaxed));
        reached
    }

    async fn shelve(&mut self, step: &Step) -> Result<Stepped, LogError> {
        let stepped = shelve::shelve(&self.connection, step);
        self.checkpointer
            .after_commit(&mut self.connection, self.wal_pages.load(Ordering::Relaxed));
        stepped
    }
}
