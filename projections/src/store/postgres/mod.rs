//! The views in PostgreSQL, in the schema `parcours_views`.
//!
//! Readers borrow connections from a pool; each writer has one of its own. `synchronous_commit` is off for writers: a
//! commit need not be on disk when it returns (see [`store`](super)).

mod reader;
mod tables;
mod value;
mod writer;

use async_trait::async_trait;
use parcours_log::postgres::{ANSWER_LIMIT, Door, Fault, Pool};
use tokio_postgres::error::SqlState;
use tokio_util::sync::CancellationToken;

use super::migrations::SCHEMA;
use super::{Generation, Noted, QueryError, Store, Writer, passed_over, sql};
use crate::ViewError;
use crate::view::{Table, Value};
use writer::PostgresWriter;

/// Connections for readers, at most.
const CONNECTIONS: usize = 8;

/// The database.
pub(crate) struct Postgres {
    door: Door,
    pool: Pool,
}

impl Postgres {
    /// Connects, makes the schema if it is missing, and brings it up to date.
    pub async fn open(url: &str, stop: &CancellationToken) -> Result<Self, ViewError> {
        let door = Door::to(url, SCHEMA.of, "parcours-views", stop)
            .map_err(|wrong| ViewError::Misplaced(wrong.to_string()))?;
        SCHEMA.migrate_postgres::<ViewError>(&door).await?;
        Ok(Self {
            pool: Pool::new(door.clone().with(PLANS), CONNECTIONS),
            door,
        })
    }
}

#[async_trait]
impl Store for Postgres {
    fn table(&self, name: &str, generation: i64) -> String {
        qualified(name, generation)
    }

    fn of_generation(&self, expression: &str, view: &str, generation: i64) -> String {
        sql::of_generation(expression, "parcours_views.view_generations", view, generation)
    }

    fn has_words(&self, table: &Table, generation: i64, alias: &str, parameter: &str) -> String {
        let bare = sql::name(table.name, generation);
        sql::has_words(sql::Dialect::Postgres, table, &bare, alias, parameter)
    }

    async fn generations(&self) -> Result<Vec<Generation>, ViewError> {
        let client = self.pool.get().await?;
        let generations = client.within(ANSWER_LIMIT, reader::generations(&client));
        generations.await.map_err(ViewError::from)
    }

    async fn passed_over(&self) -> Result<Vec<Noted>, ViewError> {
        let select = passed_over::select("parcours_views.view_passed_over");
        passed_over::read(&self.query(select, Vec::new()).await?)
    }

    async fn query(&self, sql: String, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, QueryError> {
        let client = self.pool.get().await?;
        let numbered = value::numbered(&sql);
        // Whoever asks has a limit of their own, or works off what was written meanwhile, however much it is.
        client
            .patiently(reader::query(&client, &numbered, &parameters))
            .await
    }

    async fn digest(&self, tables: Vec<(&'static Table, String)>) -> Result<[u8; 32], QueryError> {
        reader::digest(self.pool.get().await?, &tables).await
    }

    async fn writer(&self) -> Result<Box<dyn Writer>, ViewError> {
        let session = self.door.clone().with(WRITING).open().await?;
        Ok(Box::new(PostgresWriter::new(session)))
    }
}

/// For writers: see above.
const WRITING: &str = "-c synchronous_commit=off";

/// For readers. Questions are walks along an index, planned for what they ask: a plan made once for every cursor takes it
/// to leave a third of a list to be read, and then reads and sorts all of it.
const PLANS: &str = "-c plan_cache_mode=force_custom_plan -c enable_seqscan=off -c enable_bitmapscan=off";

/// The name of a table of a generation.
fn qualified(table: &str, generation: i64) -> String {
    format!("parcours_views.{}", sql::name(table, generation))
}

impl From<tokio_postgres::Error> for ViewError {
    fn from(error: tokio_postgres::Error) -> ViewError {
        ViewError::unavailable(&error)
    }
}

impl From<tokio_postgres::Error> for QueryError {
    fn from(error: tokio_postgres::Error) -> QueryError {
        if error.code() == Some(&SqlState::UNDEFINED_TABLE) {
            QueryError::Gone
        } else {
            QueryError::Failed(error.into())
        }
    }
}

impl From<Fault> for ViewError {
    fn from(fault: Fault) -> ViewError {
        match fault {
            Fault::Old(_) => ViewError::Misplaced(fault.to_string()),
            fault => ViewError::Unavailable(fault.to_string()),
        }
    }
}

impl From<Fault> for QueryError {
    fn from(fault: Fault) -> QueryError {
        match fault {
            Fault::Database(error) => error.into(),
            fault => QueryError::Failed(fault.into()),
        }
    }
}

impl From<ViewError> for QueryError {
    fn from(error: ViewError) -> QueryError {
        QueryError::Failed(error)
    }
}
