//! Moving the WAL into the file without making commits wait.
//!
//! A task passes over the WAL beside the writers. Under steady writing there is always a last bit that it has not
//! seen, so the WAL goes on growing until a pass meets a pause. If none comes, the last bit is moved with the writers'
//! gate closed: only then is everything in the file, and the next commit begins the WAL anew from its start. That
//! costs two syncs, during which the views stand still; it must be rare (100 ms in 10 s of 2,000 events/s).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parcours_log::supervision::Supervisor;
use rusqlite::{Connection, Row};
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::ViewError;

/// Between two looks at the length of the WAL: while views catch up it grows by some megabytes meanwhile.
const INTERVAL: Duration = Duration::from_millis(100);
/// Pages not yet in the file that make a pass worth while: 32 MiB. The fewer passes, the more often a page that
/// changed many times is written into the file only once.
const ENOUGH: i64 = 8 << 10;
/// Pages in the WAL at which the gate is closed: 48 MiB. With the transaction that is under way then, and what the others
/// write until the gate closes, the WAL stays under 128 MiB.
const LARGE: i64 = 12 << 10;
/// Pages that may be moved while the gate is closed: 2 MiB.
const LITTLE: i64 = 512;
/// Passes before the gate is closed whatever is left: while a view is rebuilt there is always more.
const PASSES: usize = 2;

/// The task. Stopped by being dropped.
pub(super) struct Checkpointer {
    written: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Checkpointer {
    pub fn start(file: &Path, gate: Arc<Mutex<()>>, supervisor: &Supervisor) -> Checkpointer {
        let written = Arc::new(AtomicBool::new(true));
        let (file, told) = (file.to_owned(), written.clone());
        let task = tokio::spawn(supervisor.task("views-checkpoint", async move {
            let mut connection = None;
            loop {
                tokio::time::sleep(INTERVAL).await;
                if !told.swap(false, Ordering::AcqRel) {
                    continue;
                }
                match passes(&file, connection.take(), &gate).await {
                    Ok(used) => connection = Some(used),
                    Err(error) => {
                        tracing::warn!(%error, "the WAL of the views could not be moved into its file");
                    }
                }
            }
        }));
        Checkpointer { written, task }
    }

    /// To be called after every commit.
    pub fn written(&self) {
        self.written.store(true, Ordering::Release);
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn passes(
    file: &Path,
    connection: Option<Connection>,
    gate: &Mutex<()>,
) -> Result<Connection, ViewError> {
    let file = file.to_owned();
    let (connection, grown) = super::blocking(move || {
        let connection = match connection {
            Some(connection) => connection,
            None => super::connect(&file, 1 << 10)?,
        };
        let mut wal = Wal::look(&connection)?;
        if wal.left < ENOUGH {
            return Ok((connection, false));
        }
        for _ in 0..PASSES {
            pass(&connection)?;
            wal = Wal::look(&connection)?;
            if wal.pages < LARGE || wal.left <= LITTLE {
                break;
            }
        }
        Ok((connection, wal.pages >= LARGE))
    })
    .await?;
    if !grown {
        return Ok(connection);
    }
    let closed = gate.lock().await;
    let passed = super::blocking(move || pass(&connection).map(|()| connection)).await;
    drop(closed);
    passed
}

/// Moves what no reader still needs in the WAL.
fn pass(connection: &Connection) -> Result<(), ViewError> {
    Ok(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?)
}

/// The WAL as it is.
struct Wal {
    pages: i64,
    /// Those not in the file yet.
    left: i64,
}

impl Wal {
    fn look(connection: &Connection) -> Result<Wal, ViewError> {
        let read = |row: &Row<'_>| {
            Ok(Wal {
                pages: row.get(1)?,
                left: row.get::<_, i64>(1)? - row.get::<_, i64>(2)?,
            })
        };
        Ok(connection.query_row("PRAGMA wal_checkpoint(NOOP)", [], read)?)
    }
}
