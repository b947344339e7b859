//! Cutting a stream of bytes into lines, with a bound on what one line may hold.

use super::body::BYTE_ORDER_MARK;
use bytes::{Buf, Bytes, BytesMut};

/// A line of the stream that is not blank.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1; blank lines count.
    pub number: u64,
    /// Its bytes; `None` if it is longer than a line may be.
    pub text: Option<Bytes>,
}

/// Cuts what arrives into lines. Holds at most one line and one chunk.
#[derive(Debug)]
pub(super) struct Lines {
    limit: usize,
    buffer: BytesMut,
    /// Invariant: no line feed among the first `searched` bytes of `buffer`.
    searched: usize,
    number: u64,
    /// The line under way is too long already: its bytes are dropped until it ends.
    dropping: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Lines {
            limit,
            buffer: BytesMut::new(),
            searched: 0,
            number: 0,
            dropping: false,
        }
    }

    /// Takes the next bytes of the stream. Every line is to be taken out before more is put in.
    pub fn put(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next whole line, if it has arrived.
    pub fn next(&mut self) -> Option<Line> {
        while let Some(found) = memchr::memchr(b'\n', &self.buffer[self.searched..]) {
            let text = self.buffer.split_to(self.searched + found + 1);
            self.searched = 0;
            if let Some(line) = self.finish(text) {
                return Some(line);
            }
        }
        self.searched = self.buffer.len();
        if self.searched > self.limit {
            self.dropping = true;
            self.buffer.clear();
            self.searched = 0;
        }
        None
    }

    /// Whether a line has begun and not ended, once every whole one is taken out.
    pub fn is_within_one(&self) -> bool {
        self.dropping || !self.buffer.is_empty()
    }

    /// The last line, when the stream ends without a line feed.
    pub fn last(&mut self) -> Option<Line> {
        if self.buffer.is_empty() && !self.dropping {
            return None;
        }
        let text = self.buffer.split();
        self.searched = 0;
        self.finish(text)
    }

    fn finish(&mut self, mut text: BytesMut) -> Option<Line> {
        self.number += 1;
        if self.number == 1 && text.starts_with(&BYTE_ORDER_MARK) {
            text.advance(BYTE_ORDER_MARK.len());
        }
        let too_long = std::mem::take(&mut self.dropping) || text.len() > self.limit + 1;
        if too_long {
            return Some(Line {
                number: self.number,
                text: None,
            });
        }
        let blank = text.iter().all(u8::is_ascii_whitespace);
        (!blank).then(|| Line {
            number: self.number,
            text: Some(text.freeze()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of `stream`, however it is cut into chunks of `size`.
    fn cut(stream: &str, size: usize) -> Vec<(u64, Option<String>)> {
        let mut lines = Lines::new(8);
        let mut found = Vec::new();
        for chunk in stream.as_bytes().chunks(size) {
            lines.put(chunk);
            found.extend(std::iter::from_fn(|| lines.next()));
        }
        found.extend(lines.last());
        let told = |text: Bytes| String::from_utf8_lossy(&text).trim_end().to_owned();
        found
            .into_iter()
            .map(|line| (line.number, line.text.map(told)))
            .collect()
    }

    #[test]
    fn lines_are_the_same_however_the_bytes_arrive() {
        let stream = "one\r\n\n  \ntwo\nis much too long\n12345678\nlast";
        let expected = [
            (1, Some("one")),
            (4, Some("two")),
            (5, None),
            (6, Some("12345678")),
            (7, Some("last")),
        ]
        .map(|(n, t)| (n, t.map(str::to_owned)));
        for size in 1..=stream.len() {
            assert_eq!(cut(stream, size), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_part_of_no_line() {
        for (stream, expected) in [
            ("\u{feff}one\ntwo", vec![(1, "one"), (2, "two")]),
            ("\u{feff}\none", vec![(2, "one")]),
        ] {
            for size in 1..=stream.len() {
                let found = cut(stream, size);
                let found: Vec<_> = found
                    .iter()
                    .map(|(n, text)| (*n, text.as_deref().unwrap()))
                    .collect();
                assert_eq!(found, expected, "in chunks of {size}");
            }
        }
    }

    #[test]
    fn a_line_that_never_ends_is_held_in_no_memory() {
        let mut lines = Lines::new(8);
        for _ in 0..1_000 {
            lines.put(&[b'x'; 16]);
            assert_eq!(lines.next(), None);
            assert!(lines.buffer.len() <= 16);
        }
        assert_eq!(
            lines.last(),
            Some(Line {
                number: 1,
                text: None
            })
        );
    }
}
