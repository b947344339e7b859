//! What the index asks of a database, and what it has written there.

use std::ops::Range;

use bytes::Bytes;

use super::run::{RunRow, Standing};
use crate::LogError;

/// The row that says what the index is, and who is at work on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// Drawn by chance whenever the list of live runs changes, so that two lists never bear the same one, not even on
    /// two sides of a crash or of a backup put back.
    pub version: i64,
    /// The runs hold the entries below this position.
    pub indexed: u64,
    /// The number of the next run.
    pub runs: u64,
    /// Who is at work, and how far: what whoever writes the next step must have seen.
    pub hold: Hold,
}

/// Who is at work on the runs. Each step is written only if this is what the one before has left: so only one writes,
/// and nothing is built on a step that a crash has undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hold {
    /// A number drawn by the process at work; 0 if none is.
    pub keeper: i64,
    /// Steps written so far.
    pub beat: i64,
}

/// Something to be written to the runs, in a transaction of its own.
#[derive(Debug)]
pub(crate) struct Step {
    /// What has to stand there.
    pub seen: Hold,
    /// Who is at work after it.
    pub keeper: i64,
    pub work: Work,
}

impl Step {
    /// What stands there once it is written, if anybody is at work then.
    pub fn after(&self) -> Option<Hold> {
        let beat = self.seen.beat + 1;
        let keeper = self.keeper;
        (keeper != 0).then_some(Hold { keeper, beat })
    }
}

/// What a step does. None takes longer than a commit.
#[derive(Debug)]
pub(crate) enum Work {
    /// Nothing: somebody begins to work, or ends.
    Pass,
    /// Lists a run that is going to be written.
    Begin(RunRow),
    /// Writes blocks, numbered from this one on.
    Blocks(u64, Vec<Vec<u8>>),
    /// Lets a run be read, all of whose blocks are written, in place of others, and gives the state its new values.
    Publish {
        row: RunRow,
        replaced: Vec<u64>,
        version: i64,
        indexed: u64,
    },
    /// Deletes blocks of a run that nobody reads, as many as one step may; the run itself with the last of them.
    Drop(u64),
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stepped {
    /// Nothing was written: somebody else is at work.
    Lost,
    /// It is written.
    Done,
    /// It is written, and the run it drops is gone.
    Gone,
}

/// Blocks that are deleted in one step.
pub(crate) const DROPPED: usize = 512;

/// An entry that is in no run.
#[derive(Debug)]
pub(crate) struct Loose {
    pub position: u64,
    pub stream: u64,
    pub entry: Bytes,
}

/// The reading side. Every answer is of one moment; two answers may be of two.
#[allow(async_fn_in_trait, reason = "used with concrete types only")]
pub(crate) trait Shelf {
    /// The state.
    async fn state(&self) -> Result<State, LogError>;

    /// All runs, in the order of their positions.
    async fn runs(&self) -> Result<Vec<(RunRow, Standing)>, LogError>;

    /// The blocks with numbers in these ranges, and the version they belong to: they are all there, unchanged, if it is
    /// the one for which they were asked.
    async fn blocks(&self, numbers: &[Range<u64>]) -> Result<(i64, Vec<(u64, Bytes)>), LogError>;

    /// Entries from position `from` on, at most `limit`.
    async fn loose(&self, from: u64, limit: usize) -> Result<Vec<Loose>, LogError>;
}
