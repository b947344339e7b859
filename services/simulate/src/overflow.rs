//! What an agenda cannot hold: lines that become known later, on disk until the day of it.
//!
//! People who come today are planned to the end of their follow-ups, two years and more ahead. Kept in memory, the plans of
//! a large programme would be larger than the machine.

use super::agenda::Step;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use parcours_model::Submission;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// When a line becomes known, in microseconds, and how long it is.
const HEAD: usize = 12;

/// Lines on disk. A file a month, without a name, which is given back with the month's end or the process'.
#[derive(Default)]
pub(super) struct Overflow {
    months: BTreeMap<(i32, u32), File>,
    days: BTreeMap<NaiveDate, Vec<Extent>>,
    buffer: Vec<u8>,
}

/// A piece of a month's file, all of one day.
struct Extent {
    offset: u64,
    length: usize,
}

/// A line that was kept, and when it becomes known.
pub(super) struct Kept {
    pub known: DateTime<Utc>,
    pub line: Vec<u8>,
}

impl Overflow {
    /// Writes steps of a day, in the order in which they were added.
    pub fn keep(&mut self, day: NaiveDate, steps: Vec<Step>) -> io::Result<()> {
        self.buffer.clear();
        for step in steps {
            let line = line(step.event);
            self.buffer
                .extend_from_slice(&step.known.timestamp_micros().to_le_bytes());
            self.buffer.extend_from_slice(&(line.len() as u32).to_le_bytes());
            self.buffer.extend_from_slice(&line);
        }
        let month = (day.year(), day.month());
        let file = match self.months.entry(month) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(closed) => closed.insert(tempfile::tempfile()?),
        };
        let offset = file.seek(SeekFrom::End(0))?;
        file.write_all(&self.buffer)?;
        let length = self.buffer.len();
        self.days.entry(day).or_default().push(Extent { offset, length });
        Ok(())
    }

    /// Takes out what becomes known before a day begins, in the order in which it was added.
    pub fn take_before(&mut self, day: NaiveDate) -> io::Result<Vec<Kept>> {
        let later = self.days.split_off(&day);
        let mut kept = Vec::new();
        for (due, extents) in std::mem::replace(&mut self.days, later) {
            let file = self
                .months
                .get_mut(&(due.year(), due.month()))
                .expect("a day's lines are in the file of its month");
            for Extent { offset, length } in extents {
                self.buffer.resize(length, 0);
                file.seek(SeekFrom::Start(offset))?;
                file.read_exact(&mut self.buffer)?;
                read(&self.buffer, &mut kept);
            }
        }
        self.months = self.months.split_off(&(day.year(), day.month()));
        Ok(kept)
    }
}

/// A line of the simulation, with its end.
pub(super) fn line(event: parcours_model::Event) -> Vec<u8> {
    let mut line = Submission::new(event).to_json();
    line.push(b'\n');
    line
}

fn read(mut bytes: &[u8], kept: &mut Vec<Kept>) {
    while let Some((head, rest)) = bytes.split_first_chunk::<HEAD>() {
        let (micros, length) = head.split_at(8);
        let micros = i64::from_le_bytes(micros.try_into().expect("eight bytes were cut off"));
        let length = u32::from_le_bytes(length.try_into().expect("four bytes are left")) as usize;
        kept.push(Kept {
            known: DateTime::from_timestamp_micros(micros).expect("the instant was written from one"),
            line: rest[..length].to_vec(),
        });
        bytes = &rest[length..];
    }
}
