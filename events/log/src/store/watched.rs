//! What is wrong with the log as a whole is remembered: whoever asks how the log is hears of it, also when nobody reads the
//! damaged entry any more; and of a log that was replaced nothing is read. No stream is answered out of its order.

use std::sync::{Arc, OnceLock};

use parcours_model::StreamId;
use tokio::sync::watch;

use super::{HeadRow, Reader};
use crate::store::{ScanRange, Streams};
use crate::tree::Hash;
use crate::{Entry, LogError};

/// The first damage that was found, and whether the log was replaced. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Damage(Arc<Found>);

#[derive(Debug, Default)]
struct Found {
    damaged: OnceLock<String>,
    /// How the log was replaced, as an error and in words.
    replaced: OnceLock<(LogError, String)>,
    /// Becomes true with `replaced`.
    told: watch::Sender<bool>,
}

impl Damage {
    /// What it is, if any was found.
    pub fn found(&self) -> Option<&str> {
        let replaced = self.0.replaced.get().map(|(_, what)| what);
        replaced.or_else(|| self.0.damaged.get()).map(String::as_str)
    }

    /// Remembers an error that tells of damage.
    pub fn note(&self, error: &LogError) {
        match error {
            LogError::Damaged(what) if self.0.damaged.set(what.clone()).is_ok() => {
                tracing::error!(what, "the log is damaged");
            }
            LogError::Replaced(what) => {
                let words = format!(
                    "it was replaced under this service: {what}. {}",
                    LogError::REPLACED
                );
                if self.0.replaced.set((error.clone(), words)).is_ok() {
                    tracing::error!("{error}");
                    self.0.told.send_replace(true);
                }
            }
            _ => {}
        }
    }

    /// Fails once the log was replaced.
    pub fn still_the_same(&self) -> Result<(), LogError> {
        match self.0.replaced.get() {
            Some((error, _)) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Waits until the log was replaced, which may be never.
    pub async fn replaced(&self) -> LogError {
        let mut told = self.0.told.subscribe();
        // The sender is kept by this very value.
        let _ = told.wait_for(|told| *told).await;
        match self.still_the_same() {
            Err(error) => error,
            Ok(()) => std::future::pending().await,
        }
    }

    pub(crate) fn noted<T>(&self, answer: Result<T, LogError>) -> Result<T, LogError> {
        answer.inspect_err(|error| self.note(error))
    }
}

/// A reader that has the damage remembered which it finds, and reads nothing of a log that was replaced: what is known of
/// where its entries stand is not so of what is there now.
pub(crate) struct Watched<R> {
    pub reader: R,
    pub damage: Damage,
}

impl<R> Watched<R> {
    async fn ask<T>(&self, question: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
        self.damage.still_the_same()?;
        self.damage.noted(question.await)
    }
}

#[async_trait::async_trait]
impl<R: Reader> Reader for Watched<R> {
    // The head and a leaf hash are what is to be compared: they are told of whatever is there.
    async fn head(&self) -> Result<HeadRow, LogError> {
        self.damage.noted(self.reader.head().await)
    }

    async fn leaf(&self, position: u64) -> Result<Option<Hash>, LogError> {
        self.damage.noted(self.reader.leaf(position).await)
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.ask(self.reader.read(from, limit)).await
    }

    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError> {
        self.ask(async { in_order(self.reader.stream(id, below).await?, 0) })
            .await
    }

    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.ask(async { in_order(self.reader.stream_page(id, after, below, limit).await?, after) })
            .await
    }

    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        self.ask(async {
            let streams = self.reader.streams(ids, below).await?;
            streams.into_iter().map(|entries| in_order(entries, 0)).collect()
        })
        .await
    }

    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
        self.ask(async {
            let streams = self.reader.scan(range, limit).await?.into_iter();
            let checked = streams.map(|(cursor, id, entries)| Ok((cursor, id, in_order(entries, 0)?)));
            checked.collect()
        })
        .await
    }

    async fn size_at(&self, recorded: String) -> Result<u64, LogError> {
        self.ask(self.reader.size_at(recorded)).await
    }
}

/// The entries of a stream, which must follow one another from the one after revision `after`.
fn in_order(entries: Vec<Entry>, after: u64) -> Result<Vec<Entry>, LogError> {
    let strayed = entries
        .iter()
        .zip(after + 1..)
        .find(|(entry, next)| entry.revision != *next);
    strayed.map_or(Ok(()), |(entry, next)| {
        Err(LogError::Damaged(format!(
            "at position {} stands entry {} of {}, where entry {next} should be. Put a backup in its place",
            entry.position, entry.revision, entry.stream
        )))
    })?;
    Ok(entries)
}
