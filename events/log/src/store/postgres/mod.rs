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

use tokio_postgres::{Client, Config};

use super::migrations::SCHEMA;
use crate::LogError;
use crate::database::open_postgres;

/// The channel on which each commit tells the size of the log.
const CHANNEL: &str = "parcours_log";
/// How long to wait for a server to accept a connection, unless the URL says otherwise.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long one question may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// Every question asked here is a walk along one index. A planner without statistics (the log of an import that
/// has just run) believes in other ways, such as sorting half of the log: they are closed to it.
const PLANS: &str = "-c enable_bitmapscan=off -c enable_hashjoin=off -c enable_mergejoin=off \
                     -c enable_seqscan=off -c enable_sort=off -c jit=off";

/// Reads the URL, and sets what it leaves open.
fn config(url: &str) -> Result<Config, LogError> {
    // The error is not shown: it may quote the URL, and with it the password.
    let wrong = |_| {
        LogError::Misplaced(
            "the PostgreSQL URL cannot be read: expected postgres://USER@HOST/DATABASE".into(),
        )
    };
    let mut config: Config = url.parse().map_err(wrong)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_LIMIT);
    }
    let options = config
        .get_options()
        .map_or_else(|| PLANS.to_owned(), |own| format!("{PLANS} {own}"));
    config.options(options);
    if config.get_application_name().is_none() {
        config.application_name("parcours-log");
    }
    Ok(config)
}

/// What a standby does not have says nothing: it may only be behind.
fn standby() -> LogError {
    LogError::Unavailable("the server that answers is a standby, and may be behind".into())
}

/// Opens one connection, driven by a task of the current runtime which ends with the client.
async fn connect(config: &Config) -> Result<Client, LogError> {
    Ok(open_postgres(config, SCHEMA.of).await?)
}

/// Gives up after [`ANSWER_LIMIT`].
async fn in_time<T>(answer: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, LogError> {
    match tokio::time::timeout(ANSWER_LIMIT, answer).await {
        Ok(answer) => Ok(answer?),
        Err(_) => Err(LogError::Unavailable(format!(
            "no answer in {} s",
            ANSWER_LIMIT.as_secs()
        ))),
    }
}
