//! The bytes of a catalogue as UTF-8, with the line we are at and a bound on what one formation may take.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use encoding_rs::{Encoding, UTF_8};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::decoding::Decoding;

/// Where an XML declaration has ended, if there is one: it is the first thing in the file and short.
const DECLARATION: u64 = 1024;
const BUFFER: usize = 64 * 1024;

/// The start of the file is read ahead for its declaration.
type Whole<R> = Chain<Cursor<Vec<u8>>, R>;

/// Where the text comes from.
enum Source<R> {
    /// In an encoding that is not guessed: UTF-16, or one of several bytes a character.
    Trusted(DecodeReaderBytes<Whole<R>, Vec<u8>>),
    /// In UTF-8 or one byte a character, whatever is declared.
    Judged(Decoding<Whole<R>>),
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Source::Trusted(source) => source.read(out),
            Source::Judged(source) => source.read(out),
        }
    }
}

/// A byte order mark says the encoding; else the XML declaration, if the bytes bear it out; else it is UTF-8, or
/// Windows-1252 where the bytes are no UTF-8.
pub(crate) struct Input<R> {
    decoded: BufReader<Source<R>>,
    line: u64,
    allowance: usize,
}

impl<R: Read> Input<R> {
    /// # Errors
    /// What reading gives, and `InvalidData` for an encoding that nobody knows.
    pub(crate) fn new(mut source: R) -> io::Result<Self> {
        let mut start = Vec::new();
        source.by_ref().take(DECLARATION).read_to_end(&mut start)?;
        let declared = declared(&start)?;
        let marked = Encoding::for_bom(&start);
        let wide = marked.is_some_and(|(encoding, _)| encoding != UTF_8);
        let decoded = if wide || !(declared == UTF_8 || declared.is_single_byte()) {
            Source::Trusted(
                DecodeReaderBytesBuilder::new()
                    .encoding(Some(declared))
                    .bom_override(true)
                    .strip_bom(true)
                    .build(Cursor::new(start).chain(source)),
            )
        } else {
            let mark = marked.map_or(0, |(_, length)| length);
            let encoding = if mark > 0 { UTF_8 } else { declared };
            let text = Cursor::new(start.split_off(mark)).chain(source);
            Source::Judged(Decoding::new(text, encoding))
        };
        Ok(Input {
            decoded: BufReader::with_capacity(BUFFER, decoded),
            line: 1,
            allowance: usize::MAX,
        })
    }

    /// The line of the next byte, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Once, when the file proves not to be in the encoding it says: a sentence.
    pub(crate) fn surprise(&mut self) -> Option<String> {
        match self.decoded.get_mut() {
            Source::Trusted(_) => None,
            Source::Judged(source) => source.surprise(),
        }
    }

    /// How many more bytes may be read before reading fails with `FileTooLarge`.
    pub(super) fn allow(&mut self, bytes: usize) {
        self.allowance = bytes;
    }
}

impl<R: Read> Read for Input<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let taken = available.len().min(out.len());
        out[..taken].copy_from_slice(&available[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: Read> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowance == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.decoded.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        let newlines = self.decoded.buffer()[..amount]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count();
        self.line += u64::try_from(newlines).expect("a buffer holds fewer lines than u64 counts");
        self.allowance = self.allowance.saturating_sub(amount);
        self.decoded.consume(amount);
    }
}

/// The encoding that the XML declaration names.
fn declared(start: &[u8]) -> io::Result<&'static Encoding> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches(|c: char| c == '\u{feff}' || c.is_whitespace());
    let Some(declaration) = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")) else {
        return Ok(UTF_8);
    };
    let Some((_, value)) = declaration.0.split_once("encoding") else {
        return Ok(UTF_8);
    };
    let value = value.trim_start().trim_start_matches('=').trim_start();
    let label: String = value
        .chars()
        .skip(1)
        .take_while(|c| *c != '"' && *c != '\'')
        .collect();
    let encoding = Encoding::for_label(label.as_bytes()).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("unknown encoding \"{label}\""),
        )
    })?;
    // A declaration that can be read byte by byte is not in UTF-16, whatever it says of itself.
    Ok(if encoding.is_ascii_compatible() {
        encoding
    } else {
        UTF_8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        let mut text = String::new();
        Input::new(bytes).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn the_encoding_is_the_byte_order_mark_s_then_the_declaration_s_then_utf_8() {
        assert_eq!(read(b"\xEF\xBB\xBF<a>\xC3\xA9</a>"), "<a>é</a>");
        assert_eq!(
            read(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>"),
            "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>"
        );
        assert_eq!(
            read(b"\xEF\xBB\xBF<?xml encoding=\"iso-8859-15\"?>\xC3\xA9"),
            "<?xml encoding=\"iso-8859-15\"?>é"
        );
        assert_eq!(read(b"<a>\xC3\xA9</a>"), "<a>é</a>");
        assert_eq!(read(b"\xFF\xFE<\0a\0/\0>\0\xE9\0"), "<a/>é");
        assert_eq!(
            read(b"<?xml version='1.0' encoding='UTF-16'?><a/>"),
            "<?xml version='1.0' encoding='UTF-16'?><a/>"
        );
    }

    #[test]
    fn bytes_that_are_no_utf_8_do_not_stop_the_reading() {
        assert_eq!(read(b"caf\xE9 noir"), "caf\u{e9} noir");
        assert_eq!(read(b"\xEF\xBB\xBFcaf\xE9"), "caf\u{e9}");
    }

    #[test]
    fn an_unknown_encoding_is_an_error_that_names_it() {
        let error = Input::new(&b"<?xml version='1.0' encoding='ebcdic-9'?>"[..])
            .err()
            .unwrap();
        assert!(error.to_string().contains("ebcdic-9"), "{error}");
    }

    #[test]
    fn lines_are_counted_as_they_are_consumed_and_the_allowance_is_kept() {
        let mut input = Input::new(&b"one\ntwo\nthree"[..]).unwrap();
        assert_eq!(input.line(), 1);
        input.read_exact(&mut [0; 5]).unwrap();
        assert_eq!(input.line(), 2);
        input.allow(3);
        input.read_exact(&mut [0; 3]).unwrap();
        assert_eq!(input.line(), 3);
        assert_eq!(input.fill_buf().unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }
}
