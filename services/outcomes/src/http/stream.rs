//! Messages as server-sent events.
//!
//! A stream is a cursor and one batch: it reads when its client has taken what it has, so a slow client costs no
//! memory, and falls back to reading the view when the last messages have moved on. It ends when the service stops, or
//! when the view cannot be read: the client comes back with the last `id` it has.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use metrics::gauge;
use parcours_http::problem::{Problem, kinds};
use parcours_projections::outcomes::{Cursor, Filter, OutcomeRow};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};

use super::OutcomesState;
use super::told::Words;
use crate::{Audience, Batch};

/// Messages read at once: few, since each waiting client holds them.
const BATCH: usize = 64;
/// How soon a client whose stream has ended is asked to come back.
const RETRY: Duration = Duration::from_secs(2);
/// A sign of life: a comment. No empty line follows, here or at the beginning, for to some readers an empty line ends an
/// event whatever came before it.
const ALIVE: Bytes = Bytes::from_static(b":\n");

/// One client's place in the list.
struct Subscription {
    state: OutcomesState,
    number: u32,
    words: Arc<Words>,
    audience: Audience,
    filter: Filter,
    /// Up to where the messages are read.
    reached: Option<Cursor>,
    /// Those read and not sent yet.
    batch: Vec<Arc<OutcomeRow>>,
    /// Whether there may be more to read right now.
    more: bool,
    _listening: Listening,
}

/// Counts a stream for as long as it is there.
struct Listening(#[expect(dead_code, reason = "held, and given back when dropped")] OwnedSemaphorePermit);

impl Listening {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        gauge!("parcours_outcome_subscribers").increment(1.0);
        Self(permit)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        gauge!("parcours_outcome_subscribers").decrement(1.0);
    }
}

/// Begins a stream. What is wrong before the first message is told as a problem.
pub(super) async fn begin(
    state: OutcomesState,
    audience: Audience,
    filter: Filter,
    cursor: Option<Cursor>,
) -> Result<Response, Problem> {
    let permit = state.streams.clone().try_acquire_owned().map_err(|_| {
        let streams = state.limits.subscribers;
        let detail = parcours_model::Words::new(
            format!("{streams} streams are open, which is all at a time. Read the list meanwhile."),
            format!("{streams} flux sont ouverts, ce qui est le maximum. Lisez la liste en attendant."),
        );
        Problem::new(&kinds::BUSY, detail).limit(streams)
    })?;
    let mut subscription = Subscription {
        number: state.begun.fetch_add(1, Ordering::Relaxed),
        words: state.told.to(&audience),
        state: state.clone(),
        audience,
        filter,
        reached: cursor,
        batch: Vec::new(),
        more: true,
        _listening: Listening::new(permit),
    };
    let first = state.reader.follow(cursor, &subscription.filter, BATCH).await?;
    subscription.take(first);
    // Sent at once, so that the client knows that it listens.
    let hello = Bytes::from(format!("retry: {}\n", RETRY.as_millis()));
    let events = stream::unfold((subscription, Some(hello)), async |(mut subscription, hello)| {
        let events = match hello {
            Some(hello) => hello,
            None => subscription.next().await?,
        };
        Some((Ok::<_, Infallible>(events), (subscription, None)))
    });
    let media = [(header::CONTENT_TYPE, "text/event-stream")];
    Ok((media, Body::from_stream(events)).into_response())
}

impl Subscription {
    fn take(&mut self, batch: Batch) {
        self.batch = batch.messages;
        self.reached = batch.reached;
        self.more = batch.more;
    }

    /// The next messages, or a sign of life if there are none for long; none when the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        let stopping = self.state.site.stopping.clone();
        let next = timeout(self.state.limits.heartbeat, self.wait());
        let next = stopping.run_until_cancelled(next).await?;
        next.unwrap_or(Some(ALIVE))
    }

    /// All that is read, at once: what is sent together costs little more than one message.
    async fn wait(&mut self) -> Option<Bytes> {
        loop {
            let batch = std::mem::take(&mut self.batch);
            let events = self.words.events(&self.audience, &batch);
            if !events.is_empty() {
                return Some(events);
            }
            if !self.more {
                self.state.reader.wait_after(self.reached).await;
                sleep(self.state.pace(self.number)).await;
            }
            match self.state.reader.follow(self.reached, &self.filter, BATCH).await {
                Ok(batch) => self.take(batch),
                Err(error) => {
                    tracing::warn!(partner = self.audience.name(), %error, "a stream of outcomes ends: its client will resume it");
                    return None;
                }
            }
        }
    }
}
