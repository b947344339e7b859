//! A file as records: cells, the line each record begins on, and its own text, which a rejects file repeats.
//!
//! Cells are read by `csv-core`. What it is given is bounded here: a quote that is opened and never closed costs the line it
//! stands on, and not the rest of the file.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// The most bytes of a line.
const LONGEST_LINE: usize = 256 << 10;
/// The most lines that a record goes on for, within quotes.
const MOST_LINES: usize = 200;

/// Ends of cells that there is room for at least.
const ROOM: usize = 64;

/// Cells of one record, reused for the next.
#[derive(Debug, Default)]
pub(super) struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// A cell; an empty one where the record has fewer.
    pub(super) fn get(&self, index: usize) -> &str {
        if index >= self.count {
            return "";
        }
        let from = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        // The source is decoded to UTF-8, and cells end at delimiters, which are ASCII.
        std::str::from_utf8(&self.text[from..self.ends[index]]).unwrap_or_default()
    }

    /// Takes in what `reader` makes of `input`. Answers whether the record has ended.
    fn take(&mut self, reader: &mut csv_core::Reader, input: &[u8], written: &mut usize) -> bool {
        let mut at = 0;
        while at < input.len() {
            // A cell is never longer than what it is read from.
            let room = *written + input.len() + 1;
            if self.text.len() < room {
                self.text.resize(room, 0);
            }
            if self.ends.len() < self.count + ROOM {
                self.ends.resize(self.count + 2 * ROOM, 0);
            }
            let (text, ends) = (&mut self.text[*written..], &mut self.ends[self.count..]);
            let (result, read, wrote, ended) = reader.read_record(&input[at..], text, ends);
            at += read;
            *written += wrote;
            self.count += ended;
            if result == csv_core::ReadRecordResult::Record {
                return true;
            }
        }
        false
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.count).map(|index| self.get(index))
    }
}

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A record, whose cells and text are in the reader.
    Record,
    /// A line that is none, for this reason; its text is in the reader.
    Broken(&'static str),
    /// The end.
    End,
}

pub(super) struct Records<R> {
    source: R,
    cells: csv_core::Reader,
    /// Lines that were read ahead, in vain.
    again: VecDeque<Vec<u8>>,
    /// The line after the last one read, from 1.
    next: u64,
    /// How many cells a record has that goes on for several lines; any number while that is not known.
    width: Option<usize>,
    pub(super) line: u64,
    pub(super) found: Cells,
    pub(super) text: Vec<u8>,
}

impl<R: BufRead> Records<R> {
    /// Reads on from `line`.
    pub(super) fn new(source: R, delimiter: u8, line: u64) -> Self {
        Records {
            source,
            cells: csv_core::ReaderBuilder::new().delimiter(delimiter).build(),
            again: VecDeque::new(),
            next: line,
            width: None,
            line,
            found: Cells::default(),
            text: Vec::new(),
        }
    }

    pub(super) fn source(&mut self) -> &mut R {
        &mut self.source
    }

    pub(super) fn expect(&mut self, width: usize) {
        self.width = Some(width);
    }

    /// Reads the next record; empty lines are passed over.
    pub(super) fn read(&mut self) -> io::Result<Found> {
        loop {
            self.text.clear();
            self.line = self.next;
            if !self.physical()? {
                return Ok(Found::End);
            }
            if self.text.len() > LONGEST_LINE {
                self.text.truncate(LONGEST_LINE / 256);
                return Ok(Found::Broken("the line has more than 256 KiB"));
            }
            if !self.text.trim_ascii().is_empty() {
                return self.record();
            }
        }
    }

    /// The text of what was read, without the end of its line.
    pub(super) fn text(&self) -> &str {
        let end = self.text.strip_suffix(b"\n").unwrap_or(&self.text);
        let end = end.strip_suffix(b"\r").unwrap_or(end);
        std::str::from_utf8(end).unwrap_or_default()
    }

    /// The record whose first line is read.
    fn record(&mut self) -> io::Result<Found> {
        self.cells.reset();
        self.found.count = 0;
        let (mut fed, mut written, mut lines) = (0, 0, 1);
        let mut starts = vec![];
        loop {
            let ended = self.feed(&mut fed, &mut written);
            if ended {
                if lines > 1 && self.width.is_some_and(|width| width != self.found.count) {
                    break;
                }
                return Ok(Found::Record);
            }
            starts.push(self.text.len());
            if lines == MOST_LINES || self.text.len() > LONGEST_LINE || !self.physical()? {
                break;
            }
            lines += 1;
        }
        // The lines behind the first one are read anew, each for itself.
        starts.push(self.text.len());
        for pair in starts.windows(2).rev().filter(|pair| pair[0] < pair[1]) {
            self.again.push_front(self.text[pair[0]..pair[1]].to_vec());
        }
        self.next = self.line + 1;
        self.text.truncate(starts[0]);
        Ok(Found::Broken(
            "a quote is opened and not closed: expected both, and two of them for one inside, such as \"dit \"\"Jo\"\"\"",
        ))
    }

    /// Gives what is not fed yet to the reader of cells. Answers whether the record has ended.
    fn feed(&mut self, fed: &mut usize, written: &mut usize) -> bool {
        let text = &self.text[*fed..];
        // The last line of a file may have no end.
        let end: &[u8] = if text.ends_with(b"\n") { b"" } else { b"\n" };
        let ended = self.found.take(&mut self.cells, text, written)
            || (!end.is_empty() && self.found.take(&mut self.cells, end, written));
        *fed = self.text.len();
        ended
    }

    /// Adds the next line to the text; `false` at the end.
    fn physical(&mut self) -> io::Result<bool> {
        if let Some(line) = self.again.pop_front() {
            self.text.extend_from_slice(&line);
            self.next += 1;
            return Ok(true);
        }
        let before = self.text.len();
        let read = self
            .source
            .by_ref()
            .take(LONGEST_LINE as u64 + 2)
            .read_until(b'\n', &mut self.text)?;
        if read == 0 {
            return Ok(false);
        }
        if self.text.last() != Some(&b'\n') && self.text.len() - before > LONGEST_LINE {
            self.source.skip_until(b'\n')?;
        }
        self.next += 1;
        Ok(true)
    }
}

/// Where the cell after the first `cells` of a record begins in its text.
pub(super) fn after(text: &str, delimiter: u8, cells: usize) -> &str {
    let (mut quoted, mut passed, mut fresh) = (false, 0, true);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if fresh || quoted => quoted = !quoted,
            _ if byte == delimiter && !quoted => {
                passed += 1;
                if passed == cells {
                    return &text[at + 1..];
                }
                fresh = true;
                continue;
            }
            _ => {}
        }
        fresh = false;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, width: Option<usize>) -> Vec<(u64, Result<Vec<String>, ()>)> {
        let mut records = Records::new(io::Cursor::new(text.as_bytes().to_vec()), b';', 1);
        records.width = width;
        let mut all = Vec::new();
        loop {
            match records.read().unwrap() {
                Found::End => return all,
                Found::Broken(_) => all.push((records.line, Err(()))),
                Found::Record => {
                    let cells = records.found.iter().map(str::to_owned).collect();
                    all.push((records.line, Ok(cells)));
                }
            }
        }
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, ()> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn records_have_the_line_they_begin_on() {
        let found = read(
            "a;b\r\n\r\n  \n\"deux\nlignes\";\"dit \"\"Jo\"\"\"\nl'écran 15\";é",
            None,
        );
        let expected = [
            (1, cells(&["a", "b"])),
            (4, cells(&["deux\nlignes", "dit \"Jo\""])),
            (6, cells(&["l'écran 15\"", "é"])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_quote_that_is_not_closed_costs_its_own_line_only() {
        let found = read("a;b\n\"x;y\nc;d\ne;f", None);
        let expected = [
            (1, cells(&["a", "b"])),
            (2, Err(())),
            (3, cells(&["c", "d"])),
            (4, cells(&["e", "f"])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_quote_that_is_closed_by_another_line_s_costs_its_own_line_only() {
        let found = read("a;b\n\"x;y\nc;\"d\"\ne;f", Some(2));
        let expected = [
            (1, cells(&["a", "b"])),
            (2, Err(())),
            (3, cells(&["c", "d"])),
            (4, cells(&["e", "f"])),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_without_end_takes_no_memory_and_does_not_hide_the_next() {
        let long = "a".repeat(LONGEST_LINE * 3);
        let found = read(&format!("{long}\nc;d"), None);
        assert_eq!(found, [(1, Err(())), (2, cells(&["c", "d"]))]);
    }

    #[test]
    fn what_stands_behind_some_cells_is_repeated_as_it_is() {
        assert_eq!(after("12;\"non; \"\"pas\"\" ça\";a;\"b\"", b';', 2), "a;\"b\"");
        assert_eq!(after("12;x", b';', 2), "");
        assert_eq!(after("l'\"a;b;c", b';', 1), "b;c");
    }
}
