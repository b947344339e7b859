//! Messages as server-sent events.
//!
//! A stream is a cursor and one batch: it reads when its client has taken what it has, so a slow client costs no
//! memory, and falls back to reading the view when the last messages have moved on. It ends when the service stops, or
//! when the view cannot be read: the client comes back with the last `id` it has.

use std::collections::vec_deque::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use metrics::gauge;
use parcours_http::problem::{Problem, kinds};
use parcours_projections::outcomes::{Filter, Key, OutcomeRow};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;

use super::OutcomesState;
use crate::{Audience, Batch};

/// Messages read at once: few, since each waiting client holds them.
const BATCH: usize = 64;
/// How soon a client whose stream has ended is asked to come back.
const RETRY: Duration = Duration::from_secs(2);

/// One client's place in the list.
struct Subscription {
    state: OutcomesState,
    audience: Audience,
    filter: Filter,
    /// Up to where the messages are read.
    reached: Option<Key>,
    /// Those read and not sent yet.
    batch: VecDeque<Arc<OutcomeRow>>,
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
    cursor: Option<Key>,
) -> Result<Response, Problem> {
    let permit = state.streams.clone().try_acquire_owned().map_err(|_| {
        let streams = state.limits.subscribers;
        let detail = format!("{streams} streams are open, which is all at a time. Read the list meanwhile.");
        Problem::new(&kinds::BUSY, detail).limit(streams)
    })?;
    let mut subscription = Subscription {
        state: state.clone(),
        audience,
        filter,
        reached: cursor,
        batch: VecDeque::new(),
        more: true,
        _listening: Listening::new(permit),
    };
    let first = state.reader.follow(cursor, &subscription.filter, BATCH).await?;
    subscription.take(first);
    // Sent at once, so that the client knows that it listens.
    let hello = Event::default().retry(RETRY);
    let messages = stream::unfold((subscription, Some(hello)), async |(mut subscription, hello)| {
        let event = match hello {
            Some(hello) => hello,
            None => subscription.next().await?,
        };
        Some((Ok::<_, Infallible>(event), (subscription, None)))
    });
    let heartbeat = KeepAlive::new().interval(state.limits.heartbeat);
    Ok(Sse::new(messages).keep_alive(heartbeat).into_response())
}

impl Subscription {
    fn take(&mut self, batch: Batch) {
        self.batch.extend(batch.messages);
        self.reached = batch.reached;
        self.more = batch.more;
    }

    /// The next message; none when the stream ends.
    async fn next(&mut self) -> Option<Event> {
        let stopping = self.state.site.stopping.clone();
        stopping.run_until_cancelled(self.wait()).await.flatten()
    }

    async fn wait(&mut self) -> Option<Event> {
        loop {
            while let Some(message) = self.batch.pop_front() {
                if let Some(message) = self.audience.message(&message) {
                    let text = String::from_utf8(message.to_json()).ok()?;
                    return Some(Event::default().id(&message.id).data(text));
                }
            }
            if !self.more {
                self.state.reader.wait_after(self.reached).await;
                sleep(self.state.limits.pace).await;
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
