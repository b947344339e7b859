//! Where the results of a stream leave, in order, at the pace of the client.
//!
//! Many a client sends all it has before it reads a byte. Waiting for it would be waiting for ever, so results that
//! nobody takes yet wait in a file without a name, and memory holds a few groups of them at most.

use crate::limits::Limits;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io::{self, SeekFrom};
use std::path::PathBuf;
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::mpsc::{Permit, Sender};
use tokio::time::timeout;

/// The client has gone, or takes nothing any more; or the file has failed.
#[derive(Debug)]
pub(super) struct Shut;

/// The way out for the results of one stream. Owned by the task that decides.
pub(super) struct Outlet {
    client: Sender<Bytes>,
    folder: PathBuf,
    limit: u64,
    stall: Duration,
    /// Made when it is needed first.
    file: Option<File>,
    /// The lengths of the pieces in the file, oldest first, from `start` to `end`.
    /// Invariant: while there are any, everything new goes behind them.
    pieces: VecDeque<usize>,
    start: u64,
    end: u64,
}

impl Outlet {
    /// Results go to `client`, or wait within the limits.
    pub fn new(client: Sender<Bytes>, limits: &Limits) -> Self {
        Outlet {
            client,
            folder: limits.spool_folder.clone(),
            limit: limits.spool,
            stall: limits.stall,
            file: None,
            pieces: VecDeque::new(),
            start: 0,
            end: 0,
        }
    }

    /// Takes a piece: hands it on if the client is ready, keeps it otherwise.
    pub async fn put(&mut self, piece: Bytes) -> Result<(), Shut> {
        if self.pieces.is_empty() {
            match self.client.try_reserve() {
                Ok(permit) => {
                    permit.send(piece);
                    return Ok(());
                }
                Err(_) if self.client.is_closed() => return Err(Shut),
                Err(_) => {}
            }
        }
        while self.end - self.start + piece.len() as u64 > self.limit && !self.pieces.is_empty() {
            self.hand_one_on().await?;
        }
        self.keep(&piece).await.map_err(failed)
    }

    /// Waits until a piece is kept and the client is ready for it; for ever if nothing is kept. Can be cancelled.
    pub async fn ready(&self) -> Result<(), Shut> {
        if self.pieces.is_empty() {
            self.client.closed().await;
            return Err(Shut);
        }
        self.client.reserve().await.map(drop).map_err(|_| Shut)
    }

    /// Hands the oldest piece on, once the client is ready for it.
    pub async fn hand_one_on(&mut self) -> Result<(), Shut> {
        let Some(&length) = self.pieces.front() else {
            return Ok(());
        };
        let piece = self.oldest(length).await.map_err(failed)?;
        let permit: Permit<'_, Bytes> = match timeout(self.stall, self.client.reserve()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Shut),
            Err(_) => {
                tracing::warn!(
                    kept = self.pieces.len(),
                    "a client takes none of its results: they are given up"
                );
                return Err(Shut);
            }
        };
        permit.send(piece);
        self.pieces.pop_front();
        self.start += length as u64;
        if self.pieces.is_empty() {
            (self.start, self.end) = (0, 0);
            if let Some(file) = &self.file {
                file.set_len(0).await.map_err(failed)?;
            }
        }
        Ok(())
    }

    /// Hands on all that is kept.
    pub async fn finish(mut self) -> Result<(), Shut> {
        while !self.pieces.is_empty() {
            self.hand_one_on().await?;
        }
        Ok(())
    }

    async fn keep(&mut self, piece: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => {
                let folder = self.folder.clone();
                let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await??;
                none.insert(File::from_std(made))
            }
        };
        file.seek(SeekFrom::Start(self.end)).await?;
        file.write_all(piece).await?;
        file.flush().await?;
        self.end += piece.len() as u64;
        self.pieces.push_back(piece.len());
        Ok(())
    }

    async fn oldest(&mut self, length: usize) -> io::Result<Bytes> {
        let file = self.file.as_mut().expect("a piece is kept, so there is a file");
        file.seek(SeekFrom::Start(self.start)).await?;
        let mut piece = vec![0; length];
        file.read_exact(&mut piece).await?;
        Ok(piece.into())
    }
}

fn failed(error: io::Error) -> Shut {
    tracing::error!(%error, "results of a stream could not be kept for their client");
    Shut
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    fn limits(spool: u64) -> Limits {
        Limits {
            spool,
            stall: Duration::from_secs(5),
            ..Limits::default()
        }
    }

    #[tokio::test]
    async fn a_client_that_reads_late_gets_everything_in_order() {
        let (client, mut results) = mpsc::channel(1);
        let mut outlet = Outlet::new(client, &limits(1 << 20));
        for number in 0..100 {
            outlet.put(Bytes::from(format!("piece {number}"))).await.unwrap();
        }
        let late = tokio::spawn(async move {
            let mut read = Vec::new();
            while let Some(piece) = results.recv().await {
                read.push(String::from_utf8(piece.to_vec()).unwrap());
            }
            read
        });
        outlet.put(Bytes::from_static(b"piece 100")).await.unwrap();
        outlet.finish().await.unwrap();
        let expected: Vec<_> = (0..=100).map(|number| format!("piece {number}")).collect();
        assert_eq!(late.await.unwrap(), expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_never_reads_is_given_up() {
        let (client, _results) = mpsc::channel(1);
        let mut outlet = Outlet::new(client, &limits(10));
        outlet.put(Bytes::from_static(b"handed on")).await.unwrap();
        outlet.put(Bytes::from_static(b"kept kept")).await.unwrap();
        assert!(outlet.put(Bytes::from_static(b"one too many")).await.is_err());
    }

    #[tokio::test]
    async fn a_client_that_has_gone_is_noticed() {
        let (client, results) = mpsc::channel(1);
        let mut outlet = Outlet::new(client, &limits(10));
        drop(results);
        assert!(outlet.put(Bytes::from_static(b"too late")).await.is_err());
    }
}
