//! Runs: what the index says of all entries between two positions, sorted once and never changed.
//!
//! The records of a run stand in blocks, numbered one after another: first those of names, then those of streams, and
//! last what of the run is kept in memory, its summary.

use std::ops::Range;

use super::block::{self, Record};
use super::filter::Filter;
use crate::LogError;

/// Numbers that each run has for its blocks.
pub(crate) const BLOCKS: u64 = 1 << 24;

/// What a record's key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The hash of an event's name.
    Names,
    /// The number of a stream.
    Streams,
}

/// A run as the database lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RunRow {
    /// Its number; none is given twice.
    pub run: u64,
    /// How often what it holds was merged.
    pub level: u64,
    /// The first position.
    pub from: u64,
    /// The position after the last.
    pub until: u64,
    /// How many blocks it has of names, of streams, and for its summary.
    pub blocks: [u64; 3],
}

impl RunRow {
    /// The number of its first block.
    pub fn first_block(&self) -> u64 {
        self.run * BLOCKS
    }

    /// The numbers of the blocks that hold its summary.
    pub fn summary(&self) -> Range<u64> {
        let [names, streams, summary] = self.blocks;
        let first = self.first_block() + names + streams;
        first..first + summary
    }
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is being written, or was when its writer was killed. Nobody reads it.
    Begun = 0,
    /// It is read.
    Live = 1,
    /// Another one holds what it held. Its blocks are on their way out.
    Replaced = 2,
}

impl Standing {
    /// As it is stored.
    pub fn of(stored: i64) -> Result<Standing, LogError> {
        match stored {
            0 => Ok(Standing::Begun),
            1 => Ok(Standing::Live),
            2 => Ok(Standing::Replaced),
            _ => Err(LogError::Damaged(format!("a run that stands at {stored}"))),
        }
    }
}

/// A run, with its summary in memory.
#[derive(Debug)]
pub(crate) struct Run {
    pub row: RunRow,
    pub names: Directory,
    pub streams: Directory,
}

impl Run {
    /// A run of which nothing is written yet.
    pub fn begin(row: RunRow) -> Run {
        let [names, streams] = [0, 0].map(|keys| Writing::begin(row.first_block(), keys).end().1);
        Run { row, names, streams }
    }

    /// Takes a run in, given the bytes of its summary.
    pub fn read(row: RunRow, summary: &[u8]) -> Result<Run, LogError> {
        let mut left = summary;
        let names = Directory::read(row.first_block(), &mut left)?;
        let streams = Directory::read(row.first_block() + row.blocks[0], &mut left)?;
        let sizes = [&names, &streams].map(|directory| directory.fences.len() as u64);
        if !left.is_empty() || sizes != row.blocks[..2] {
            return Err(LogError::Damaged(format!(
                "the summary of run {} is not its own",
                row.run
            )));
        }
        Ok(Run { row, names, streams })
    }

    /// The bytes of its summary.
    pub fn summary(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.names.write(&mut bytes);
        self.streams.write(&mut bytes);
        bytes
    }

    /// Where the records of one kind stand.
    pub fn directory(&self, kind: Kind) -> &Directory {
        match kind {
            Kind::Names => &self.names,
            Kind::Streams => &self.streams,
        }
    }
}

/// Where the records of one kind stand in a run.
#[derive(Debug)]
pub(crate) struct Directory {
    /// The number of the first block.
    pub first: u64,
    /// The first record of each block.
    pub fences: Vec<Record>,
    /// How many different keys there are.
    pub keys: u64,
    pub filter: Filter,
}

impl Directory {
    /// The blocks which may hold records of `key` at positions from `from` to below `below`, counted from the first.
    pub fn candidates(&self, key: u64, from: u64, below: u64) -> Range<usize> {
        if !self.filter.may_hold(key) {
            return 0..0;
        }
        let after = self.fences.partition_point(|fence| *fence < (key, below));
        self.from(key, from).min(after)..after
    }

    /// The first block that may hold a record of `key` from position `from` on, or of a greater key.
    pub fn from(&self, key: u64, from: u64) -> usize {
        let after = self.fences.partition_point(|fence| *fence <= (key, from));
        after.saturating_sub(1)
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        let mut filter = Vec::new();
        self.filter.encode(&mut filter);
        let sizes = [self.keys, self.fences.len() as u64, filter.len() as u64];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(block::encode(&self.fences));
        bytes.extend(filter);
    }

    fn read(first: u64, bytes: &mut &[u8]) -> Result<Directory, LogError> {
        let mut take = |count: u64| {
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            let (taken, left) = bytes.split_at_checked(count).ok_or_else(cut_short)?;
            *bytes = left;
            Ok::<_, LogError>(taken)
        };
        let mut size = || {
            let bytes = take(8)?.first_chunk().ok_or_else(cut_short)?;
            Ok::<_, LogError>(u64::from_be_bytes(*bytes))
        };
        let (keys, fences, filter) = (size()?, size()?, size()?);
        Ok(Directory {
            first,
            fences: block::decode(take(fences.saturating_mul(16))?)?,
            keys,
            filter: Filter::decode(take(filter)?)?,
        })
    }
}

fn cut_short() -> LogError {
    LogError::Damaged("the summary of a run is cut short".into())
}

/// The records of one kind on their way into a run, in order.
pub(crate) struct Writing {
    directory: Directory,
    last: Option<u64>,
    open: Vec<Record>,
}

impl Writing {
    /// Begins with the block of this number; at most so many different keys are to come.
    pub fn begin(first: u64, keys: usize) -> Writing {
        let directory = Directory {
            first,
            fences: Vec::new(),
            keys: 0,
            filter: Filter::new(keys),
        };
        Writing {
            directory,
            last: None,
            open: Vec::with_capacity(block::RECORDS),
        }
    }

    /// Takes the next record; answers a block when one is full.
    pub fn push(&mut self, record: Record) -> Option<Vec<u8>> {
        if self.open.is_empty() {
            self.directory.fences.push(record);
        }
        if self.last.replace(record.0) != Some(record.0) {
            self.directory.keys += 1;
            self.directory.filter.insert(record.0);
        }
        self.open.push(record);
        (self.open.len() == block::RECORDS).then(|| self.close())
    }

    /// The block that is not full, if there is one, and where everything stands.
    pub fn end(mut self) -> (Option<Vec<u8>>, Directory) {
        let rest = (!self.open.is_empty()).then(|| self.close());
        (rest, self.directory)
    }

    fn close(&mut self) -> Vec<u8> {
        let block = block::encode(&self.open);
        self.open.clear();
        block
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn directory(first: u64, records: impl Iterator<Item = Record>) -> Directory {
        let mut writing = Writing::begin(first, 1000);
        records.for_each(|record| drop(writing.push(record)));
        writing.end().1
    }

    #[test]
    fn a_key_is_looked_for_where_it_may_be_and_nowhere_else() {
        // Each key has a hundred records, so a block has two and a half keys.
        let records = (0..10).flat_map(|key| (0..100).map(move |position| (2 * key, position)));
        let directory = directory(70, records);
        assert_eq!(directory.fences, [(0, 0), (4, 50), (10, 0), (14, 50)]);
        assert_eq!((directory.keys, directory.candidates(4, 0, 1000)), (10, 0..2));
        assert_eq!(directory.candidates(4, 60, 1000), 1..2);
        assert_eq!(directory.candidates(4, 0, 50), 0..1);
        assert_eq!(directory.candidates(18, 0, 1000), 3..4);
    }

    #[test]
    fn a_summary_is_read_as_it_was_written() {
        let names = directory(3 * BLOCKS, (0..600).map(|n| (n, n)));
        let streams = directory(3 * BLOCKS + 3, (0..600).map(|n| (n / 20, n)));
        let row = RunRow {
            run: 3,
            level: 0,
            from: 0,
            until: 600,
            blocks: [3, 3, 1],
        };
        let run = Run { row, names, streams };
        let read = Run::read(row, &run.summary()).unwrap();
        for kind in [Kind::Names, Kind::Streams] {
            let (read, written) = (read.directory(kind), run.directory(kind));
            assert_eq!((read.first, &read.fences), (written.first, &written.fences));
            assert_eq!((read.keys, &read.filter), (written.keys, &written.filter));
        }
        assert!(Run::read(row, &run.summary()[1..]).is_err());
    }
}
