//! What can go wrong with the log itself, as against one append (see [`Rejection`](crate::Rejection)).

use std::error::Error;

use parcours_model::Unreadable;

use crate::database::{Disturbed, Exchanged, Newer, with_causes};
use crate::postgres::{Fault, UnreadableUrl};

/// The log cannot do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum LogError {
    /// The database did not answer, or not in time, or had no room. To be tried again later.
    #[error("the log's database is unavailable: {0}")]
    Unavailable(String),
    /// The connection was lost, or the time was over, while the database was writing: it may have done so or not. To be
    /// asked again is safe, and tells.
    #[error("whether this was recorded is not known ({0}); to send it again is safe, and tells")]
    OutcomeUnknown(String),
    /// The database has migrations that this program does not know.
    #[error(
        "the log's database was written by a newer version of this program \
         (it is at migration {found}, this version knows {known}): use the newer version"
    )]
    Newer {
        /// The last migration in the database.
        found: i64,
        /// The last one this program knows.
        known: i64,
    },
    /// A log that is only to be read needs migrations that only whoever writes it may apply.
    #[error(
        "the log's database was written by an older version of this program, and is only read here: \
         `parcours serve` brings it up to date"
    )]
    Older,
    /// A log that is only to be read is not there.
    #[error("there is no log there")]
    Absent,
    /// What the database holds contradicts itself. To be looked at by a person, with a backup at hand.
    #[error("the log's database is damaged: {0}")]
    Damaged(String),
    /// The log that this program has open is no longer the one that it opened. It neither appends to it nor follows it any
    /// more: what it knows is not so of what is there now.
    #[error("the log was replaced while this program had it open: {0}. {todo}", todo = LogError::REPLACED)]
    Replaced(String),
    /// A stored entry which this version of the program cannot read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The program was told to keep the log where it cannot be.
    #[error("the log cannot be kept there: {0}")]
    Misplaced(String),
}

impl LogError {
    /// What to do about a log that was replaced.
    pub(crate) const REPLACED: &str = "Nothing is appended to it or told of it until the program is started again: put \
        the log that is meant in its place before, and views that are of another history are then made anew";

    /// Another entry stands at this position than the one that is known.
    pub(crate) fn another_entry(position: u64) -> LogError {
        LogError::Replaced(format!(
            "at position {position} stands another entry than the one that was read before, or none any more"
        ))
    }

    /// The head is further back than it was.
    pub(crate) fn gone_back(from: u64, to: u64) -> LogError {
        LogError::Replaced(format!("it had {from} entries, and has {to}"))
    }

    /// A database's own error.
    pub(crate) fn unavailable(error: &dyn Error) -> LogError {
        LogError::Unavailable(with_causes(error))
    }
}

impl From<Newer> for LogError {
    fn from(Newer { found, known }: Newer) -> LogError {
        LogError::Newer { found, known }
    }
}

impl From<Exchanged> for LogError {
    fn from(exchanged: Exchanged) -> LogError {
        LogError::Replaced(exchanged.to_string())
    }
}

impl From<Disturbed> for LogError {
    fn from(disturbed: Disturbed) -> LogError {
        LogError::unavailable(&disturbed)
    }
}

impl From<rusqlite::Error> for LogError {
    fn from(error: rusqlite::Error) -> LogError {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseCorrupt) => LogError::Damaged(format!(
                "{error}. Where a backup was put in its place, the files beside it that end in -wal and -shm are the old \
                 log's: remove them, and put the backup there again"
            )),
            Some(rusqlite::ErrorCode::NotADatabase) => LogError::Misplaced(error.to_string()),
            _ => LogError::unavailable(&error),
        }
    }
}

impl From<tokio_postgres::Error> for LogError {
    fn from(error: tokio_postgres::Error) -> LogError {
        LogError::unavailable(&error)
    }
}

impl From<Fault> for LogError {
    fn from(fault: Fault) -> LogError {
        match fault {
            Fault::Old(_) => LogError::Misplaced(fault.to_string()),
            fault => LogError::Unavailable(fault.to_string()),
        }
    }
}

impl From<UnreadableUrl> for LogError {
    fn from(wrong: UnreadableUrl) -> LogError {
        LogError::Misplaced(wrong.to_string())
    }
}
