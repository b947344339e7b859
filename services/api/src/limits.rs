//! What events, one request or all together, may take. Every limit has its own error.

pub use crate::events::Pace;
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
    /// Streams that are open at the same time, of which one client has at most half. One more takes the place of the one
    /// that has waited longest for its sender. Each holds a line at most while it waits.
    pub streams: usize,
    /// Groups of lines in memory, of all streams together: three of one that comes at full speed.
    pub groups: usize,
    /// All bodies, of events and lists, that are in memory at the same time.
    pub bodies: usize,
    /// Results of one stream that wait on disk for a sender who reads nothing before having sent all.
    pub spool: u64,
    /// Where they wait.
    pub spool_folder: PathBuf,
    /// The pace of a body, and of a line that was begun. The worst line of a telephone is twice as quick.
    pub pace: Pace,
    /// The pace at which a body keeps its room while others wait for it.
    pub brisk: Pace,
    /// The wait for the next line of a stream, whose sender may tell what happens when it happens.
    pub quiet: Duration,
    /// The wait for room for a body, and for the sender of a stream to take the next results.
    pub stall: Duration,
    /// The wait for the whole body of an event or a list, at whatever pace it comes.
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
            streams: 128,
            groups: 24,
            bodies: 32 << 20,
            spool: 2 << 30,
            spool_folder: std::env::temp_dir(),
            pace: Pace {
                rate: 1 << 10,
                pause: Duration::from_secs(15),
            },
            brisk: Pace {
                rate: 64 << 10,
                pause: Duration::from_secs(2),
            },
            quiet: Duration::from_secs(300),
            stall: Duration::from_secs(30),
            body_time: Duration::from_secs(300),
            // Longer than the log waits for its database to commit, so that it is asked first what became of it.
            append: Duration::from_secs(15),
        }
    }
}
