//! Reading several runs as one.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Index;
use super::block::{self, Record};
use super::run::{Kind, Run};
use super::shelf::Shelf;
use crate::LogError;

/// Blocks read from a run at a time.
const AHEAD: usize = 32;

/// The records of one kind of several runs, in order.
pub(super) struct Merge {
    kind: Kind,
    inputs: Vec<Input>,
}

struct Input {
    run: Arc<Run>,
    /// The next block to be read.
    next: usize,
    records: VecDeque<Record>,
}

impl Merge {
    pub fn of(kind: Kind, runs: &[Arc<Run>]) -> Merge {
        let input = |run: &Arc<Run>| Input {
            run: run.clone(),
            next: 0,
            records: VecDeque::new(),
        };
        Merge {
            kind,
            inputs: runs.iter().map(input).collect(),
        }
    }

    /// The next record; `None` at the end. The runs have to be live as long as this goes on.
    pub async fn next(&mut self, index: &Index, shelf: &impl Shelf) -> Result<Option<Record>, LogError> {
        for input in &mut self.inputs {
            if input.records.is_empty() {
                input.read(self.kind, index, shelf).await?;
            }
        }
        let least = self
            .inputs
            .iter_mut()
            .filter(|input| !input.records.is_empty())
            .min_by_key(|input| input.records[0]);
        Ok(least.and_then(|input| input.records.pop_front()))
    }
}

impl Input {
    async fn read(&mut self, kind: Kind, index: &Index, shelf: &impl Shelf) -> Result<(), LogError> {
        let directory = self.run.directory(kind);
        let end = directory.fences.len().min(self.next + AHEAD);
        if self.next < end {
            let numbers = directory.first + self.next as u64..directory.first + end as u64;
            let version = index.read().version;
            let blocks = index.blocks(shelf, version, &[numbers]).await?;
            let lost = || LogError::Unavailable("another process is at work on the log's index".into());
            for (_, bytes) in blocks.ok_or_else(lost)? {
                self.records.extend(block::decode(&bytes)?);
            }
            self.next = end;
        }
        Ok(())
    }
}
