//! Damage is remembered: whoever asks how the log is hears of it, also when nobody reads the damaged entry any more.

use std::sync::{Arc, OnceLock};

use parcours_model::StreamId;

use super::{HeadRow, Reader};
use crate::scan::{ScanRange, Streams};
use crate::{Entry, LogError};

/// The first damage that was found. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Damage(Arc<OnceLock<String>>);

impl Damage {
    /// What it is, if any was found.
    pub fn found(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Remembers an error that tells of damage.
    pub fn note(&self, error: &LogError) {
        if let LogError::Damaged(what) = error
            && self.0.set(what.clone()).is_ok()
        {
            tracing::error!(what, "the log is damaged");
        }
    }

    fn noted<T>(&self, answer: Result<T, LogError>) -> Result<T, LogError> {
        answer.inspect_err(|error| self.note(error))
    }
}

/// A reader that has the damage remembered which it finds.
pub(crate) struct Watched<R> {
    pub reader: R,
    pub damage: Damage,
}

#[async_trait::async_trait]
impl<R: Reader> Reader for Watched<R> {
    async fn head(&self) -> Result<HeadRow, LogError> {
        self.damage.noted(self.reader.head().await)
    }

    async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        self.damage.noted(self.reader.read(from, limit).await)
    }

    async fn stream(&self, id: StreamId, below: u64) -> Result<Vec<Entry>, LogError> {
        self.damage.noted(self.reader.stream(id, below).await)
    }

    async fn stream_page(
        &self,
        id: StreamId,
        after: u64,
        below: u64,
        limit: usize,
    ) -> Result<Vec<Entry>, LogError> {
        self.damage
            .noted(self.reader.stream_page(id, after, below, limit).await)
    }

    async fn streams(&self, ids: Vec<StreamId>, below: u64) -> Result<Vec<Vec<Entry>>, LogError> {
        self.damage.noted(self.reader.streams(ids, below).await)
    }

    async fn scan(&self, range: ScanRange, limit: usize) -> Result<Streams, LogError> {
        self.damage.noted(self.reader.scan(range, limit).await)
    }

    async fn size_at(&self, recorded: String) -> Result<u64, LogError> {
        self.damage.noted(self.reader.size_at(recorded).await)
    }
}
