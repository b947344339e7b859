//! What can go wrong with the views.

use std::error::Error;

use parcours_log::LogError;
use parcours_log::database::{Exchanged, Newer, with_causes};

use crate::Indigestible;

/// A view cannot do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ViewError {
    /// The views' database did not answer, or had no room. To be tried again later.
    #[error("the views' database is unavailable: {0}")]
    Unavailable(String),
    /// The database has migrations that this program does not know.
    #[error(
        "the views' database was written by a newer version of this program \
         (it is at migration {found}, this version knows {known}): use the newer version, or another database for the views"
    )]
    Newer {
        /// The last migration in the database.
        found: i64,
        /// The last one this program knows.
        known: i64,
    },
    /// There is no view of this name.
    #[error("there is no view {0:?}")]
    Unknown(String),
    /// The view is being built for the first time and cannot answer yet.
    #[error("the view {0:?} is being built and cannot answer yet")]
    NotBuilt(String),
    /// The view has not come so far within the time allowed.
    #[error("the view has digested {checkpoint} entries, not yet the one asked for")]
    Behind {
        /// The number of entries it has digested.
        checkpoint: u64,
    },
    /// The view is being rebuilt already, by this process or another.
    #[error("the view {0:?} is being rebuilt already")]
    Rebuilding(String),
    /// The rebuild was cancelled; the next one goes on from there.
    #[error("the rebuild was cancelled; the next one goes on from there")]
    Cancelled,
    /// An event of which the view does not know what to make, or that cannot be read.
    #[error("the view {view:?} is stopped: {cause}")]
    Stopped {
        /// The view.
        view: String,
        /// The event, and what is wrong.
        cause: Indigestible,
    },
    /// An entry is to be passed over that stands in no view's way.
    #[error("the entry at position {position} cannot be passed over: {detail}")]
    NothingToPassOver {
        /// The position.
        position: u64,
        /// Why.
        detail: String,
    },
    /// The file of the views is no longer where it was opened.
    #[error("{0} under this program: start it again, and the views are made anew where they must be")]
    Exchanged(#[from] Exchanged),
    /// What the database gives back is not what was written.
    #[error(
        "the views' database is damaged ({0}): stop whoever uses it, remove its file with those that have -wal and -shm \
         behind the same name, and start again: the views are made anew from the log"
    )]
    Damaged(String),
    /// The view knows of a history that the log does not have. It does not answer before it is rebuilt.
    #[error(
        "the view {view:?} is of another history than the log: {}. It answers again once it is rebuilt",
        ViewError::DIVERGED
    )]
    Diverged {
        /// The view.
        view: String,
    },
    /// The view's file was removed under the program, or is damaged: the program has to be started again.
    #[error("the view {view:?} is lost: {detail}")]
    Lost {
        /// The view.
        view: String,
        /// What became of its file.
        detail: String,
    },
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The program was told to keep the views where they cannot be.
    #[error("the views cannot be kept there: {0}")]
    Misplaced(String),
}

impl ViewError {
    /// How a view comes to be of another history than the log.
    pub(crate) const DIVERGED: &str = "the log was restored to an earlier state, or is another one";

    /// Whether the views' database will not do again what it must before the program is started anew.
    pub(crate) fn is_for_good(&self) -> bool {
        matches!(self, ViewError::Exchanged(_) | ViewError::Damaged(_))
    }

    /// A database's own error.
    pub(crate) fn unavailable(error: &dyn Error) -> ViewError {
        ViewError::Unavailable(with_causes(error))
    }
}

impl From<Newer> for ViewError {
    fn from(Newer { found, known }: Newer) -> ViewError {
        ViewError::Newer { found, known }
    }
}
