//! What a server forbids a connection.
//!
//! It does not answer what it forbids: it tells the connection, and whoever asked waits in vain. So whoever asks
//! listens here meanwhile, and knows at once, by the subject.

use async_nats::ServerError;
use tokio::sync::broadcast::{self, error::RecvError};

use super::permissions::permission;
use crate::OutcomesError;

/// Denials not heard yet. More at once are of one cause.
const KEPT: usize = 256;

/// Something that the server forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Denial {
    /// To publish on a subject: to ask for something, to store a message.
    Publish(String),
    /// To listen to a subject: without it, no answer is heard.
    Subscribe(String),
}

impl Denial {
    /// Reads the server's words: `Permissions Violation for Publish to "subject"`, `… for Subscription to "subject"`.
    fn read(words: &str) -> Option<Self> {
        let (_, rest) = words.split_once("Permissions Violation for ")?;
        let (_, rest) = rest.split_once('"')?;
        let (subject, _) = rest.split_once('"')?;
        match words.contains("Violation for Subscription") {
            true => Some(Self::Subscribe(subject.to_owned())),
            false => Some(Self::Publish(subject.to_owned())),
        }
    }

    /// The error of whoever was to do `what`.
    fn error(self, what: &str) -> OutcomesError {
        let (verb, subject) = match self {
            Self::Publish(subject) => ("publish", subject),
            Self::Subscribe(subject) => ("subscribe", subject),
        };
        OutcomesError::NatsForbidden {
            what: what.to_owned(),
            verb,
            permission: permission(&subject),
        }
    }
}

/// The denials of one connection. Clones are the same.
#[derive(Clone)]
pub(super) struct Denials(broadcast::Sender<Denial>);

impl Denials {
    pub fn new() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }

    /// The connection was told this.
    pub fn told(&self, error: &ServerError) {
        if let Some(denial) = Denial::read(&error.to_string()) {
            // Whether anybody listens: what nobody does any more, nobody misses.
            let _ = self.0.send(denial);
        }
    }

    /// Does `work`, which is to do `what`, unless something that it needs is forbidden meanwhile.
    pub async fn unless<T>(
        &self,
        what: &str,
        needs: impl Fn(&Denial) -> bool,
        work: impl Future<Output = Result<T, OutcomesError>>,
    ) -> Result<T, OutcomesError> {
        let mut heard = self.0.subscribe();
        let denied = async {
            loop {
                match heard.recv().await {
                    Ok(denial) if needs(&denial) => return denial,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => std::future::pending().await,
                }
            }
        };
        tokio::select! {
            biased;
            done = work => done,
            denial = denied => Err(denial.error(what)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_words_name_what_is_forbidden() {
        let read = |words: &str| Denial::read(words);
        assert_eq!(
            read("nats: Permissions Violation for Publish to \"$JS.API.CONSUMER.CREATE.OUTCOMES\""),
            Some(Denial::Publish("$JS.API.CONSUMER.CREATE.OUTCOMES".to_owned()))
        );
        assert_eq!(
            read("nats: Permissions Violation for Subscription to \"_INBOX.a.*\" using queue \"q\""),
            Some(Denial::Subscribe("_INBOX.a.*".to_owned()))
        );
        assert_eq!(read("nats: Maximum Payload Violation"), None);
    }
}
