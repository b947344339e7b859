//! Looking up where the entries of a key stand.

use std::collections::HashMap;
use std::ops::Range;

use bytes::Bytes;
use parcours_model::StreamId;

use super::run::Kind;
use super::shelf::Shelf;
use super::{ATTEMPTS, Index, Seen, block, restless};
use crate::{Entry, LogError};

/// Blocks read at a time for one key: a megabyte in four.
const AT_ONCE: usize = 64;

/// A question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask {
    pub kind: Kind,
    pub key: u64,
    /// At positions from here on,
    pub from: u64,
    /// and below here,
    pub below: u64,
    /// so many at most; a few more may come.
    pub limit: usize,
}

impl Ask {
    /// Where the events stand whose names have this hash.
    pub fn name(key: u64) -> Ask {
        Ask {
            kind: Kind::Names,
            ..Ask::stream(key, u64::MAX)
        }
    }

    /// The same for those after a revision, so many of them; with how many of the answer come before them. What comes
    /// before is gone through, at eight bytes an entry.
    pub fn page(number: u64, after: u64, below: u64, limit: usize) -> (Ask, usize) {
        let skip = usize::try_from(after).unwrap_or(usize::MAX);
        let ask = Ask {
            limit: skip.saturating_add(limit),
            ..Ask::stream(number, below)
        };
        (ask, skip)
    }

    /// Where the entries of a stream stand, below a position.
    pub fn stream(number: u64, below: u64) -> Ask {
        Ask {
            kind: Kind::Streams,
            key: number,
            from: 0,
            below,
            limit: usize::MAX,
        }
    }
}

/// Those of a page, in the answer to its question.
pub(crate) fn page(positions: &[u64], skip: usize, limit: usize) -> &[u64] {
    let page = positions.get(skip..).unwrap_or_default();
    &page[..page.len().min(limit)]
}

/// Answers turned on their side: the question, and a position.
pub(crate) fn candidates(found: &[Vec<u64>]) -> impl Iterator<Item = (usize, u64)> {
    let each = found.iter().enumerate();
    each.flat_map(|(index, positions)| positions.iter().map(move |position| (index, *position)))
}

/// Where the last page of a stream ended: the index finds entries by their positions, and pages are asked for by
/// revision.
#[derive(Default)]
pub(crate) struct Pages(Option<(StreamId, u64, u64)>);

impl Pages {
    /// As [`Ask::page`], from where the last page ended if this is the next one of the same stream.
    pub fn next(&self, id: StreamId, number: u64, after: u64, below: u64, limit: usize) -> (Ask, usize) {
        match self.0 {
            Some((stream, last, position)) if (stream, last) == (id, after) => {
                let ask = Ask {
                    from: position + 1,
                    limit,
                    ..Ask::stream(number, below)
                };
                (ask, 0)
            }
            _ => Ask::page(number, after, below, limit),
        }
    }

    /// Remembers where this page ended.
    pub fn read(&mut self, id: StreamId, page: &[Entry]) {
        self.0 = page.last().map(|last| (id, last.revision, last.position));
    }
}

/// What is to be read for a question, and what is known without.
struct Plan {
    blocks: Vec<Range<u64>>,
    /// Where to go on, if these blocks are not all.
    next: Option<u64>,
    fresh: Vec<u64>,
}

impl Index {
    /// The positions for each question, in order. Complete for the entries below [`size`](Index::size).
    pub async fn positions(&self, shelf: &impl Shelf, asks: &[Ask]) -> Result<Vec<Vec<u64>>, LogError> {
        let mut found: Vec<Vec<u64>> = vec![Vec::new(); asks.len()];
        let mut open: Vec<(usize, Ask)> = asks.iter().copied().enumerate().collect();
        let mut attempts = 0;
        while !open.is_empty() {
            let (version, plans) = {
                let seen = self.read();
                let plans: Vec<_> = open.iter().map(|(_, ask)| seen.plan(ask)).collect();
                (seen.version, plans)
            };
            let mut numbers: Vec<_> = plans
                .iter()
                .flat_map(|plan| plan.blocks.iter().cloned())
                .collect();
            numbers.sort_unstable_by_key(|range| (range.start, range.end));
            let numbers = disjoint(numbers);
            let blocks = if numbers.is_empty() {
                Vec::new()
            } else if let Some(blocks) = self.blocks(shelf, version, &numbers).await? {
                blocks
            } else {
                attempts += 1;
                if attempts == ATTEMPTS {
                    return Err(restless());
                }
                self.load_again(shelf).await?;
                continue;
            };
            let blocks: HashMap<u64, Bytes> = blocks.into_iter().collect();
            for ((index, ask), plan) in std::mem::take(&mut open).into_iter().zip(plans) {
                let found = &mut found[index];
                for number in plan.blocks.into_iter().flatten() {
                    let records = block::decode(&blocks[&number])?;
                    let first = records.partition_point(|record| *record < (ask.key, ask.from));
                    let alike = records[first..].iter();
                    found.extend(
                        alike
                            .take_while(|record| **record < (ask.key, ask.below))
                            .map(|(_, position)| *position),
                    );
                }
                match plan.next {
                    Some(from) if found.len() < ask.limit => open.push((index, Ask { from, ..ask })),
                    Some(_) => {}
                    None => found.extend(plan.fresh),
                }
            }
        }
        Ok(found)
    }
}

impl Seen {
    fn plan(&self, ask: &Ask) -> Plan {
        let (mut blocks, mut count) = (Vec::new(), 0);
        for run in self
            .runs
            .iter()
            .filter(|run| run.row.from < ask.below && ask.from < run.row.until)
        {
            if count == AT_ONCE {
                let next = Some(run.row.from);
                return Plan {
                    blocks,
                    next,
                    fresh: Vec::new(),
                };
            }
            let directory = run.directory(ask.kind);
            let candidates = directory.candidates(ask.key, ask.from, ask.below);
            let end = candidates.end.min(candidates.start + AT_ONCE - count);
            if !candidates.is_empty() {
                blocks.push(directory.first + candidates.start as u64..directory.first + end as u64);
                count += end - candidates.start;
            }
            if end < candidates.end {
                // A later candidate begins with the key itself.
                let next = Some(directory.fences[end].1);
                return Plan {
                    blocks,
                    next,
                    fresh: Vec::new(),
                };
            }
        }
        let fresh = self.fresh.positions(ask.kind, ask.key, ask.from, ask.below);
        Plan {
            blocks,
            next: None,
            fresh: fresh.collect(),
        }
    }
}

/// Ranges in order, without what they have in common.
fn disjoint(sorted: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut disjoint: Vec<Range<u64>> = Vec::new();
    for range in sorted {
        match disjoint.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => disjoint.push(range),
        }
    }
    disjoint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_wanted_twice_is_read_once() {
        assert_eq!(disjoint(vec![1..2, 1..4, 3..5, 7..9]), [1..5, 7..9]);
    }
}
