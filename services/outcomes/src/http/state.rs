//! What the route works with.

use std::sync::Arc;
use std::time::Duration;

use parcours_http::Site;
use tokio::sync::Semaphore;

use crate::{OutcomeReader, Partners};

/// What those who listen may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Streams of server-sent events at the same time; each holds one batch of messages and a connection's buffers.
    pub subscribers: usize,
    /// Between two signs of life on a stream on which nothing else happens.
    pub heartbeat: Duration,
    /// Messages of a stream that are gathered before they are sent: many listen, and to wake each for each message would
    /// cost more than the messages.
    pub pace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            subscribers: 1_200,
            heartbeat: Duration::from_secs(15),
            pace: Duration::from_millis(25),
        }
    }
}

/// The partners, and the reader that serves them. Cheap to clone.
#[derive(Clone)]
pub struct OutcomesState {
    pub(super) site: Site,
    pub(super) reader: OutcomeReader,
    pub(super) partners: Arc<Partners>,
    pub(super) limits: Arc<Limits>,
    /// A permit a stream.
    pub(super) streams: Arc<Semaphore>,
}

impl OutcomesState {
    /// Serves `partners` and everybody with what `reader` reads.
    pub fn new(site: Site, reader: OutcomeReader, partners: Partners, limits: Limits) -> Self {
        OutcomesState {
            site,
            reader,
            partners: Arc::new(partners),
            streams: Arc::new(Semaphore::new(limits.subscribers)),
            limits: Arc::new(limits),
        }
    }
}
