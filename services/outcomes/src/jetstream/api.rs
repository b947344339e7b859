//! Requests to JetStream's API: what the server does not do, it says why.

use async_nats::Client;
use async_nats::jetstream::Error as Refusal;
use async_nats::jetstream::context::RequestErrorKind;
use async_nats::jetstream::response::Response;
use async_nats::jetstream::{self, Context, ErrorCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::OutcomesError;

/// JetStream through one connection. Cheap to clone.
#[derive(Clone)]
pub(super) struct Api {
    context: Context,
    client: Client,
}

impl Api {
    pub fn new(client: Client) -> Self {
        Self {
            context: jetstream::new(client.clone()),
            client,
        }
    }

    /// The connection.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Asks for `subject` (after `$JS.API.`), to do `what`. Gives what the server answers, or its refusal.
    pub async fn ask<V: DeserializeOwned>(
        &self,
        what: &str,
        subject: &str,
        payload: &(impl Serialize + ?Sized),
    ) -> Result<Result<V, Refusal>, OutcomesError> {
        let answer = self.context.request(subject.to_owned(), payload).await;
        let response: Response<V> = answer.map_err(|error| match error.kind() {
            RequestErrorKind::NoResponders => OutcomesError::NatsUnreachable(
                "the server has no JetStream, or its cluster has no leader now".to_owned(),
            ),
            // A request that is not permitted is not answered either: the server says so to the connection alone.
            RequestErrorKind::TimedOut => OutcomesError::NatsUnreachable(format!(
                "asked to {what}, it gave no answer in time; if this lasts, the publisher may not be permitted to"
            )),
            _ => refused(what, &error.to_string()),
        })?;
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
