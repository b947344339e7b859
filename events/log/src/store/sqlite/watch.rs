//! Noticing what other processes commit to the same file.
//!
//! SQLite tells nobody, but answers at the cost of a memory read whether anybody else has committed since the
//! last question. A thread asks often enough for a follower not to feel it.

use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::{OpenFiles, reader};
use crate::LogError;
use crate::store::end;
use crate::store::watched::Damage;
use crate::supervision::Supervisor;
use crate::tail::Tail;

/// Between two questions.
const STEP: Duration = Duration::from_millis(20);

/// The thread. Stopped by being dropped.
pub(crate) struct Watch {
    stop: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Tells `tail` of every commit to the file, within a moment, and `damage` if the log is another by then.
    pub fn start(
        file: &Path,
        tail: Tail,
        damage: Damage,
        supervisor: &Supervisor,
    ) -> Result<Watch, LogError> {
        let files = OpenFiles::of(file)?;
        let connection = super::connect(file, 256, super::PATIENCE)?;
        connection.pragma_update(None, "query_only", true)?;
        let (stop, stopped) = sync_channel::<()>(0);
        let thread = supervisor
            .thread("log-watch", move || {
                let mut seen = 0;
                while stopped.recv_timeout(STEP) == Err(RecvTimeoutError::Timeout) {
                    let looked = files
                        .still_stand()
                        .and_then(|()| look(&connection, &mut seen, &tail));
                    if let Err(error) = damage.noted(looked) {
                        if damage.still_the_same().is_err() {
                            return;
                        }
                        tracing::warn!(%error, "the log's file could not be watched");
                    }
                }
            })
            .map_err(|error| LogError::unavailable(&error))?;
        Ok(Watch {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn look(connection: &Connection, seen: &mut i64, tail: &Tail) -> Result<(), LogError> {
    let version: i64 = connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))?;
    if version != *seen {
        let known = tail.end();
        let (head, there, last) = reader::at_once(connection, || {
            let head = reader::head(connection)?;
            let leaf = |size: u64| match size.checked_sub(1) {
                Some(last) => reader::leaf(connection, last),
                None => Ok(None),
            };
            let (there, last) = (leaf(known.size)?, leaf(head.size())?);
            Ok((head, there, last))
        })?;
        tail.saw(known, end(head.size(), last)?, there)?;
        *seen = version;
    }
    Ok(())
}
