//! Why PostgreSQL has not answered.

use std::time::Duration;

use deadpool_postgres::{PoolError, TimeoutType};

use super::LEAST_VERSION;
use crate::database::with_causes;

/// Why there is no answer. Unless it is the server's own word, whether a question that writes was carried out is not known.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// It did not come in time.
    #[error("PostgreSQL did not answer within {} s", .0.as_secs_f64())]
    Late(Duration),
    /// Every connection was in use.
    #[error("all connections to PostgreSQL were in use for {} s", .0.as_secs_f64())]
    Busy(Duration),
    /// Whoever asks is stopping, and waits no longer.
    #[error("PostgreSQL did not answer before the stop")]
    Stopping,
    /// The server is of a version that nobody has tested.
    #[error(
        "PostgreSQL {0} is older than {LEAST_VERSION}, the oldest version that is supported: use a newer server"
    )]
    Old(String),
    /// The server's own word, or the end of the connection.
    #[error("{}", with_causes(.0))]
    Database(#[from] tokio_postgres::Error),
}

impl Fault {
    /// Whether the server has answered, and only says no.
    pub fn is_answer(&self) -> bool {
        match self {
            Fault::Database(error) => error.code().is_some_and(|code| !code.code().starts_with("57P")),
            Fault::Old(_) => true,
            Fault::Late(_) | Fault::Busy(_) | Fault::Stopping => false,
        }
    }

    /// What a pool says, which waits so long for a free connection, and so long for a new one.
    pub(super) fn of_pool(error: PoolError, wait: Duration, open: Duration) -> Fault {
        match error {
            PoolError::Backend(error) => Fault::Database(error),
            PoolError::Timeout(TimeoutType::Wait) => Fault::Busy(wait),
            PoolError::Timeout(TimeoutType::Create | TimeoutType::Recycle) => Fault::Late(open),
            // A pool is closed by nobody, has a runtime, and no hooks.
            PoolError::Closed | PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
                Fault::Stopping
            }
        }
    }
}
