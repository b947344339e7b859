//! Moving the WAL into the database file without making commits wait.
//!
//! A thread with a connection of its own does the bulk of it, while commits go on filling the WAL behind its
//! back, so it passes again until little is left. That little is moved by the writer itself, between two
//! commits: only then is everything in the file, and the next commit begins the WAL anew from its start, unless somebody
//! still reads from it. Where many read, somebody nearly always does: so a WAL that has grown large makes the writer
//! wait a moment for those who read, while whoever begins to read does it from the file.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use crate::LogError;
use crate::database::wait_for_locks;
use crate::supervision::Supervisor;

/// Pages in the WAL that make a checkpoint worth while: 32 MiB. The fewer checkpoints, the more often a page
/// that changed many times is written into the file only once.
const ENOUGH: i32 = 8_192;
/// Pages that the writer may move itself: about 2 MiB, a few milliseconds.
const LITTLE: i32 = 512;
/// Pages in the WAL that the writer does not let become more, if it can: 80 MiB.
const MOST: i32 = 20_480;
/// Pages after which it tries again when it could not: 8 MiB.
const AGAIN: i32 = 2_048;
/// How long it waits for those who read: they take a few milliseconds for a page.
const MOMENT: Duration = Duration::from_millis(100);
/// Passes of the thread before it leaves what remains to the writer.
const PASSES: usize = 6;

/// The thread, and what the writer knows of it. Stopped by being dropped.
pub(super) struct Checkpointer {
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Set by the thread when little is left; taken by the writer.
    settle: Arc<AtomicBool>,
    /// Pages in the WAL at which the next checkpoint begins.
    next: i32,
    /// Pages in the WAL at which the writer waits for it to begin anew.
    most: i32,
    /// How long the writer waits for locks otherwise.
    patience: Duration,
}

impl Checkpointer {
    pub fn start(file: &Path, patience: Duration, supervisor: &Supervisor) -> Result<Checkpointer, LogError> {
        let connection = super::connect(file, 1 << 10, super::PATIENCE)?;
        connection.pragma_update(None, "synchronous", "full")?;
        let (wake, woken) = sync_channel(1);
        let settle = Arc::new(AtomicBool::new(false));
        let told = settle.clone();
        let thread = supervisor
            .thread("log-checkpoint", move || run(&connection, &woken, &told))
            .map_err(|error| LogError::unavailable(&error))?;
        Ok(Checkpointer {
            wake: Some(wake),
            thread: Some(thread),
            settle,
            next: ENOUGH,
            most: MOST,
            patience,
        })
    }

    /// To be called by the writer after every commit, outside of a transaction.
    pub fn after_commit(&mut self, connection: &mut Connection, wal_pages: i32) {
        if wal_pages < self.next && wal_pages < ENOUGH {
            self.next = ENOUGH;
            self.most = MOST;
        }
        if wal_pages >= self.most {
            self.most = wal_pages.saturating_add(AGAIN);
            if let Err(error) = self.restart(connection) {
                tracing::warn!(%error, "the log's WAL could not be begun anew");
            }
            return;
        }
        if self.settle.swap(false, Ordering::Acquire) {
            // A reader on an old snapshot keeps the WAL from beginning anew; then it grows until the next time.
            self.next = wal_pages.saturating_add(ENOUGH);
            if let Err(error) = pass(connection) {
                tracing::warn!(%error, "the log's WAL could not be moved into its file");
            }
        } else if wal_pages >= self.next
            && let Some(wake) = &self.wake
            && wake.try_send(()).is_ok()
        {
            self.next = wal_pages.saturating_add(ENOUGH);
        }
    }

    /// Moves everything into the file, and waits until nobody reads from the WAL any more, for a moment.
    fn restart(&self, connection: &mut Connection) -> Result<(), rusqlite::Error> {
        wait_for_locks(connection, MOMENT)?;
        let restarted = connection
            .prepare_cached("PRAGMA wal_checkpoint(RESTART)")?
            .query_row([], |_| Ok(()));
        wait_for_locks(connection, self.patience)?;
        restarted
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, woken: &Receiver<()>, settle: &AtomicBool) {
    while woken.recv().is_ok() {
        for _ in 0..PASSES {
            match pass(connection) {
                Ok(left) if left > LITTLE => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "the log's WAL could not be moved into its file");
                    break;
                }
            }
        }
        settle.store(true, Ordering::Release);
    }
}

/// Moves what no reader still needs in the WAL; answers how many pages have been added since it began.
fn pass(connection: &Connection) -> Result<i32, rusqlite::Error> {
    let checkpoint = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i32>(1)?, row.get::<_, i32>(2)?));
    let (_, moved) = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row([], checkpoint)?;
    let (pages, _) = connection
        .prepare_cached("PRAGMA wal_checkpoint(NOOP)")?
        .query_row([], checkpoint)?;
    Ok(pages - moved)
}
