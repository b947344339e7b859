//! One connection with the statements its owner has prepared on it, opened again after a failure.

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error, Row, Statement};

use super::{connect, in_time};
use crate::LogError;

/// What is prepared once a connection.
#[allow(async_fn_in_trait, reason = "used by one generic owner, on one thread")]
pub(super) trait Prepared: Sized {
    async fn prepare(client: &Client) -> Result<Self, Error>;
}

/// The connection.
pub(super) struct Link<S> {
    config: Config,
    /// `None` before the first question, and after a failure until the next one.
    open: Option<(Client, S)>,
}

impl<S: Prepared> Link<S> {
    /// Connects when it is asked something.
    pub fn new(config: Config) -> Link<S> {
        Link { config, open: None }
    }

    /// Whether the next question needs a new connection.
    pub fn is_lost(&self) -> bool {
        self.open.as_ref().is_none_or(|(client, _)| client.is_closed())
    }

    /// Leaves the connection as it is to the server: a new one has no half-open transaction and no answer still to
    /// come.
    pub fn lose(&mut self) {
        self.open = None;
    }

    /// The connection, if there is one.
    pub fn client(&self) -> Option<&Client> {
        self.open.as_ref().map(|(client, _)| client)
    }

    /// The connection; a new one if the last is gone.
    pub async fn open(&mut self) -> Result<(&Client, &S), LogError> {
        if self.is_lost() {
            self.open = None;
            let client = connect(&self.config).await?;
            let statements = in_time(S::prepare(&client)).await?;
            self.open = Some((client, statements));
        }
        let (client, statements) = self.open.as_ref().expect("set just now");
        Ok((client, statements))
    }

    /// Asks one of the prepared questions.
    pub async fn ask(
        &mut self,
        which: fn(&S) -> &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, LogError> {
        let (client, statements) = self.open().await?;
        let answer = in_time(client.query(which(statements), parameters)).await;
        if answer.is_err() {
            self.lose();
        }
        answer
    }
}
