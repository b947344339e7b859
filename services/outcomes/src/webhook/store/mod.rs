//! What has to be remembered of deliveries: the port to a database, as small as it can be, and its two adapters.
//!
//! Beside the views: in a file beside theirs, or in a schema of its own in their database. The SQL stands in
//! [`ledger`](super::ledger) (what delivers) and [`desk`](super::desk) (what is asked from the command line), and is the
//! same for both; `@` stands before every table, where PostgreSQL has its schema.
//!
//! A commit need not be on disk when it returns: a cursor, what waits and what is dead move together, so if the machine
//! dies, messages are delivered again, and none is left out.

mod migrations;
mod postgres;
mod sqlite;

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use parcours_log::Location;
use parcours_log::database::{Newer, with_causes};
use parcours_projections::{CancellationToken, Value};

use crate::OutcomesError;

/// A statement, whose parameters are `?1`, `?2`…
pub(super) type Statement = (&'static str, Vec<Value>);

/// The database.
#[async_trait]
pub(super) trait Store: Send + Sync {
    /// A session of one's own; it ends when it is dropped.
    async fn session(&self) -> Result<Box<dyn Session>, OutcomesError>;
}

/// One session. After an error it is to be dropped.
#[async_trait]
pub(super) trait Session: Send {
    /// Takes the lock of this name for as long as the session lives. False if another session has it.
    async fn try_lock(&mut self, name: &str) -> Result<bool, OutcomesError>;

    /// Answers a SELECT.
    async fn query(&mut self, statement: Statement) -> Result<Vec<Vec<Value>>, OutcomesError>;

    /// Carries out all of these or none; how many rows each touched.
    async fn execute(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, OutcomesError>;
}

/// Opens what is beside the views at `views`, makes it if it is missing, and brings its schema up to date.
/// Once `stop` is cancelled, no answer of PostgreSQL is waited for any longer than a moment.
pub(super) async fn open(
    views: &Location,
    stop: &CancellationToken,
) -> Result<Arc<dyn Store>, OutcomesError> {
    Ok(match views {
        Location::Sqlite(file) => Arc::new(sqlite::Sqlite::open(&beside(file)).await?),
        Location::Postgres(url) => Arc::new(postgres::Postgres::open(url, stop).await?),
    })
}

/// A session that only reads; `None` where nothing is remembered. Nothing is made or changed, and what is read may be a copy
/// where nothing can be written.
pub(super) async fn read(views: &Location) -> Result<Option<Box<dyn Session>>, OutcomesError> {
    Ok(match views {
        Location::Sqlite(file) => sqlite::read(&beside(file)).await?,
        Location::Postgres(url) => postgres::read(url).await?,
    })
}

fn beside(views: &Path) -> std::path::PathBuf {
    views.with_file_name("webhooks.sqlite")
}

/// A database's own error.
fn unavailable(error: &dyn Error) -> OutcomesError {
    OutcomesError::WebhooksUnavailable(with_causes(error))
}

impl From<Newer> for OutcomesError {
    fn from(Newer { found, known }: Newer) -> OutcomesError {
        OutcomesError::WebhooksNewer { found, known }
    }
}
