//! How the log is, as health tells it: what it holds, and whether it takes more.
//!
//! Whether it does is known from what the writer last did. Where that was a failure, or some time ago, the log is taken to
//! the present, which writes no entry, but goes the way of one: so health tells the truth of a service to which nobody
//! sends anything, and hears when what was wrong is over.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use parcours_log::{Head, Log, Writing};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

/// The log answers, and takes what it is given, within this time, or counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(2);
/// What was written this long ago says nothing of now.
const RECENT: TimeDelta = TimeDelta::seconds(10);

/// How the log is.
#[derive(Serialize, ToSchema)]
pub(super) struct LogHealth {
    /// Whether it answers.
    reachable: bool,
    /// The number of its entries, as far as is known.
    size: u64,
    /// Present while the last entry is dated ahead of the clock. The service does its work, and keeps to the clock; but
    /// every entry bears that time until it has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockHealth>,
    /// What was last written.
    writer: WriterHealth,
    /// Bytes that are free where the log is kept; absent if it is kept by a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    free_bytes: Option<u64>,
}

/// What the writer of this process last did.
#[derive(Serialize, ToSchema)]
struct WriterHealth {
    /// When it last wrote something that is on disk, or asked for it to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_commit: Option<String>,
    /// Present while its last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<FailureHealth>,
    /// For how long the oldest event, or attempt to write, that has no answer yet has been waiting.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_waiting_seconds: Option<f64>,
}

/// A failure of the writer.
#[derive(Serialize, ToSchema)]
struct FailureHealth {
    /// When.
    time: String,
    /// Why.
    detail: String,
}

/// A log dated ahead of the clock.
#[derive(Serialize, ToSchema)]
struct ClockHealth {
    /// By so many seconds.
    ahead_seconds: i64,
    /// What that means, in a sentence.
    detail: String,
}

impl LogHealth {
    /// Asks the log, and answers with what is wrong, a sentence each.
    pub async fn ask(log: &Log) -> (LogHealth, Vec<String>) {
        let mut problems = Vec::new();
        let head = match timeout(PATIENCE, log.head()).await {
            Ok(Ok(head)) => Some(head),
            Ok(Err(error)) => {
                problems.push(error.to_string());
                None
            }
            Err(_) => {
                problems.push(format!("the log does not answer within {} s", PATIENCE.as_secs()));
                None
            }
        };
        if head.is_some() {
            problems.extend(try_writing(log).await);
        }
        problems.extend(log.damage().map(|what| format!("the log is damaged: {what}")));
        let health = LogHealth {
            reachable: head.is_some(),
            size: head.as_ref().map_or_else(|| log.size(), |head| head.size),
            clock: head.as_ref().and_then(ClockHealth::of),
            writer: WriterHealth::of(log.writing()),
            free_bytes: log.free_space(),
        };
        (health, problems)
    }
}

/// What is wrong with the writing, if anything is.
async fn try_writing(log: &Log) -> Option<String> {
    let recent = |time: DateTime<Utc>| Utc::now() - time < RECENT;
    let writing = log.writing();
    match writing.waiting {
        Some(waiting) if waiting > PATIENCE => {
            let seconds = waiting.as_secs();
            return Some(format!(
                "the log takes nothing: what it was given {seconds} s ago has no answer yet"
            ));
        }
        // Whoever waits tries.
        Some(_) => {}
        None if writing.failure.is_none() && writing.committed.is_some_and(recent) => {}
        None => {
            let tried = timeout(PATIENCE, log.reach(Utc::now())).await;
            if tried.is_err() {
                let seconds = PATIENCE.as_secs();
                return Some(format!(
                    "the log takes nothing: an attempt to write was not over within {seconds} s"
                ));
            }
        }
    }
    let failed = |(_, why): &(_, String)| format!("the log takes nothing: {why}");
    log.writing().failure.as_ref().map(failed)
}

impl WriterHealth {
    fn of(writing: Writing) -> Self {
        let told = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Millis, true);
        WriterHealth {
            last_commit: writing.committed.map(told),
            last_failure: writing.failure.map(|(time, detail)| FailureHealth {
                time: told(time),
                detail,
            }),
            oldest_waiting_seconds: writing.waiting.map(|waiting| waiting.as_secs_f64()),
        }
    }
}

impl ClockHealth {
    fn of(head: &Head) -> Option<Self> {
        let ahead_seconds = head.ahead(Utc::now())?.num_seconds();
        let until = head.recorded?.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(ClockHealth {
            ahead_seconds,
            detail: format!(
                "until {until} every entry is recorded as of that time: a clock was once set to it"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use parcours_log::tree::Hash;

    fn clock(ahead: TimeDelta) -> Option<ClockHealth> {
        let head = Head {
            size: 1,
            recorded: Some(Utc::now() + ahead),
            root: Hash::of_nothing(),
        };
        ClockHealth::of(&head)
    }

    #[test]
    fn a_log_is_dated_ahead_of_the_clock_when_it_is_by_more_than_clocks_differ() {
        assert!(clock(TimeDelta::seconds(2)).is_none());
        assert!(clock(TimeDelta::hours(-1)).is_none());
        let told = clock(TimeDelta::hours(1)).map(|clock| clock.ahead_seconds);
        assert!(
            told.is_some_and(|seconds| (3_590..=3_600).contains(&seconds)),
            "{told:?}"
        );
    }
}
