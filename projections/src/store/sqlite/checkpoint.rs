//! Moving the WAL into the file without making commits wait.
//!
//! A task passes over the WAL now and then, beside the writers. Under steady writing there is always a last bit that
//! it has not seen, and the WAL goes on growing; once it is large the pass is made with the writers' gate closed,
//! after which the WAL begins anew from its start.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use crate::ViewError;

/// Between two passes.
const INTERVAL: Duration = Duration::from_millis(500);
/// Pages in the WAL after which the gate is closed: 64 MiB.
const LARGE: i64 = 16 << 10;

/// The task. Stopped by being dropped.
pub(super) struct Checkpointer {
    written: Arc<AtomicBool>,
    task: JoinHandle<()>,
}

impl Checkpointer {
    pub fn start(file: &Path, gate: Arc<Mutex<()>>) -> Checkpointer {
        let written = Arc::new(AtomicBool::new(true));
        let (file, told) = (file.to_owned(), written.clone());
        let task = tokio::spawn(async move {
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
        });
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
    let (connection, pages) = super::blocking(move || {
        let connection = match connection {
            Some(connection) => connection,
            None => super::connect(&file, 1 << 10)?,
        };
        let pages = pass(&connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        Ok((connection, pages))
    })
    .await?;
    if pages <= LARGE {
        return Ok(connection);
    }
    let _closed = gate.lock().await;
    super::blocking(move || {
        pass(&connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
        Ok(connection)
    })
    .await
}

/// Answers how many pages the WAL holds.
fn pass(connection: &Connection, pragma: &str) -> Result<i64, ViewError> {
    Ok(connection.query_row(pragma, [], |row| row.get(1))?)
}
