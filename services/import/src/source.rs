//! Where what is imported comes from: a file, a pipe with a name, or standard input.
//!
//! It is opened and read by a thread of its own. Whoever fills a pipe may let it wait for ever, and an import that is
//! interrupted must not wait with it.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Bytes read at once.
const PIECE: usize = 64 << 10;
/// Pieces read ahead.
const AHEAD: usize = 2;
/// Between two looks at whether it is interrupted, while nothing comes.
const LOOK: Duration = Duration::from_millis(50);

/// A source, read until its end or until it is interrupted: reading fails then.
#[derive(Debug)]
pub struct Source {
    pieces: Receiver<io::Result<Vec<u8>>>,
    piece: Vec<u8>,
    /// How much of the piece is read.
    read: usize,
    cancel: CancellationToken,
}

impl Source {
    /// Looks whether a file can be read, as far as that can be known without waiting for anybody.
    pub fn check(file: &Path) -> io::Result<()> {
        let found = std::fs::metadata(file)?;
        if found.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // To open a pipe is to wait for whoever fills it.
        if found.is_file() {
            File::open(file)?;
        }
        Ok(())
    }

    /// The bytes of a file; `None` of what only its end can tell.
    pub fn size(file: &Path) -> Option<u64> {
        let found = std::fs::metadata(file).ok()?;
        found.is_file().then_some(found.len())
    }

    /// Reads a file, or what comes through a pipe.
    pub fn file(file: &Path, cancel: &CancellationToken) -> io::Result<Source> {
        let file = file.to_owned();
        Source::begin(move || File::open(file), cancel)
    }

    /// Reads standard input.
    pub fn standard_input(cancel: &CancellationToken) -> io::Result<Source> {
        Source::begin(|| Ok(io::stdin()), cancel)
    }

    fn begin<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        cancel: &CancellationToken,
    ) -> io::Result<Source> {
        let (sender, pieces) = sync_channel(AHEAD);
        let reading = std::thread::Builder::new().name("import-source".to_owned());
        reading.spawn(move || match open() {
            Ok(from) => read(from, &sender),
            // Whoever reads may be gone.
            Err(error) => drop(sender.send(Err(error))),
        })?;
        Ok(Source {
            pieces,
            piece: Vec::new(),
            read: 0,
            cancel: cancel.clone(),
        })
    }

    /// The next piece; an empty one at the end.
    fn next(&self) -> io::Result<Vec<u8>> {
        loop {
            match self.pieces.recv_timeout(LOOK) {
                Ok(piece) => return piece,
                Err(RecvTimeoutError::Disconnected) => return Ok(Vec::new()),
                Err(RecvTimeoutError::Timeout) if self.cancel.is_cancelled() => {
                    return Err(io::Error::other("the import was interrupted"));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }
}

/// Sends pieces until the end, or until nobody wants more.
fn read(mut from: impl Read, pieces: &SyncSender<io::Result<Vec<u8>>>) {
    loop {
        let mut piece = vec![0; PIECE];
        let read = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let ended = matches!(read, Ok(0) | Err(_));
        let sent = pieces.send(read.map(|length| {
            piece.truncate(length);
            piece
        }));
        if ended || sent.is_err() {
            return;
        }
    }
}

impl BufRead for Source {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read == self.piece.len() {
            (self.piece, self.read) = (self.next()?, 0);
        }
        Ok(&self.piece[self.read..])
    }

    fn consume(&mut self, bytes: usize) {
        self.read += bytes;
    }
}

impl Read for Source {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_source_is_read_to_its_end() {
        let bytes: Vec<u8> = (0..3 * PIECE).map(|at| (at % 251) as u8).collect();
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&bytes).unwrap();
        let mut read = Vec::new();
        let mut source = Source::file(file.path(), &CancellationToken::new()).unwrap();
        source.read_to_end(&mut read).unwrap();
        assert!(read == bytes);
        assert_eq!(Source::size(file.path()), Some(bytes.len() as u64));
        assert!(source.fill_buf().unwrap().is_empty(), "and stays there");
    }

    #[test]
    fn an_interrupted_source_waits_for_nobody() {
        let (from, _kept_open) = io::pipe().unwrap();
        let cancel = CancellationToken::new();
        let mut source = Source::begin(|| Ok(from), &cancel).unwrap();
        cancel.cancel();
        assert!(source.fill_buf().is_err());
    }
}
