//! Events of a file, and many of them into a log at once where that is not what is measured.

use anyhow::ensure;
use parcours_log::{Append, Log};
use parcours_model::Submission;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::sync::Arc;

/// Events appended together.
const GROUP: usize = 1_000;

/// The events of a file of NDJSON, read as they are asked for.
pub fn events(
    file: &Path,
) -> anyhow::Result<impl Iterator<Item = anyhow::Result<Submission>> + Send + use<>> {
    let lines = BufReader::with_capacity(1 << 16, File::open(file)?).split(b'\n');
    Ok(lines.map(|line| Ok(Submission::parse(&line?)?)))
}

/// Appends all events, or those until the log has `size` entries; none may be refused.
pub async fn load(log: &Log, file: &Path, size: u64) -> anyhow::Result<()> {
    let actor: Arc<str> = "bench".into();
    let mut events = events(file)?;
    while log.size() < size {
        let room = usize::try_from(size - log.size()).unwrap_or(usize::MAX);
        let group = events
            .by_ref()
            .take(GROUP.min(room))
            .collect::<anyhow::Result<Vec<_>>>()?;
        if group.is_empty() {
            break;
        }
        let append = |submission| Append::one(submission, actor.clone());
        for answer in log.append_each(group.into_iter().map(append).collect()).await {
            ensure!(answer.is_ok(), "a simulated event was not taken: {answer:?}");
        }
    }
    Ok(())
}
