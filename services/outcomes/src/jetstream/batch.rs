//! Several messages stored as one, or none of them (ADR-50 of NATS, servers from 2.12 on).
//!
//! A batch that is not finished in time is given up by the server. Those of 2.12 count from its first message, later ones
//! from its latest: over a slow network a batch may be too large for the former. So one that was given up is followed by
//! smaller ones for a while, see [`Room`].

use std::sync::atomic::{AtomicUsize, Ordering};

use async_nats::client::RequestErrorKind;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{Request, header};
use uuid::Uuid;

use super::api::{Api, refusal, refused};
use super::contents::{ID, Message};
use super::stream::STREAM;
use super::subject::is_of_stream;
use super::tail::Tail;
use crate::OutcomesError;

/// Messages that may be stored as one: the limit of the servers.
pub(super) const LARGEST: usize = 1_000;

const WHAT: &str = "store messages";

/// How many messages are stored as one: as many as may be, and half as many each time that a batch is given up.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

impl Room {
    pub fn new() -> Self {
        Self(AtomicUsize::new(LARGEST))
    }

    /// So many. What must be stored together is, however many messages it has.
    pub fn now(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    fn stored(&self) {
        self.0.store((2 * self.now()).min(LARGEST), Ordering::Relaxed);
    }

    fn given_up(&self) {
        self.0.store((self.now() / 2).max(1), Ordering::Relaxed);
    }
}

/// Stores `messages` at the end of the stream, if that is where it is thought to be; gives the number of the last one.
///
/// When it fails, nothing is known: an answer may be lost, and what is on its way may still arrive. It does no harm
/// then, since it too is only taken where the stream ends so.
pub(super) async fn store(
    api: &Api,
    room: &Room,
    messages: Vec<Message>,
    tail: Tail,
) -> Result<u64, OutcomesError> {
    let several = messages.len() > 1;
    let stored = api.permitted(WHAT, is_of_stream, send(api, messages, tail)).await;
    match stored {
        Ok(_) if several => room.stored(),
        Err(OutcomesError::NatsGaveUp(_)) => room.given_up(),
        _ => {}
    }
    stored
}

async fn send(api: &Api, messages: Vec<Message>, tail: Tail) -> Result<u64, OutcomesError> {
    let last = tail.sequence;
    let number = messages.len();
    let batch = Uuid::now_v7().simple().to_string();
    for (index, mut message) in messages.into_iter().enumerate() {
        let headers = &mut message.headers;
        // The server remembers for a while what it was given, though it was removed since.
        let again = tail.emptied.max(message.since);
        if again > 0
            && let Some(id) = headers.get(ID)
        {
            headers.insert(ID, format!("{id}:{again}").as_str());
        }
        headers.insert(header::NATS_EXPECTED_STREAM, STREAM);
        if index == 0 {
            headers.insert(header::NATS_EXPECTED_LAST_SEQUENCE, last.to_string().as_str());
        }
        if number > 1 {
            headers.insert(header::NATS_BATCH_ID, batch.as_str());
            headers.insert(header::NATS_BATCH_SEQUENCE, (index + 1).to_string().as_str());
        }
        if index + 1 < number {
            let sent = api
                .client()
                .publish_with_headers(message.subject, message.headers, message.payload);
            sent.await.map_err(|error| refused(WHAT, &error.to_string()))?;
            continue;
        }
        if number > 1 {
            headers.insert(header::NATS_BATCH_COMMIT, header::NATS_BATCH_COMMIT_FINAL);
        }
        return commit(api, message, last + number as u64).await;
    }
    Ok(last)
}

/// Sends the last message, and reads what became of all.
async fn commit(api: &Api, message: Message, expected: u64) -> Result<u64, OutcomesError> {
    let request = Request::new().headers(message.headers).payload(message.payload);
    let answer = api.client().send_request(message.subject, request).await;
    let answer = answer.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => OutcomesError::StreamChanged("nobody stores what is sent to it"),
        RequestErrorKind::TimedOut => {
            OutcomesError::NatsUnreachable("what was sent was not acknowledged in time".to_owned())
        }
        _ => refused(WHAT, &error.to_string()),
    })?;
    let response: Response<PublishAck> =
        serde_json::from_slice(&answer.payload).map_err(|error| refused(WHAT, &error.to_string()))?;
    match response {
        Response::Ok(ack) if ack.stream == STREAM && ack.sequence == expected && !ack.duplicate => {
            Ok(expected)
        }
        Response::Ok(_) => Err(OutcomesError::StreamChanged("it holds these messages already")),
        Response::Err { error } => Err(match error.error_code() {
            ErrorCode::STREAM_WRONG_LAST_SEQUENCE => {
                OutcomesError::StreamChanged("another publisher has added to it")
            }
            ErrorCode::ATOMIC_PUBLISH_CONTAINS_DUPLICATE_MESSAGE => {
                OutcomesError::StreamChanged("it was given these messages already")
            }
            // Servers before 2.14 say the same of both.
            ErrorCode::ATOMIC_PUBLISH_INCOMPLETE_BATCH => OutcomesError::NatsGaveUp(
                "it did not arrive whole in time, or too many others are unfinished",
            ),
            ErrorCode::ATOMIC_PUBLISH_TOO_MANY_INFLIGHT => {
                OutcomesError::NatsGaveUp("too many others are unfinished")
            }
            _ => refusal(WHAT, &error),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_are_smaller_after_one_was_given_up_and_grow_again() {
        let room = Room::new();
        (0..3).for_each(|_| room.given_up());
        assert_eq!(room.now(), LARGEST / 8);
        (0..20).for_each(|_| room.given_up());
        assert_eq!(room.now(), 1);
        (0..20).for_each(|_| room.stored());
        assert_eq!(room.now(), LARGEST);
    }
}
