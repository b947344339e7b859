//! One connection, of one owner.

use std::ops::Deref;
use std::time::Duration;

use tokio::task::AbortHandle;
use tokio_postgres::Client;

use super::wait::Answered;
use super::{Door, Fault};

/// A connection to PostgreSQL. What is asked on it is awaited by way of [`within`](Session::within) or
/// [`patiently`](Session::patiently).
pub struct Session {
    client: Client,
    driver: AbortHandle,
    door: Door,
    answered: Answered,
}

impl Session {
    pub(super) fn new(client: Client, driver: AbortHandle, door: Door) -> Session {
        Session {
            client,
            driver,
            door,
            answered: Answered::default(),
        }
    }

    /// Whether nothing more can be asked on it: it has ended, or an answer on it was given up.
    pub fn is_lost(&self) -> bool {
        self.client.is_closed() || self.answered.is_owed()
    }

    /// The answer to one question on this connection, if it comes within the limit.
    pub async fn ask<T>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Fault> {
        self.within(limit, async { Ok(answer.await?) }).await
    }

    /// The answers to what is asked on this connection, if they come within the limit.
    pub async fn within<T, E: From<Fault>>(
        &self,
        limit: Duration,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let answer = self.door.stop.within(limit, Box::pin(answer));
        self.door.told(self.answered.by(answer).await)?
    }

    /// The answer to what may take as long as it takes, as long as the server answers others.
    pub async fn patiently<T, E: From<Fault>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let answer = self.answered.by(self
            .door
            .stop
            .until(Box::pin(self.door.silence()), Box::pin(answer)));
        self.door.told(answer.await)?
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Otherwise it says farewell and ends by itself; so it would wait for the answer that is owed, perhaps for ever.
        if self.answered.is_owed() {
            self.driver.abort();
        }
    }
}

impl Door {
    /// What came of waiting is told of, if it is news.
    pub(super) fn told<T>(&self, answer: Result<T, Fault>) -> Result<T, Fault> {
        match &answer {
            Ok(_) => self.trouble.over(),
            Err(fault) => self.trouble.met(fault),
        }
        answer
    }
}
