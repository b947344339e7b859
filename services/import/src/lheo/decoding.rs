//! Bytes into UTF-8, by what they are more than by what the file says of itself: exporters change the one and not the other.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

const BUFFER: usize = 64 * 1024;

/// The first bytes beyond ASCII settle what a file is, since hardly any text in a single-byte encoding is UTF-8 by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Undecided,
    Utf8,
    SingleByte,
}

/// Text in UTF-8, or in an encoding of one byte a character. Bytes that are no UTF-8 in a text that is are read in that
/// encoding each by itself: one bad character does not cost the others.
pub(super) struct Decoding<R> {
    source: R,
    declared: &'static Encoding,
    is: Is,
    /// Whether bytes were met that are wrong in UTF-8.
    patched: bool,
    told: bool,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(source: R, declared: &'static Encoding) -> Self {
        Decoding {
            source,
            declared,
            is: Is::Undecided,
            patched: false,
            told: false,
            raw: Vec::new(),
            decoded: Vec::new(),
            given: 0,
            ended: false,
        }
    }

    /// Once, when the bytes prove to be something else than was declared: a sentence.
    pub(super) fn surprise(&mut self) -> Option<String> {
        let declared = self.declared.name();
        let sentence = match (self.is, self.declared == UTF_8) {
            _ if self.told => None,
            (Is::Utf8, false) => Some(format!(
                "the file says {declared}, and is in UTF-8: read as UTF-8"
            )),
            (Is::SingleByte, true) => Some(format!(
                "the file is not in {declared}: read as {}",
                WINDOWS_1252.name()
            )),
            (Is::Utf8, true) if self.patched => Some(format!(
                "some bytes are wrong in {declared}: read as {}",
                WINDOWS_1252.name()
            )),
            _ => None,
        };
        self.told |= sentence.is_some();
        sentence
    }

    fn single_byte(&self) -> &'static Encoding {
        if self.declared == UTF_8 {
            WINDOWS_1252
        } else {
            self.declared
        }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.given = 0;
        while self.decoded.is_empty() && !(self.ended && self.raw.is_empty()) {
            if !self.ended {
                let mut chunk = (&mut self.source).take(BUFFER as u64);
                self.ended = chunk.read_to_end(&mut self.raw)? == 0;
            }
            self.decode();
        }
        Ok(())
    }

    /// Decodes what is whole of the raw bytes; at most three that may begin a character stay for the next turn.
    fn decode(&mut self) {
        let raw = std::mem::take(&mut self.raw);
        let mut rest = &raw[..];
        while !rest.is_empty() {
            if self.is == Is::SingleByte {
                self.decoded
                    .extend(self.single_byte().decode_without_bom_handling(rest).0.bytes());
                return;
            }
            let (valid, wrong) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(0)),
            };
            if self.is == Is::Undecided && !rest[..valid].is_ascii() {
                self.is = Is::Utf8;
            }
            self.decoded.extend_from_slice(&rest[..valid]);
            rest = &rest[valid..];
            if rest.is_empty() {
                return;
            }
            if wrong == 0 && !self.ended {
                self.raw = rest.to_vec();
                return;
            }
            if self.is == Is::Undecided {
                self.is = Is::SingleByte;
                continue;
            }
            self.patched = true;
            let wrong = if wrong == 0 { rest.len() } else { wrong };
            let text = self.single_byte().decode_without_bom_handling(&rest[..wrong]).0;
            self.decoded.extend(text.bytes());
            rest = &rest[wrong..];
        }
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() {
            self.refill()?;
        }
        let available = &self.decoded[self.given..];
        let taken = available.len().min(out.len());
        out[..taken].copy_from_slice(&available[..taken]);
        self.given += taken;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use encoding_rs::ISO_8859_15;

    use super::*;

    /// One byte at a time, so that every character is cut.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let taken = self.0.len().min(out.len()).min(1);
            out[..taken].copy_from_slice(&self.0[..taken]);
            self.0 = &self.0[taken..];
            Ok(taken)
        }
    }

    fn read(bytes: &[u8], declared: &'static Encoding) -> (String, bool) {
        let mut decoding = Decoding::new(Dribble(bytes), declared);
        let mut text = String::new();
        decoding.read_to_string(&mut text).unwrap();
        (text, decoding.surprise().is_some())
    }

    #[test]
    fn what_is_utf_8_is_read_as_utf_8_whatever_was_declared() {
        assert_eq!(read("Créer".as_bytes(), WINDOWS_1252), ("Créer".to_owned(), true));
        assert_eq!(read("Créer 😀".as_bytes(), UTF_8), ("Créer 😀".to_owned(), false));
        assert_eq!(read(b"Creer", WINDOWS_1252), ("Creer".to_owned(), false));
    }

    #[test]
    fn what_is_not_is_read_as_declared_or_as_windows_1252() {
        assert_eq!(
            read(b"Cr\xE9er l\x92\xE9t\xE9", UTF_8),
            ("Créer l’été".to_owned(), true)
        );
        assert_eq!(read(b"Cr\xE9er", WINDOWS_1252), ("Créer".to_owned(), false));
        assert_eq!(read(b"\xE9 \xA4", ISO_8859_15), ("é €".to_owned(), false));
        assert_eq!(read(b"fin\xE9", UTF_8), ("finé".to_owned(), true));
        // UTF-8 by chance, behind what is none.
        assert_eq!(read(b"\xE9 QUALIT\xC9\xBB", WINDOWS_1252).0, "é QUALITÉ»");
    }

    #[test]
    fn one_wrong_byte_does_not_cost_the_others() {
        assert_eq!(
            read(b"Cr\xC3\xA9er l\xE9t\xC3\xA9", UTF_8),
            ("Créer lété".to_owned(), true)
        );
    }
}
