//! The index of the log, which lags behind it: from the names of events and the numbers of streams to positions.
//!
//! A commit writes entries at the right edge of one tree, and nothing else. To bring an index of ten millions up to date
//! in the same transaction would change a page of its own for almost every event, which is most of what a commit of a
//! few events would write. So:
//! - what is committed is indexed in memory first ([`fresh`]), by every process that has the log open;
//! - when there is enough of it, a thread of one of them, the [`keeper`], writes it as a sorted *run* that never changes;
//! - runs of one size next to each other are merged into one, so that there are few.
//!
//! What always holds:
//! 1. The live runs hold the entries below the position `indexed` of the database, each once; the memory of a process
//!    holds the entries from there on, up to the last commit it knows of. The entries themselves say all that the index
//!    says: what a kill leaves undone is read from them again when the log is opened.
//! 2. Runs and what is read of them belong together by the version of the list of live runs. Blocks of runs that were
//!    replaced meanwhile are not believed: the list is loaded again.
//! 3. What is in memory of an older list is complete nevertheless: it says which blocks to read, and that fails.
//! 4. A name found is only alike: the entry is to be compared.

pub(crate) mod block;
mod filter;
mod fresh;
pub(crate) mod keeper;
mod lookup;
mod merge;
mod name;
pub(crate) mod run;
mod scan;
pub(crate) mod shelf;
mod write;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use bytes::Bytes;
use parcours_model::EventKey;
use tokio::sync::Notify;

use crate::LogError;
use fresh::Fresh;
pub(crate) use fresh::Sight;
pub(crate) use lookup::{Ask, Pages, candidates, page};
pub(crate) use name::named;
use run::{Run, RunRow, Standing};
use shelf::{Loose, Shelf};

/// Attempts at what another process may disturb by changing the list of runs.
const ATTEMPTS: usize = 200;
/// A version that no list of runs has: those are 0 or odd.
const NO_LIST: i64 = i64::MIN;
/// Entries asked for at a time, when they are in no run.
const PAGE: usize = 1 << 12;

/// How the index is kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    /// Entries of the smallest runs.
    pub run: usize,
    /// Bits of a name's hash.
    pub name_bits: u32,
}

/// The index as one process sees it.
pub(crate) struct Index {
    settings: Settings,
    seen: RwLock<Seen>,
    /// Told when there is enough for a run.
    enough: Notify,
}

/// What is in memory.
struct Seen {
    version: i64,
    /// How often the list of runs was changed here.
    changes: u64,
    /// In the order of their positions, which follow each other without a gap.
    runs: Vec<Arc<Run>>,
    fresh: Fresh,
}

impl Index {
    /// Knows nothing yet: to be loaded.
    pub fn new(mut settings: Settings) -> Index {
        settings.run = settings.run.max(1);
        Index {
            settings,
            seen: RwLock::new(Seen {
                version: NO_LIST,
                changes: 0,
                runs: Vec::new(),
                fresh: Fresh::new(0, settings.run as u64),
            }),
            enough: Notify::new(),
        }
    }

    /// The hash of a name, as the index has it.
    pub fn name(&self, key: &EventKey) -> u64 {
        key.id
            .read(|id| name::name(&key.source, id, self.settings.name_bits))
    }

    /// Takes in what this process has committed.
    pub fn extend(&self, sights: impl Iterator<Item = Sight>) {
        let mut seen = self.write();
        sights.for_each(|sight| seen.fresh.see(sight));
        if seen.fresh.is_full() {
            self.enough.notify_one();
        }
    }

    /// The entries below this position are known.
    pub fn size(&self) -> u64 {
        self.read().fresh.size()
    }

    /// The entries below this position are in runs.
    fn indexed(&self) -> u64 {
        self.read().runs.last().map_or(0, |run| run.row.until)
    }

    /// Makes sure that the first `size` entries are known, which must be committed.
    pub async fn cover(&self, shelf: &impl Shelf, size: u64) -> Result<(), LogError> {
        if self.size() >= size {
            return Ok(());
        }
        // Another process has written; it may have changed the runs, too.
        if shelf.state().await?.version != self.read().version {
            self.load(shelf).await?;
        }
        self.cover_from(shelf, size).await
    }

    /// As [`cover`](Index::cover), without a look at the list of runs.
    async fn cover_from(&self, shelf: &impl Shelf, size: u64) -> Result<(), LogError> {
        loop {
            let from = self.size();
            let Some(left) = size.checked_sub(from).filter(|left| *left > 0) else {
                return Ok(());
            };
            let limit = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
            let loose = shelf.loose(from, limit).await?;
            // What follows on the last one known must be there: nothing would be known of what is missing, for ever.
            if loose.first().is_none_or(|first| first.position != from) {
                return Err(LogError::Damaged(format!("there is no entry at position {from}")));
            }
            self.extend(loose.iter().map(|loose| self.sight(loose)));
        }
    }

    fn sight(&self, loose: &Loose) -> Sight {
        Sight {
            position: loose.position,
            stream: loose.stream,
            name: named(&loose.entry).map(|key| self.name(&key)),
        }
    }

    /// As [`load`](Index::load), and covers again what was covered before.
    async fn load_again(&self, shelf: &impl Shelf) -> Result<(), LogError> {
        let size = self.size();
        self.load(shelf).await?;
        self.cover_from(shelf, size).await
    }

    /// Loads the list of live runs, and the summaries of those that are new.
    async fn load(&self, shelf: &impl Shelf) -> Result<(), LogError> {
        for _ in 0..ATTEMPTS {
            let state = shelf.state().await?;
            let (changes, known): (_, HashMap<_, _>) = {
                let seen = self.read();
                let known = seen.runs.iter().map(|run| (run.row.run, run.clone()));
                (seen.changes, known.collect())
            };
            let mut runs: Vec<Arc<Run>> = Vec::new();
            let mut of_one_moment = true;
            for (row, _) in shelf
                .runs()
                .await?
                .iter()
                .filter(|(_, standing)| *standing == Standing::Live)
            {
                match known.get(&row.run).filter(|run| run.row == *row) {
                    Some(run) => runs.push(run.clone()),
                    None => {
                        let (version, summary) = summary(shelf, row).await?;
                        of_one_moment = version == state.version;
                        if !of_one_moment {
                            break;
                        }
                        runs.push(Arc::new(Run::read(*row, &summary)?));
                    }
                }
            }
            if !of_one_moment || shelf.state().await?.version != state.version {
                continue;
            }
            let mut until = 0;
            for run in &runs {
                if run.row.from != until {
                    return Err(LogError::Damaged(format!(
                        "no run of the index begins at {until}"
                    )));
                }
                until = run.row.until;
            }
            if until != state.indexed {
                let wrong = format!("the index ends at {until} and not at {}", state.indexed);
                return Err(LogError::Damaged(wrong));
            }
            let mut seen = self.write();
            if seen.changes == changes {
                seen.fresh = seen.fresh.after(until);
                seen.runs = runs;
                seen.version = state.version;
                seen.changes += 1;
                return Ok(());
            }
        }
        Err(restless())
    }

    /// Takes in a run that this process has published on the list of `before`. False if another list is in memory by
    /// now.
    fn publish(&self, run: Run, replaced: &[u64], before: i64, version: i64) -> bool {
        let mut seen = self.write();
        if seen.version != before {
            return seen.version == version;
        }
        let row = run.row;
        seen.runs.retain(|run| !replaced.contains(&run.row.run));
        let place = seen.runs.partition_point(|run| run.row.from < row.from);
        seen.runs.insert(place, Arc::new(run));
        if replaced.is_empty() {
            seen.fresh = seen.fresh.after(row.until);
        }
        seen.version = version;
        seen.changes += 1;
        true
    }

    /// Reads blocks, all of them; `None` if the list of runs is no longer the one of `version`.
    async fn blocks(
        &self,
        shelf: &impl Shelf,
        version: i64,
        numbers: &[Range<u64>],
    ) -> Result<Option<Vec<(u64, Bytes)>>, LogError> {
        let (found, blocks) = shelf.blocks(numbers).await?;
        if found != version {
            return Ok(None);
        }
        let expected: u64 = numbers.iter().map(|range| range.end - range.start).sum();
        if blocks.len() as u64 != expected {
            let count = blocks.len();
            return Err(LogError::Damaged(format!(
                "{count} blocks of the index instead of {expected}"
            )));
        }
        Ok(Some(blocks))
    }

    fn read(&self) -> RwLockReadGuard<'_, Seen> {
        self.seen.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Seen> {
        self.seen.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes of a run's summary, and the version they belong to.
async fn summary(shelf: &impl Shelf, row: &RunRow) -> Result<(i64, Vec<u8>), LogError> {
    let (version, blocks) = shelf.blocks(&[row.summary()]).await?;
    let bytes = blocks.iter().flat_map(|(_, block)| block.iter().copied());
    Ok((version, bytes.collect()))
}

fn restless() -> LogError {
    LogError::Unavailable("the runs of the log's index change too often to be read".into())
}
