//! Requests to JetStream's API: what the server does not do, it says why.

use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{Error as Refusal, ErrorCode};
use async_nats::{Client, Request};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::connection::INBOX;
use super::denial::{Denial, Denials};
use crate::OutcomesError;

/// What is asked here takes milliseconds. While a cluster chooses a leader, some seconds, nobody answers: asked again
/// soon, it is known soon that there is one.
const TOLD_WITHIN: Duration = Duration::from_secs(2);

/// JetStream through one connection. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    client: Client,
    denials: Denials,
}

impl Api {
    pub fn new(client: Client, denials: Denials) -> Self {
        Self { client, denials }
    }

    /// The connection.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Does `work`, which is to do `what` by publishing on certain subjects and hearing the answers, unless the server
    /// forbids it.
    pub fn permitted<T>(
        &self,
        what: &str,
        on: impl Fn(&str) -> bool,
        work: impl Future<Output = Result<T, OutcomesError>>,
    ) -> impl Future<Output = Result<T, OutcomesError>> {
        // Boxed before anything else holds it: work lies within work here, each level of which would be stored twice, until
        // no thread's stack has room for it.
        let work = Box::pin(work);
        let needs = move |denial: &Denial| match denial {
            Denial::Publish(subject) => on(subject),
            Denial::Subscribe(subject) => subject.starts_with(INBOX),
        };
        self.denials.unless(what, needs, work)
    }

    /// Asks for `subject` (after `$JS.API.`), to do `what`. Gives what the server answers, or its refusal. Some requests
    /// have to be empty, and are refused otherwise.
    pub async fn ask<V: DeserializeOwned>(
        &self,
        what: &str,
        subject: &str,
        payload: Option<Value>,
    ) -> Result<Result<V, Refusal>, OutcomesError> {
        let payload = payload.map_or_else(Bytes::new, |payload| payload.to_string().into());
        let request = Request::new().payload(payload).timeout(Some(TOLD_WITHIN));
        let subject = format!("$JS.API.{subject}");
        let asked = async {
            let answer = self.client.send_request(subject.clone(), request).await;
            answer.map_err(|error| match error.kind() {
                RequestErrorKind::NoResponders => OutcomesError::NatsUnreachable(
                    "the server has no JetStream, or its cluster has no leader now".to_owned(),
                ),
                RequestErrorKind::TimedOut => {
                    OutcomesError::NatsUnreachable(format!("asked to {what}, it gave no answer in time"))
                }
                _ => refused(what, &error.to_string()),
            })
        };
        let answer = self.permitted(what, |denied| denied == subject, asked).await?;
        let response: Response<V> =
            serde_json::from_slice(&answer.payload).map_err(|error| refused(what, &error.to_string()))?;
        Ok(match response {
            Response::Ok(answer) => Ok(answer),
            Response::Err { error } => Err(error),
        })
    }
}

/// The error of a refusal that nothing else is made of.
pub(super) fn refused(what: &str, cause: &str) -> OutcomesError {
    OutcomesError::NatsRefused {
        what: what.to_owned(),
        cause: cause.to_owned(),
    }
}

/// The same, of the server's own words; of a stream that is gone, that it is.
pub(super) fn refusal(what: &str, refusal: &Refusal) -> OutcomesError {
    if refusal.error_code() == ErrorCode::STREAM_NOT_FOUND {
        return OutcomesError::StreamChanged("it is gone");
    }
    refused(what, &refusal.to_string())
}
