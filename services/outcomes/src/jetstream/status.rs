//! How publishing goes: for `/health/ready`, for metrics, and for a progress bar.

use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};
use parcours_projections::outcomes::{Cursor, VIEW};
use tokio::sync::watch;

use crate::OutcomeReader;

/// How publishing goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Why nothing can be published now; `None` while all goes well.
    pub trouble: Option<String>,
    /// Whether the stream was reached since the start.
    pub reached_stream: bool,
    /// The position of the log up to which all outcomes are in the stream, as far as is known.
    pub position: Option<u64>,
    /// Messages stored since the start.
    pub stored: u64,
    /// The notices to forget that are still to be worked off.
    pub notices: Notices,
}

/// Notices to forget, and what they speak of still in the stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notices {
    /// How many wait; `None` until the stream said so.
    pub waiting: Option<u64>,
    /// When the oldest of them was published.
    pub oldest: Option<DateTime<Utc>>,
    /// Why the last ones could not be worked off; `None` while that goes well.
    pub trouble: Option<String>,
}

/// Notices are worked off within a second or two; the messages of a partner with many are read in some seconds.
const LATE: Duration = Duration::from_secs(60);

impl Status {
    /// What does not go well at this time, if anything does not.
    pub fn problem(&self, now: DateTime<Utc>) -> Option<String> {
        let Notices { waiting, trouble, .. } = &self.notices;
        let late = self.notices.age(now).filter(|age| *age >= LATE);
        let not_forgotten = match (trouble, late) {
            (Some(trouble), _) => Some(format!(
                "what is to be forgotten is still in the stream: {trouble}"
            )),
            (None, Some(age)) => Some(format!(
                "what is to be forgotten is still in the stream: {} notices wait, the oldest for {} s",
                waiting.unwrap_or_default(),
                age.as_secs()
            )),
            (None, None) => None,
        };
        self.trouble.clone().or(not_forgotten)
    }
}

impl Notices {
    /// For how long the oldest waits.
    pub fn age(&self, now: DateTime<Utc>) -> Option<Duration> {
        self.oldest
            .map(|oldest| (now - oldest).to_std().unwrap_or_default())
    }
}

/// Names what is counted.
pub fn describe() {
    describe_gauge!(
        "parcours_jetstream_position",
        "The position of the log up to which all outcomes are in the stream; -1 before the first."
    );
    describe_gauge!(
        "parcours_jetstream_lag",
        "Entries of the log that the view of outcomes has digested and the stream has not."
    );
    describe_gauge!("parcours_jetstream_up", "1 while outcomes can be published.");
    describe_gauge!(
        "parcours_jetstream_notices_waiting",
        "Notices to forget whose messages are still to be removed from the stream."
    );
    describe_gauge!(
        "parcours_jetstream_oldest_notice_seconds",
        Unit::Seconds,
        "How long the oldest of them waits; 0 if none does."
    );
    describe_counter!(
        "parcours_jetstream_notices_total",
        "Notices to forget by what became of them: done, or failed and handed back."
    );
    describe_counter!(
        "parcours_jetstream_messages_total",
        "Messages stored in the stream."
    );
    describe_counter!(
        "parcours_jetstream_failures_total",
        "Times that publishing had to begin again because the server failed, refused or did not answer."
    );
    describe_counter!(
        "parcours_jetstream_conflicts_total",
        "Times that publishing had to begin again because the stream had changed: another publisher, or a stream made anew."
    );
}

/// Where it is told.
#[derive(Clone)]
pub(super) struct Report(watch::Sender<Status>);

impl Report {
    pub fn new() -> (Self, watch::Receiver<Status>) {
        let (sender, receiver) = watch::channel(Status::default());
        (Self(sender), receiver)
    }

    /// So many messages were stored.
    pub fn stored(&self, messages: usize) {
        counter!("parcours_jetstream_messages_total").increment(messages as u64);
        self.0.send_modify(|status| status.stored += messages as u64);
    }

    /// Messages stored since the start.
    pub fn stored_so_far(&self) -> u64 {
        self.0.borrow().stored
    }

    /// Everything up to here is in the stream, whose end was seen.
    pub fn reached(&self, reached: Option<Cursor>, reader: &OutcomeReader) {
        let position = reached.map(|reached| reached.key.position);
        let digested = reader.views().checkpoint(VIEW.name);
        let lag = digested.saturating_sub(position.map_or(0, |position| position + 1));
        gauge!("parcours_jetstream_up").set(1.0);
        gauge!("parcours_jetstream_position").set(position.map_or(-1.0, |position| position as f64));
        gauge!("parcours_jetstream_lag").set(lag as f64);
        self.0.send_modify(|status| {
            status.position = position;
            status.reached_stream = true;
            status.trouble = None;
        });
    }

    /// So many notices to forget wait, the oldest since then.
    pub fn notices_wait(&self, waiting: u64, oldest: Option<DateTime<Utc>>) {
        let age = oldest.map_or(0, |oldest| (Utc::now() - oldest).num_seconds().max(0));
        gauge!("parcours_jetstream_notices_waiting").set(waiting as f64);
        gauge!("parcours_jetstream_oldest_notice_seconds").set(age as f64);
        self.0.send_modify(|status| {
            status.notices.waiting = Some(waiting);
            status.notices.oldest = oldest;
            if waiting == 0 {
                status.notices.trouble = None;
            }
        });
    }

    /// These were worked off.
    pub fn notices_done(&self, notices: usize) {
        counter!("parcours_jetstream_notices_total", "result" => "done").increment(notices as u64);
    }

    /// All that were in hand were worked off.
    pub fn forgetting_goes_well(&self) {
        self.0.send_modify(|status| status.notices.trouble = None);
    }

    /// These were not worked off. Tells whether the cause is news.
    pub fn forgetting_failed(&self, notices: usize, cause: &str) -> bool {
        counter!("parcours_jetstream_notices_total", "result" => "failed").increment(notices as u64);
        let mut news = false;
        self.0.send_modify(|status| {
            news = status.notices.trouble.as_deref() != Some(cause);
            status.notices.trouble = Some(cause.to_owned());
        });
        news
    }

    /// The stream was not as it was thought to be.
    pub fn conflict(&self) {
        counter!("parcours_jetstream_conflicts_total").increment(1);
    }

    /// Nothing can be published now. Tells whether that is news.
    pub fn failed(&self, cause: &str) -> bool {
        counter!("parcours_jetstream_failures_total").increment(1);
        gauge!("parcours_jetstream_up").set(0.0);
        let mut news = false;
        self.0.send_modify(|status| {
            news = status.trouble.as_deref() != Some(cause);
            status.trouble = Some(cause.to_owned());
        });
        news
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_notice_that_waits_too_long_is_a_problem_though_nothing_has_failed() {
        let now = Utc::now();
        let waiting = |seconds| Status {
            notices: Notices {
                waiting: Some(3),
                oldest: Some(now - TimeDelta::seconds(seconds)),
                trouble: None,
            },
            ..Status::default()
        };
        assert_eq!(waiting(20).problem(now), None);
        let told = waiting(75).problem(now).unwrap();
        assert!(told.contains("3 notices") && told.contains("75 s"), "{told}");
    }
}
