//! The log in PostgreSQL, in the schema `parcours_log`.
//!
//! Who owns what: the committer's thread the [`writer`]'s connection, the sequencer's the [`loader`]'s, readers
//! borrow theirs from the pool in [`reader`], and [`listen`] keeps one open to hear of other processes' commits. Each
//! finds the server again by itself after it was away.

mod link;
pub(crate) mod listen;
pub(crate) mod loader;
pub(crate) mod reader;
mod scan;
mod shelf;
mod shelve;
pub(crate) mod writer;

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::migrations::SCHEMA;
use crate::LogError;
use crate::postgres::Door;

/// The channel on which each commit tells the size of the log.
const CHANNEL: &str = "parcours_log";
/// How long a commit may take. Then what became of it is looked up.
const COMMIT_LIMIT: Duration = Duration::from_secs(10);

/// Every question asked here is a walk along one index. A planner without statistics (the log of an import that
/// has just run) believes in other ways, such as sorting half of the log: they are closed to it.
const PLANS: &str = "-c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off \
                     -c enable_seqscan=off -c enable_sort=off -c jit=off";

/// Whoever cannot have the head's lock hears of it before [`COMMIT_LIMIT`], and knows that nothing was written. Whoever
/// holds it and hangs, holds up others no longer than this.
const LOCKS: &str = "-c lock_timeout=8s -c idle_in_transaction_session_timeout=30s";

/// What a standby does not have says nothing: it may only be behind.
fn standby() -> LogError {
    LogError::Unavailable("the server that answers is a standby, and may be behind".into())
}

/// The door to the log.
pub(crate) fn door(url: &str, stop: &CancellationToken) -> Result<Door, LogError> {
    let door = Door::to(url, SCHEMA.of, "parcours-log", stop)?;
    Ok(door.with(PLANS).with(LOCKS))
}
