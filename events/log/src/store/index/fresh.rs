//! What is not in a run yet: the index of the last entries, in memory.

use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;

use super::block::Record;
use super::run::Kind;

/// One entry, as the index sees it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight {
    pub position: u64,
    pub stream: u64,
    /// The hash of its name; `None` if its entry cannot be read.
    pub name: Option<u64>,
}

/// The entries after the last run, in segments which each make a run of their own.
pub(super) struct Fresh {
    segments: VecDeque<Segment>,
    from: u64,
    size: u64,
    /// Entries of a segment.
    length: u64,
}

#[derive(Default)]
struct Segment {
    names: BTreeSet<Record>,
    streams: BTreeSet<Record>,
}

impl Segment {
    fn of(&self, kind: Kind) -> &BTreeSet<Record> {
        match kind {
            Kind::Names => &self.names,
            Kind::Streams => &self.streams,
        }
    }
}

impl Fresh {
    /// Nothing after the first `from` entries.
    pub fn new(from: u64, length: u64) -> Fresh {
        Fresh {
            segments: VecDeque::new(),
            from,
            size: from,
            length: length.max(1),
        }
    }

    /// The same, without the entries below `from`. What is not seen below `from` has to be seen again.
    pub fn after(&self, from: u64) -> Fresh {
        let mut fresh = Fresh::new(from, self.length);
        if self.from <= from && from < self.size {
            for (kind, &(key, position)) in self.segments.iter().flat_map(|segment| {
                let names = segment.names.iter().map(|record| (Kind::Names, record));
                names.chain(segment.streams.iter().map(|record| (Kind::Streams, record)))
            }) {
                if position >= from {
                    fresh.put(kind, key, position);
                }
            }
            fresh.size = self.size;
        }
        fresh
    }

    /// The position of the next entry to be seen.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes an entry in, if it is the next one.
    pub fn see(&mut self, sight: Sight) {
        if sight.position == self.size {
            self.put(Kind::Streams, sight.stream, sight.position);
            if let Some(name) = sight.name {
                self.put(Kind::Names, name, sight.position);
            }
            self.size += 1;
        }
    }

    fn put(&mut self, kind: Kind, key: u64, position: u64) {
        let segment = usize::try_from((position - self.from) / self.length).unwrap_or(usize::MAX);
        while self.segments.len() <= segment {
            self.segments.push_back(Segment::default());
        }
        let segment = &mut self.segments[segment];
        match kind {
            Kind::Names => segment.names.insert((key, position)),
            Kind::Streams => segment.streams.insert((key, position)),
        };
    }

    /// The first segment, if it is full: its positions, its names, its streams.
    pub fn full(&self) -> Option<(u64, u64, [Vec<Record>; 2])> {
        let until = self.from + self.length;
        let segment = self.segments.front().filter(|_| self.size >= until)?;
        let records = [&segment.names, &segment.streams].map(|records| records.iter().copied().collect());
        Some((self.from, until, records))
    }

    /// Whether the first segment is full.
    pub fn is_full(&self) -> bool {
        self.size - self.from >= self.length
    }

    /// The positions from `from` to below `below` of entries with this key, in order.
    pub fn positions(&self, kind: Kind, key: u64, from: u64, below: u64) -> impl Iterator<Item = u64> {
        let range = (key, from.min(below))..(key, below);
        let records = self
            .segments
            .iter()
            .flat_map(move |segment| segment.of(kind).range(range.clone()));
        records.map(|(_, position)| *position)
    }

    /// The records of streams with these numbers.
    pub fn streams(&self, numbers: RangeInclusive<u64>) -> impl Iterator<Item = Record> {
        let range = (*numbers.start(), 0)..=(*numbers.end(), u64::MAX);
        self.segments
            .iter()
            .flat_map(move |segment| segment.streams.range(range.clone()).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fresh(from: u64, until: u64) -> Fresh {
        let mut fresh = Fresh::new(from, 10);
        for position in from..until {
            let (stream, name) = (position % 3, Some(1000 - position));
            fresh.see(Sight {
                position,
                stream,
                name,
            });
        }
        fresh
    }

    #[test]
    fn entries_are_found_over_all_segments_in_order() {
        let fresh = fresh(5, 30);
        assert!(
            fresh
                .positions(Kind::Streams, 1, 8, 26)
                .eq([10, 13, 16, 19, 22, 25])
        );
        assert!(fresh.positions(Kind::Names, 988, 0, 99).eq([12]));
        assert_eq!(fresh.positions(Kind::Streams, 1, 9, 8).count(), 0);
        assert_eq!(fresh.streams(1..=2).count(), 17);
        assert_eq!(fresh.full().map(|(from, until, _)| (from, until)), Some((5, 15)));
    }

    #[test]
    fn what_went_into_a_run_is_forgotten_and_nothing_else() {
        let later = fresh(5, 30).after(15);
        assert_eq!(later.size(), 30);
        assert!(later.positions(Kind::Streams, 1, 0, 99).eq([16, 19, 22, 25, 28]));
        assert_eq!(fresh(5, 30).after(40).size(), 40, "another process was further");
        assert_eq!(fresh(5, 30).after(2).size(), 2, "the database was put back");
    }

    #[test]
    fn only_the_next_entry_is_taken_in() {
        let mut fresh = fresh(0, 4);
        for position in [3, 5] {
            fresh.see(Sight {
                position,
                stream: 9,
                name: None,
            });
        }
        assert_eq!((fresh.size(), fresh.streams(9..=9).count()), (4, 0));
    }
}
