//! The stream of outcomes on NATS, as an administrator sees it: every message, whoever it is for.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, Info, RawMessageErrorKind};
use async_nats::jetstream::{self, Context};
use async_nats::{ConnectOptions, ServerAddr};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::nats_servers::ADMINISTRATOR;
use crate::wait::wait_for;

const ANSWERED_WITHIN: Duration = Duration::from_secs(60);
const STREAM: &str = "OUTCOMES";

/// A connection that looks at the stream.
#[derive(Debug)]
pub struct NatsStream {
    runtime: Runtime,
    context: Context,
}

/// A message of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its subject.
    pub subject: String,
    /// Its `Nats-Msg-Id`.
    pub id: String,
    /// The outcome.
    pub outcome: Value,
}

impl Stored {
    /// Whom it is for.
    pub fn audience(&self) -> &str {
        self.subject.split('.').nth(1).expect("a subject has five parts")
    }
}

impl NatsStream {
    /// Connects to the servers at `url`, as their administrator.
    pub fn open(url: &str) -> NatsStream {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime starts");
        let servers: Vec<ServerAddr> = url.split(',').map(|url| url.parse().unwrap()).collect();
        let context = runtime.block_on(async {
            let (user, password) = ADMINISTRATOR;
            let options = ConnectOptions::with_user_and_password(user.to_owned(), password.to_owned())
                .retry_on_initial_connect()
                .ping_interval(Duration::from_secs(2))
                .request_timeout(Some(Duration::from_secs(2)))
                .reconnect_delay_callback(|_| Duration::from_millis(50));
            let client = options.connect(servers).await.unwrap();
            // It has a task of its own: made where there is a runtime.
            jetstream::new(client)
        });
        NatsStream { runtime, context }
    }

    /// How the stream is; `None` if there is none, or nobody says.
    pub fn info(&self) -> Option<Info> {
        let stream = self.runtime.block_on(self.context.get_stream(STREAM)).ok()?;
        Some(stream.cached_info().clone())
    }

    /// How many messages it holds, as far as anybody says.
    pub fn size(&self) -> u64 {
        self.info().map_or(0, |info| info.state.messages)
    }

    /// The number of the server that leads the stream, once there is one.
    pub fn leader(&self) -> usize {
        wait_for("the stream has a leader", ANSWERED_WITHIN, || {
            let name = self.info()?.cluster?.leader?;
            name.strip_prefix('n')?.parse().ok()
        })
    }

    /// Whether every copy of the stream is there and up to date.
    pub fn is_whole(&self) -> bool {
        let cluster = self.info().and_then(|info| info.cluster);
        cluster.is_some_and(|cluster| {
            cluster.leader.is_some()
                && cluster
                    .replicas
                    .iter()
                    .all(|replica| replica.current && !replica.offline)
        })
    }

    /// Makes a stream of this configuration.
    pub fn make(&self, config: Config) {
        self.runtime.block_on(self.context.create_stream(config)).unwrap();
    }

    /// Removes the stream.
    pub fn remove(&self) {
        wait_for("the stream is removed", ANSWERED_WITHIN, || {
            self.runtime.block_on(self.context.delete_stream(STREAM)).ok()
        });
    }

    /// Removes every message.
    pub fn empty(&self) {
        let stream = self.runtime.block_on(self.context.get_stream(STREAM)).unwrap();
        self.runtime.block_on(stream.purge().into_future()).unwrap();
    }

    /// Publishes something on a subject, as anybody may where nothing is forbidden.
    pub fn publish(&self, subject: &str) {
        let published = async {
            self.context
                .publish(subject.to_owned(), "{}".into())
                .await
                .unwrap()
                .await
                .unwrap();
        };
        self.runtime.block_on(published);
    }

    /// Every message that was not removed, in order.
    pub fn stored(&self) -> Vec<Stored> {
        let stream = self
            .runtime
            .block_on(self.context.get_stream(STREAM))
            .expect("there is a stream");
        let state = &stream.cached_info().state;
        let read = |sequence| {
            let message = match self.runtime.block_on(stream.get_raw_message(sequence)) {
                Err(error) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => return None,
                message => message.unwrap(),
            };
            Some(Stored {
                subject: message.subject.to_string(),
                id: message.headers.get("Nats-Msg-Id").unwrap().to_string(),
                outcome: serde_json::from_slice(&message.payload).unwrap(),
            })
        };
        match state.messages {
            0 => Vec::new(),
            _ => (state.first_sequence..=state.last_sequence)
                .filter_map(read)
                .collect(),
        }
    }
}
