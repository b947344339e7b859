//! One connection with the statements its owner has prepared on it, opened again after a failure.

use futures_util::TryStreamExt;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use crate::LogError;
use crate::postgres::{ANSWER_LIMIT, Door, Session};

/// What is prepared once a connection.
#[allow(async_fn_in_trait, reason = "used by one generic owner, on one thread")]
pub(super) trait Prepared: Sized {
    async fn prepare(client: &Client) -> Result<Self, Error>;
}

/// The connection.
pub(super) struct Link<S> {
    door: Door,
    /// `None` before the first question, and after a failure until the next one.
    open: Option<(Session, S)>,
}

impl<S: Prepared> Link<S> {
    /// Connects when it is asked something.
    pub fn new(door: Door) -> Link<S> {
        Link { door, open: None }
    }

    /// Whether the next question needs a new connection.
    pub fn is_lost(&self) -> bool {
        self.open.as_ref().is_none_or(|(session, _)| session.is_lost())
    }

    /// Leaves the connection as it is to the server: a new one has no half-open transaction and no answer still to
    /// come.
    pub fn lose(&mut self) {
        self.open = None;
    }

    /// The connection, if there is one.
    pub fn session(&self) -> Option<&Session> {
        self.open.as_ref().map(|(session, _)| session)
    }

    /// The connection; a new one if the last is gone.
    pub async fn open(&mut self) -> Result<(&Session, &S), LogError> {
        if self.is_lost() {
            self.open = None;
            let session = self.door.open().await?;
            let statements = session.ask(ANSWER_LIMIT, S::prepare(&session)).await?;
            self.open = Some((session, statements));
        }
        let (session, statements) = self.open.as_ref().expect("set just now");
        Ok((session, statements))
    }

    /// Asks one of the prepared questions; each row of the answer is waited for.
    pub async fn ask(
        &mut self,
        which: fn(&S) -> &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, LogError> {
        let (session, statements) = self.open().await?;
        let answer = async {
            let rows = session.query_raw(which(statements), parameters.iter().copied());
            let mut rows = std::pin::pin!(session.ask(ANSWER_LIMIT, rows).await?);
            let mut all = Vec::new();
            while let Some(row) = session.ask(ANSWER_LIMIT, rows.try_next()).await? {
                all.push(row);
            }
            Ok(all)
        };
        let answer = answer.await;
        if answer.is_err() {
            self.lose();
        }
        answer
    }
}
