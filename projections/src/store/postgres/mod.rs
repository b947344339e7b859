//! The views in PostgreSQL, in the schema `parcours_views`.
//!
//! Readers borrow connections from a pool; each writer has one of its own. `synchronous_commit` is off for writers: a
//! commit need not be on disk when it returns (see [`store`](super)).

mod reader;
mod tables;
mod value;
mod writer;

use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Manager, ManagerConfig, Pool, Runtime, Timeouts};
use parcours_log::database::open_postgres;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use super::migrations::SCHEMA;
use super::{Generation, QueryError, Store, Writer, passed_over, sql};
use crate::ViewError;
use crate::view::{Table, Value};
use writer::PostgresWriter;

/// How long to wait for a server to accept a connection, unless the URL says otherwise.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long one question may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Connections for readers, at most.
const CONNECTIONS: usize = 8;
/// How long to wait for a free one.
const WAIT: Duration = Duration::from_secs(10);
/// Without a sign of life for so long, a connection is dead, to both sides: a lost machine's locks become free.
const ALIVE: Duration = Duration::from_secs(10);

/// The database.
pub(crate) struct Postgres {
    config: Config,
    pool: Pool,
}

impl Postgres {
    /// Connects, makes the schema if it is missing, and brings it up to date.
    pub async fn open(url: &str) -> Result<Self, ViewError> {
        let config = config(url)?;
        SCHEMA
            .migrate_postgres::<ViewError>(&mut connect(&config).await?)
            .await?;
        let manager = Manager::from_config(reading(&config), NoTls, ManagerConfig::default());
        let timeouts = Timeouts {
            wait: Some(WAIT),
            create: Some(WAIT),
            recycle: Some(WAIT),
        };
        let pool = Pool::builder(manager)
            .max_size(CONNECTIONS)
            .runtime(Runtime::Tokio1)
            .timeouts(timeouts)
            .build();
        Ok(Self {
            config,
            pool: pool.map_err(|error| ViewError::unavailable(&error))?,
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

    async fn generations(&self) -> Result<Vec<Generation>, ViewError> {
        let client = self.pool.get().await.map_err(QueryError::from)?;
        in_time(reader::generations(&client))
            .await
            .map_err(ViewError::from)
    }

    async fn passed_over(&self) -> Result<Vec<(String, u64)>, ViewError> {
        let select = passed_over::select("parcours_views.view_passed_over");
        passed_over::read(&self.query(select, Vec::new()).await?)
    }

    async fn query(&self, sql: String, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, QueryError> {
        let client = self.pool.get().await?;
        in_time(reader::query(&client, &value::numbered(&sql), &parameters)).await
    }

    async fn digest(&self, tables: Vec<(&'static Table, String)>) -> Result<[u8; 32], QueryError> {
        let mut client = self.pool.get().await?;
        reader::digest(&mut client, &tables).await
    }

    async fn writer(&self) -> Result<Box<dyn Writer>, ViewError> {
        let client = connect(&self.config).await?;
        let session = format!(
            "SET synchronous_commit = off;
             SET tcp_keepalives_idle = {0}; SET tcp_keepalives_interval = {0}; SET tcp_keepalives_count = 2",
            ALIVE.as_secs() / 2
        );
        client.batch_execute(&session).await?;
        Ok(Box::new(PostgresWriter::new(client)))
    }
}

/// As readers connect. Questions are walks along an index, planned for what they ask: a plan made once for every cursor
/// takes it to leave a third of a list to be read, and then reads and sorts all of it.
fn reading(config: &Config) -> Config {
    const PLANS: &str = "-c plan_cache_mode=force_custom_plan -c enable_seqscan=off -c enable_bitmapscan=off";
    let mut reading = config.clone();
    let options = config
        .get_options()
        .map_or_else(|| PLANS.to_owned(), |own| format!("{PLANS} {own}"));
    reading.options(options);
    reading
}

/// The name of a table of a generation.
fn qualified(table: &str, generation: i64) -> String {
    format!("parcours_views.{}", sql::name(table, generation))
}

/// Reads the URL, and sets what it leaves open.
fn config(url: &str) -> Result<Config, ViewError> {
    // The error is not shown: it may quote the URL, and with it the password.
    let wrong = |_| {
        ViewError::Misplaced(
            "the PostgreSQL URL cannot be read: expected postgres://USER@HOST/DATABASE".into(),
        )
    };
    let mut config: Config = url.parse().map_err(wrong)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_LIMIT);
    }
    if config.get_application_name().is_none() {
        config.application_name("parcours-views");
    }
    config
        .keepalives_idle(ALIVE / 2)
        .keepalives_interval(ALIVE / 2)
        .keepalives_retries(2);
    Ok(config)
}

/// Opens one connection, driven by a task which ends with the client.
async fn connect(config: &Config) -> Result<Client, ViewError> {
    Ok(open_postgres(config, SCHEMA.of).await?)
}

/// Gives up after [`ANSWER_LIMIT`].
async fn in_time<T, E: From<ViewError>>(answer: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let late = || ViewError::Unavailable(format!("no answer in {} s", ANSWER_LIMIT.as_secs()));
    tokio::time::timeout(ANSWER_LIMIT, answer)
        .await
        .unwrap_or_else(|_| Err(late().into()))
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

impl From<deadpool_postgres::PoolError> for QueryError {
    fn from(error: deadpool_postgres::PoolError) -> QueryError {
        QueryError::Failed(ViewError::unavailable(&error))
    }
}

impl From<ViewError> for QueryError {
    fn from(error: ViewError) -> QueryError {
        QueryError::Failed(error)
    }
}
