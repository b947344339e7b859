//! A log that is only read.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use parcours_model::StreamId;

use crate::log::{Location, Options};
use crate::store::index::{Index, Settings};
use crate::store::postgres;
use crate::store::postgres::reader::PostgresReader;
use crate::store::sqlite::reader::SqliteReader;
use crate::store::{Reader, recorded_text};
use crate::{Entry, Head, LogError};

/// What can be read of a log. Clones are the same; it ends with the last one.
#[derive(Clone)]
pub struct LogReader(pub(crate) Arc<dyn Reader>);

impl LogReader {
    /// Opens a log to read it, and no more: it is neither made nor brought up to date, nothing is written to it or beside it,
    /// it may be a copy where nothing can be written, and a service may be at work on it.
    ///
    /// # Errors
    /// [`LogError::Absent`] where there is none, [`LogError::Older`] where it would have to be brought up to date first.
    pub async fn open(location: &Location, options: &Options) -> Result<LogReader, LogError> {
        let index = Arc::new(Index::new(Settings {
            run: options.run,
            name_bits: options.name_bits,
        }));
        Ok(LogReader(match location {
            Location::Sqlite(file) => Arc::new(SqliteReader::read_only(file, index).await?),
            Location::Postgres(url) => {
                let door = postgres::door(url, &options.stop)?;
                Arc::new(PostgresReader::read_only(door, index).await?)
            }
        }))
    }

    /// The size, the time and the root of the log as the database has it now.
    pub async fn head(&self) -> Result<Head, LogError> {
        Ok(Head::of(&self.0.head().await?))
    }

    /// The entries from position `from` on: at most `limit`, fewer when they are large, none only at the end.
    pub async fn read(&self, from: u64, limit: usize) -> Result<Vec<Entry>, LogError> {
        if limit == 0 {
            Ok(Vec::new())
        } else {
            self.0.read(from, limit).await
        }
    }

    /// The entries of a stream in order of revision; only those at positions below `below`, if it is given.
    pub async fn stream(&self, id: StreamId, below: Option<u64>) -> Result<Vec<Entry>, LogError> {
        self.0.stream(id, below.unwrap_or(u64::MAX)).await
    }

    /// How many entries were recorded at or before `instant`.
    pub async fn size_at(&self, instant: DateTime<Utc>) -> Result<u64, LogError> {
        self.0.size_at(recorded_text(instant)).await
    }
}
