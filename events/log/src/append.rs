//! What is asked of the log, and what it answers.

use std::sync::Arc;

use parcours_model::{EventKey, Refusal, StreamId, Submission};

use crate::LogError;

/// Events to be appended together or not at all. The rules judge them together: what one makes possible, another may be.
#[derive(Debug, Clone)]
pub struct Append {
    /// The events, in the order in which they shall stand. They may belong to several streams.
    pub submissions: Vec<Submission>,
    /// Revisions that streams must have when this append begins; 0 for a stream that must not exist yet.
    pub expected: Vec<(StreamId, u64)>,
    /// Who brings them: the `actor` of every entry, and of the consequences.
    pub actor: Arc<str>,
    /// Only to be decided, and not recorded.
    pub dry_run: bool,
}

impl Append {
    /// One event, to be recorded wherever its stream stands.
    pub fn one(submission: Submission, actor: Arc<str>) -> Append {
        Append {
            submissions: vec![submission],
            expected: Vec::new(),
            actor,
            dry_run: false,
        }
    }
}

/// Where an event stands in the log; where it would stand, had it not only been tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whether it had been there before this append.
    pub duplicate: bool,
    /// Its index in the log.
    pub position: u64,
    /// Its ordinal in its stream.
    pub revision: u64,
    /// The correction in whose stead a correction stands since then.
    pub supersedes: Option<EventKey>,
}

/// Why nothing of an append was recorded. `index` is that of the submission at fault. Of several faults one is told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Rejection {
    /// Rules do not admit the events.
    #[error("event {index}: {}", refusals.first().map(ToString::to_string).unwrap_or_default())]
    Refused {
        /// Which submission breaks the first of them.
        index: usize,
        /// Which rules, each once, and why: at least one.
        refusals: Vec<Refusal>,
    },
    /// A stream is not where the sender believes it to be.
    #[error("{stream} is at revision {actual}, not {expected}")]
    WrongRevision {
        /// The stream.
        stream: StreamId,
        /// What the sender expected.
        expected: u64,
        /// What it is.
        actual: u64,
    },
    /// The log holds another event of the same source and id.
    #[error(
        "event {index}: its source and id belong to another event, at position {position}, which differs in {differs}"
    )]
    Conflict {
        /// Which submission.
        index: usize,
        /// Where the other event stands.
        position: u64,
        /// Where the two differ first: an attribute, or a path inside `data`.
        differs: String,
    },
    /// The append has another event of the same source and id.
    #[error("event {index}: its source and id belong to another event of the append, event {other}")]
    Twice {
        /// Which submission.
        index: usize,
        /// Which submission is the other.
        other: usize,
    },
    /// The entry would be larger than an entry may be ([`parcours_model::MAX_ENTRY`]).
    #[error(
        "event {index}: its entry would take {bytes} bytes, and {} are allowed",
        parcours_model::MAX_ENTRY
    )]
    TooLarge {
        /// Which submission, or the one whose consequence it is.
        index: usize,
        /// The size of its entry.
        bytes: usize,
    },
    /// The database refuses what the append holds, for this reason. It would do so again.
    #[error("the database refuses to store it: {detail}")]
    Unstorable {
        /// What the database says.
        detail: String,
    },
    /// The log is closed: this program is stopping.
    #[error("the log is closed")]
    Closed,
    /// The database failed. Unless it says otherwise nothing was recorded; to send the same events again is safe.
    #[error(transparent)]
    Unavailable(#[from] LogError),
}

impl Rejection {
    /// The submission at fault, if it is one.
    pub fn index(&self) -> Option<usize> {
        match self {
            Rejection::Refused { index, .. }
            | Rejection::Conflict { index, .. }
            | Rejection::Twice { index, .. }
            | Rejection::TooLarge { index, .. } => Some(*index),
            Rejection::WrongRevision { .. }
            | Rejection::Unstorable { .. }
            | Rejection::Closed
            | Rejection::Unavailable(_) => None,
        }
    }
}
