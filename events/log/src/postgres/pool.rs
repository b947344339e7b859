//! Connections for readers: a few, lent to whoever asks.

use std::ops::Deref;
use std::time::Duration;

use deadpool_postgres::{ClientWrapper, Manager, ManagerConfig, Object, Runtime, Timeouts};

use super::wait::Answered;
use super::{ANSWER_LIMIT, Door, Fault};

/// How long to wait for a free connection.
const WAIT: Duration = Duration::from_secs(10);

/// The connections. Clones are the same.
#[derive(Clone)]
pub struct Pool {
    pool: deadpool_postgres::Pool,
    door: Door,
}

/// A connection that goes back to the pool when it is dropped, unless an answer on it was given up.
pub struct Lent {
    /// `None` only while it is dropped.
    object: Option<Object>,
    pool: Pool,
    answered: Answered,
}

impl Pool {
    /// A pool of so many connections at most; they are opened when somebody asks.
    pub fn new(door: Door, connections: usize) -> Pool {
        let manager = Manager::from_connect(door.config().clone(), door.clone(), ManagerConfig::default());
        let timeouts = Timeouts {
            wait: Some(WAIT),
            create: Some(door.open_limit()),
            recycle: Some(ANSWER_LIMIT),
        };
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(connections)
            .runtime(Runtime::Tokio1)
            .timeouts(timeouts)
            .build();
        Pool {
            pool: pool.expect("a pool with timeouts has a runtime"),
            door,
        }
    }

    /// Borrows a connection.
    pub async fn get(&self) -> Result<Lent, Fault> {
        let asked = async {
            let object = self.pool.get().await;
            object.map_err(|error| Fault::of_pool(error, WAIT, self.door.open_limit()))
        };
        // The pool's own limits come first.
        let limit = WAIT + self.door.open_limit() + ANSWER_LIMIT;
        let object = self
            .door
            .stop
            .within(limit, asked)
            .await
            .and_then(|object| object);
        match object {
            Ok(object) => Ok(Lent {
                object: Some(object),
                pool: self.clone(),
                answered: Answered::default(),
            }),
            Err(fault) => {
                self.door.trouble.met(&fault);
                Err(fault)
            }
        }
    }
}

impl Lent {
    /// Lends it to nobody any more: something may be left open on it.
    pub fn discard(self) {
        self.answered.never();
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
        let door = &self.pool.door;
        let answer = self.answered.by(door.stop.within(limit, Box::pin(answer))).await;
        if let Err(Fault::Late(_)) = &answer {
            // What cut this connection off has cut off its neighbours, and each would be waited for in its turn.
            self.pool.pool.retain(|_, _| false);
        }
        door.told(answer)?
    }

    /// The answer to what may take as long as it takes, as long as the server answers others.
    pub async fn patiently<T, E: From<Fault>>(
        &self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let door = &self.pool.door;
        door.told(
            self.answered
                .by(door.stop.until(Box::pin(door.silence()), Box::pin(answer)))
                .await,
        )?
    }
}

impl Deref for Lent {
    type Target = ClientWrapper;

    fn deref(&self) -> &ClientWrapper {
        self.object.as_ref().expect("there until it is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(object) = self.object.take()
            && self.answered.is_owed()
        {
            drop(Object::take(object));
        }
    }
}
