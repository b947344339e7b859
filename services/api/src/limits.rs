//! What events, one request or all together, may take. Every limit has its own error.

use std::path::PathBuf;
use std::time::Duration;

/// The limits of what comes in. Sizes in bytes. What holds for every request is in [`parcours_http::Limits`].
#[derive(Clone, Debug)]
pub struct Limits {
    /// The body of one event or of a list.
    pub body: usize,
    /// The events of a list.
    pub batch: usize,
    /// The events of a list that is one decision: all others wait while it is made.
    pub atomic: usize,
    /// One line of a stream. More than an entry may take, since JSON can be written in many ways.
    pub line: usize,
    /// The lines of a stream that are decided together. More of them at once cost memory, fewer cost commits.
    pub group: usize,
    /// Streams at the same time; each holds about three groups in memory.
    pub streams: usize,
    /// All bodies, of events and lists, that are in memory at the same time.
    pub bodies: usize,
    /// Results of one stream that wait on disk for a sender who reads nothing before having sent all.
    pub spool: u64,
    /// Where they wait.
    pub spool_folder: PathBuf,
    /// The wait for the next bytes of a stream, and for its sender to take the next results.
    pub stall: Duration,
    /// The wait for the whole body of an event or a list.
    pub body_time: Duration,
    /// The wait for the log to decide and record: of an event, of a list that is one decision, of a group of others.
    pub append: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            body: 8 << 20,
            batch: 10_000,
            atomic: 1_000,
            line: 256 << 10,
            group: 1_000,
            streams: 8,
            bodies: 32 << 20,
            spool: 2 << 30,
            spool_folder: std::env::temp_dir(),
            stall: Duration::from_secs(30),
            body_time: Duration::from_secs(60),
            // Longer than the log waits for its database to commit, so that it is asked first what became of it.
            append: Duration::from_secs(15),
        }
    }
}
