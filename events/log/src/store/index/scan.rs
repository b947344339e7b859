//! Going through all streams in the order of their numbers.

use std::ops::Range;

use super::block::{self, RECORDS, Record};
use super::shelf::Shelf;
use super::{ATTEMPTS, Index, Seen, restless};
use crate::LogError;

/// What is to be read for the next streams: everything of the streams numbered below `horizon` is in it.
struct Plan {
    blocks: Vec<Range<u64>>,
    horizon: Option<u64>,
    fresh: Vec<Record>,
}

impl Index {
    /// The next streams from number `first` up to and with `last`, each with all its positions below `below`, until
    /// `limit` positions are together; one that has more than that comes alone, and only its beginning. None only at the
    /// end. Complete for the entries below [`size`](Index::size).
    pub async fn streams(
        &self,
        shelf: &impl Shelf,
        first: u64,
        last: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<(u64, Vec<u64>)>, LogError> {
        let (mut first, mut attempts) = (first, 0);
        while first <= last {
            let (version, plan) = {
                let seen = self.read();
                (seen.version, seen.plan_streams(first, last, below, limit))
            };
            let Some(blocks) = self.blocks(shelf, version, &plan.blocks).await? else {
                attempts += 1;
                if attempts == ATTEMPTS {
                    return Err(restless());
                }
                self.load_again(shelf).await?;
                continue;
            };
            let mut records = plan.fresh;
            for (_, bytes) in blocks {
                records.extend(block::decode(&bytes)?);
            }
            records.retain(|(stream, position)| {
                (first..=last).contains(stream)
                    && plan.horizon.is_none_or(|horizon| *stream < horizon)
                    && *position < below
            });
            if !records.is_empty() {
                records.sort_unstable();
                return Ok(streams_of(&records, limit));
            }
            match plan.horizon {
                Some(horizon) => first = horizon,
                None => break,
            }
        }
        Ok(Vec::new())
    }
}

impl Seen {
    /// Takes blocks from all runs, always that which begins with the least record, until there is enough: every stream
    /// below the first record of what is left is then whole.
    fn plan_streams(&self, first: u64, last: u64, below: u64, limit: usize) -> Plan {
        let runs: Vec<_> = self.runs.iter().filter(|run| run.row.from < below).collect();
        let mut ranges: Vec<_> = runs
            .iter()
            .map(|run| run.streams.from(first, 0))
            .map(|block| block..block)
            .collect();
        // The first block of each run may hold little of what is looked for.
        let enough = limit.saturating_add(RECORDS * runs.len());
        let mut records = 0;
        let horizon = loop {
            let next =
                |(n, range): (usize, &Range<usize>)| Some((*runs[n].streams.fences.get(range.end)?, n));
            let Some(((stream, _), n)) = ranges.iter().enumerate().filter_map(next).min() else {
                break None;
            };
            if stream > last || (records >= enough && stream > first) {
                break Some(stream);
            }
            ranges[n].end += 1;
            records += RECORDS;
        };
        let blocks = runs.iter().zip(ranges).filter(|(_, range)| !range.is_empty());
        let until = horizon.map_or(last, |horizon| last.min(horizon - 1));
        Plan {
            blocks: blocks
                .map(|(run, range)| {
                    let numbered = |block: usize| run.streams.first + block as u64;
                    numbered(range.start)..numbered(range.end)
                })
                .collect(),
            horizon,
            fresh: self.fresh.streams(first..=until).collect(),
        }
    }
}

/// Streams of these sorted records, whole, until `limit` positions are together; the beginning of one that is longer.
fn streams_of(records: &[Record], limit: usize) -> Vec<(u64, Vec<u64>)> {
    let limit = limit.max(1);
    let mut streams: Vec<(u64, Vec<u64>)> = Vec::new();
    let mut count = 0;
    for stream in records.chunk_by(|a, b| a.0 == b.0) {
        let long = stream.len() > limit;
        if count >= limit || (long && count > 0) {
            break;
        }
        let stream = &stream[..stream.len().min(limit)];
        count += if long { usize::MAX } else { stream.len() };
        streams.push((
            stream[0].0,
            stream.iter().map(|(_, position)| *position).collect(),
        ));
    }
    streams
}
