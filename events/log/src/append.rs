//! What is asked of the log, and what it answers.

use std::sync::Arc;

use parcours_model::{Refusal, StreamId, Submission};

use crate::LogError;

/// Events to be appended together or not at all.
#[derive(Debug, Clone)]
pub struct Append {
    /// The events, in the order in which they shall stand. They may belong to several streams.
    pub submissions: Vec<Submission>,
    /// Revisions that streams must have when this append begins; 0 for a stream that must not exist yet.
    pub expected: Vec<(StreamId, u64)>,
    /// Who brings them: the `actor` of every entry, and of the consequences.
    pub actor: Arc<str>,
}

/// Where an event stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    /// Whether it had been there before this append.
    pub duplicate: bool,
    /// Its index in the log.
    pub position: u64,
    /// Its ordinal in its stream.
    pub revision: u64,
}

/// Why nothing of an append was recorded. `index` is that of the submission at fault. Of several faults one is told.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Rejection {
    /// A rule does not admit the event.
    #[error("event {index}: {refusal}")]
    Refused {
        /// Which submission.
        index: usize,
        /// Which rule, and why.
        refusal: Box<Refusal>,
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
    #[error("event {index}: its source and id belong to another event, at position {position}")]
    Conflict {
        /// Which submission.
        index: usize,
        /// Where the other event stands, or would have stood if it is of the same append.
        position: u64,
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
    /// The log is closed: this program is stopping.
    #[error("the log is closed")]
    Closed,
    /// The database failed. Unless it says otherwise nothing was recorded; to send the same events again is safe.
    #[error(transparent)]
    Unavailable(#[from] LogError),
}
