//! What logs and views take on disk: at rest, and in the WAL files of SQLite while events come in.

use crate::scratch::{self, Data};
use parcours_log::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::interval;

/// Between two looks at the files. They grow by some 50 MB a second at most.
const LOOK: Duration = Duration::from_millis(20);

/// Looks at the WAL files of a log and its views until it is dropped.
pub struct Watch {
    watched: Vec<(&'static str, Arc<AtomicU64>)>,
    _task: JoinSet<()>,
}

impl Watch {
    /// Begins. There is nothing to watch in PostgreSQL.
    pub fn start(data: &Data) -> Self {
        let mut watched = Vec::new();
        let mut task = JoinSet::new();
        for (name, place) in [("import-log-wal", &data.log), ("import-views-wal", &data.views)] {
            if let Location::Sqlite(file) = place {
                let peak = Arc::new(AtomicU64::new(0));
                watched.push((name, peak.clone()));
                task.spawn(look(wal(file), peak));
            }
        }
        Self { watched, _task: task }
    }

    /// The largest sizes so far, in megabytes.
    pub fn peaks(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let megabytes = |peak: &AtomicU64| peak.load(Ordering::Relaxed) as f64 / 1e6;
        self.watched
            .iter()
            .map(move |(name, peak)| (*name, megabytes(peak)))
    }
}

async fn look(file: PathBuf, peak: Arc<AtomicU64>) {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        peak.fetch_max(length(&file), Ordering::Relaxed);
    }
}

/// The bytes of a log's or of views' place, the WAL included.
pub async fn size(place: &Location) -> anyhow::Result<u64> {
    match place {
        Location::Sqlite(file) => Ok(length(file) + length(&wal(file))),
        Location::Postgres(url) => scratch::size(url).await,
    }
}

fn wal(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// There may be no such file yet, or no more.
fn length(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}
