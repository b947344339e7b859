//! How publishing goes: for `/health/ready`, for metrics, and for a progress bar.

use metrics::{counter, describe_counter, describe_gauge, gauge};
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
