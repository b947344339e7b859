//! The NATS server, as an administrator and a partner use it: without the service.

use crate::partner::PARTNER;
use anyhow::{Context, bail, ensure};
use async_nats::HeaderMap;
use async_nats::jetstream::consumer::{AckPolicy, Consumer, pull};
use async_nats::jetstream::context::{ContextBuilder, GetStreamErrorKind};
use async_nats::jetstream::{Context as JetStream, ErrorCode};
use bytes::Bytes;
use futures_util::TryStreamExt;
use parcours_outcomes::jetstream::{NatsOptions, STREAM};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// Publishes that are not acknowledged yet, of a bare pipelined publish: async-nats' own default is 256,000, which is
/// no window but all of them.
const WINDOW: usize = 4_096;
/// What does not happen within this time never will.
const PATIENCE: Duration = Duration::from_secs(600);

/// A connection of the bench's own.
pub struct Server(JetStream);

/// A message as it is stored.
pub struct Stored {
    subject: String,
    headers: HeaderMap,
    payload: Bytes,
}

impl Server {
    /// Connects.
    pub async fn connect(options: &NatsOptions) -> anyhow::Result<Self> {
        ensure!(
            options.login.is_none(),
            "the bench makes and removes streams: give it a NATS server of its own, where everybody may"
        );
        let client = async_nats::connect(options.url.split(',').collect::<Vec<_>>())
            .await
            .context("the NATS server cannot be reached")?;
        let context = ContextBuilder::new().max_ack_inflight(WINDOW).build(client);
        Ok(Self(context))
    }

    /// Nobody's stream is measured with, or removed.
    pub async fn must_have_no_stream(&self) -> anyhow::Result<()> {
        match self.0.get_stream(STREAM).await {
            Ok(_) => bail!("the NATS server has a stream {STREAM}: the bench needs a server without"),
            Err(error) => match error.kind() {
                GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {
                    Ok(())
                }
                _ => Err(error.into()),
            },
        }
    }

    /// Removes the stream, if there is one.
    pub async fn remove(&self) -> anyhow::Result<()> {
        if self.must_have_no_stream().await.is_err() {
            self.0.delete_stream(STREAM).await?;
        }
        Ok(())
    }

    /// The partner's consumer, once it is there.
    pub async fn consumer(&self) -> anyhow::Result<Consumer<pull::Config>> {
        let look = async {
            loop {
                let found = self.0.get_consumer_from_stream(PARTNER, STREAM).await;
                if let Ok(consumer) = found {
                    return consumer;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, look)
            .await
            .context("the service makes the partner's consumer")
    }

    /// Every message of the stream.
    pub async fn stored(&self) -> anyhow::Result<Vec<Stored>> {
        let stream = self.0.get_stream(STREAM).await?;
        let number = usize::try_from(stream.cached_info().state.messages)?;
        let config = pull::Config {
            ack_policy: AckPolicy::None,
            ..pull::Config::default()
        };
        let mut messages = stream.create_consumer(config).await?.messages().await?;
        let mut stored = Vec::with_capacity(number);
        while stored.len() < number {
            let message = messages
                .try_next()
                .await?
                .context("the stream ends early")?
                .message;
            let mut headers = HeaderMap::new();
            for (name, values) in message.headers.iter().flat_map(HeaderMap::iter) {
                // What belongs to the batch it came with, and not to the message.
                let name = name.to_string();
                let of_the_batch = ["Nats-Batch-", "Nats-Expected-"];
                if !of_the_batch.iter().any(|beginning| name.starts_with(beginning)) {
                    values
                        .iter()
                        .for_each(|value| headers.append(name.as_str(), value.as_str()));
                }
            }
            stored.push(Stored {
                subject: message.subject.to_string(),
                headers,
                payload: message.payload,
            });
        }
        Ok(stored)
    }

    /// Publishes the messages to an empty stream like the one there is, one by one, a window of them at a time on their
    /// way; gives the time until the last is acknowledged.
    pub async fn publish_bare(&self, messages: Vec<Stored>) -> anyhow::Result<Duration> {
        let config = self.0.get_stream(STREAM).await?.cached_info().config.clone();
        self.remove().await?;
        self.0.create_stream(config).await?;
        let number = messages.len() as u64;
        let began = Instant::now();
        for message in messages {
            // Not waited for: the context holds back when the window is full.
            self.0
                .publish_with_headers(message.subject, message.headers, message.payload)
                .await?;
        }
        timeout(PATIENCE, self.0.wait_for_acks()).await?;
        let took = began.elapsed();
        let held = self.0.get_stream(STREAM).await?.cached_info().state.messages;
        ensure!(
            held == number,
            "of {number} messages published bare, {held} are there"
        );
        Ok(took)
    }
}
