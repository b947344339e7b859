//! What the route works with.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use parcours_http::Site;
use tokio::sync::Semaphore;

use super::told::Told;
use crate::{OutcomeReader, Partners};

/// What those who listen may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Streams of server-sent events at the same time; each holds one batch of messages and a connection's buffers.
    pub subscribers: usize,
    /// Between two signs of life on a stream on which nothing else happens.
    pub heartbeat: Duration,
    /// How often streams are woken in a second, all together: where many listen, messages are gathered before they are
    /// sent. To wake each for each message would cost more than the messages, and take it from those who append.
    pub wakes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            subscribers: 1_200,
            heartbeat: Duration::from_secs(15),
            wakes: 2_000,
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
    /// Streams begun so far.
    pub(super) begun: Arc<AtomicU32>,
    pub(super) told: Arc<Told>,
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
            begun: Arc::default(),
            told: Arc::default(),
        }
    }

    /// How long the stream of this number gathers messages: the more streams are open the longer, and each a little
    /// longer or shorter than the others, or all would come at once.
    pub(super) fn pace(&self, number: u32) -> Duration {
        /// Numbers one after another are spread evenly by it, however many there are: the golden ratio's.
        const SPREAD: f64 = 0.618_033_988_749_895;
        let open = self.limits.subscribers - self.streams.available_permits();
        let pace = open as f64 / f64::from(self.limits.wakes);
        Duration::from_secs_f64(pace * (0.5 + (f64::from(number) * SPREAD).fract()))
    }
}
