//! Sorting more than memory should hold: what is full goes to a temporary file in order, and all are merged at the end.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

/// Bytes held in memory; a run on disk has as many.
const ROOM: usize = 48 << 20;

/// Entries with a key of so many bytes, by which they are sorted.
pub(super) struct Spool<const KEY: usize> {
    bytes: Vec<u8>,
    entries: Vec<(u32, u32)>,
    runs: Vec<File>,
    room: usize,
}

impl<const KEY: usize> Spool<KEY> {
    pub(super) fn new() -> Self {
        Self::with_room(ROOM)
    }

    fn with_room(room: usize) -> Self {
        Spool {
            bytes: Vec::new(),
            entries: Vec::new(),
            runs: Vec::new(),
            room,
        }
    }

    pub(super) fn push(&mut self, key: [u8; KEY], payload: &[u8]) -> io::Result<()> {
        if !self.entries.is_empty() && self.bytes.len() + KEY + payload.len() > self.room {
            self.spill()?;
        }
        if self.bytes.capacity() == 0 {
            // Of what is not written nothing is taken.
            self.bytes.reserve(self.room);
        }
        let narrow =
            |number: usize| u32::try_from(number).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge));
        self.entries
            .push((narrow(self.bytes.len())?, narrow(KEY + payload.len())?));
        self.bytes.extend_from_slice(&key);
        self.bytes.extend_from_slice(payload);
        Ok(())
    }

    fn sort(&mut self) {
        let Self { bytes, entries, .. } = self;
        let key = |at: u32| &bytes[at as usize..at as usize + KEY];
        entries.sort_unstable_by(|(one, _), (other, _)| key(*one).cmp(key(*other)));
    }

    fn spill(&mut self) -> io::Result<()> {
        self.sort();
        let mut run = BufWriter::with_capacity(1 << 16, tempfile::tempfile()?);
        for (at, length) in &self.entries {
            run.write_all(&length.to_le_bytes())?;
            run.write_all(&self.bytes[*at as usize..(*at + *length) as usize])?;
        }
        let mut run = run.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.rewind()?;
        self.runs.push(run);
        self.bytes.clear();
        self.entries.clear();
        Ok(())
    }

    /// All entries in order, without their keys.
    pub(super) fn sorted(mut self) -> io::Result<Sorted<KEY>> {
        if self.runs.is_empty() {
            self.sort();
            return Ok(Sorted::Held {
                bytes: self.bytes,
                entries: self.entries.into_iter(),
            });
        }
        self.spill()?;
        // What was held is given back before its runs are read.
        self.bytes = Vec::new();
        let mut runs: Vec<_> = self
            .runs
            .into_iter()
            .map(|run| BufReader::with_capacity(1 << 16, run))
            .collect();
        let mut heads = BinaryHeap::with_capacity(runs.len());
        for (index, run) in runs.iter_mut().enumerate() {
            heads.extend(next(run)?.map(|entry| Reverse((entry, index))));
        }
        Ok(Sorted::Merged { runs, heads })
    }
}

fn next(run: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match run.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let mut entry = vec![0; u32::from_le_bytes(length) as usize];
    run.read_exact(&mut entry)?;
    Ok(Some(entry))
}

/// Entries in the order of their keys.
pub(super) enum Sorted<const KEY: usize> {
    Held {
        bytes: Vec<u8>,
        entries: std::vec::IntoIter<(u32, u32)>,
    },
    Merged {
        runs: Vec<BufReader<File>>,
        heads: BinaryHeap<Reverse<(Vec<u8>, usize)>>,
    },
}

impl<const KEY: usize> Sorted<KEY> {
    /// The next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self {
            Sorted::Held { bytes, entries } => Ok(entries.next().map(|(at, length)| {
                let (at, length) = (at as usize, length as usize);
                bytes[at + KEY..at + length].to_vec()
            })),
            Sorted::Merged { runs, heads } => {
                let Some(Reverse((mut entry, index))) = heads.pop() else {
                    return Ok(None);
                };
                heads.extend(next(&mut runs[index])?.map(|entry| Reverse((entry, index))));
                Ok(Some(entry.split_off(KEY)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(room: usize, numbers: &[u64]) -> Vec<String> {
        let mut spool = Spool::<8>::with_room(room);
        for number in numbers {
            spool
                .push(number.to_be_bytes(), number.to_string().as_bytes())
                .unwrap();
        }
        let mut sorted = spool.sorted().unwrap();
        let mut all = Vec::new();
        while let Some(entry) = sorted.next().unwrap() {
            all.push(String::from_utf8(entry).unwrap());
        }
        all
    }

    #[test]
    fn what_fits_in_memory_and_what_does_not_comes_out_in_the_same_order() {
        let numbers: Vec<u64> = (0..100).map(|number| number * 7_919 % 101).collect();
        let mut expected = numbers.clone();
        expected.sort_unstable();
        let expected: Vec<String> = expected.iter().map(u64::to_string).collect();
        assert_eq!(sorted(1 << 20, &numbers), expected);
        assert_eq!(sorted(200, &numbers), expected);
        assert_eq!(sorted(1, &numbers), expected, "each in a run of its own");
        assert_eq!(sorted(200, &[]), Vec::<String>::new());
    }
}
