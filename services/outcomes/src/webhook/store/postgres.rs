//! In PostgreSQL, in the schema `parcours_webhooks` of the views' database.
//!
//! A session is a connection, and so are its locks: whoever is cut off from the database has lost them, and cannot write
//! any more either. A partner whose webhook is served takes one connection.

use std::time::Duration;

use async_trait::async_trait;
use parcours_log::database::open_postgres;
use parcours_projections::Value;
use sha2::{Digest, Sha256};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config};

use super::migrations::SCHEMA;
use super::{Session, Statement, Store, unavailable};
use crate::OutcomesError;

/// How long to wait for a server to accept a connection, unless the URL says otherwise.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long one question may take.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// Without a sign of life for so long, a connection is dead, to both sides: a lost machine's locks become free.
const ALIVE: Duration = Duration::from_secs(10);

/// The database.
pub(super) struct Postgres {
    config: Config,
}

struct PostgresSession {
    client: Client,
}

impl Postgres {
    pub async fn open(url: &str) -> Result<Self, OutcomesError> {
        // The error is not shown: it may quote the URL, and with it the password.
        let wrong = |_| OutcomesError::WebhooksUnavailable("the PostgreSQL URL cannot be read".to_owned());
        let mut config: Config = url.parse().map_err(wrong)?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_LIMIT);
        }
        if config.get_application_name().is_none() {
            config.application_name("parcours-webhooks");
        }
        config
            .keepalives_idle(ALIVE / 2)
            .keepalives_interval(ALIVE / 2)
            .keepalives_retries(2);
        in_time(async {
            let mut client = open_postgres(&config, SCHEMA.of).await?;
            SCHEMA.migrate_postgres(&mut client).await
        })
        .await?;
        Ok(Self { config })
    }
}

#[async_trait]
impl Store for Postgres {
    async fn session(&self) -> Result<Box<dyn Session>, OutcomesError> {
        in_time(async {
            let client = open_postgres(&self.config, SCHEMA.of).await?;
            let settings = format!(
                "SET synchronous_commit = off;
                 SET tcp_keepalives_idle = {0}; SET tcp_keepalives_interval = {0}; SET tcp_keepalives_count = 2",
                ALIVE.as_secs() / 2
            );
            client.batch_execute(&settings).await?;
            Ok(Box::new(PostgresSession { client }) as Box<dyn Session>)
        })
        .await
    }
}

#[async_trait]
impl Session for PostgresSession {
    async fn try_lock(&mut self, name: &str) -> Result<bool, OutcomesError> {
        let hash = Sha256::digest(format!("parcours-webhooks/{name}"));
        let number = i64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two bytes"));
        in_time(async {
            let row = self
                .client
                .query_one("SELECT pg_try_advisory_lock($1)", &[&number])
                .await?;
            Ok(row.get(0))
        })
        .await
    }

    async fn query(&mut self, (sql, parameters): Statement) -> Result<Vec<Vec<Value>>, OutcomesError> {
        in_time(async {
            let rows = self.client.query(&spelled(sql), &references(&parameters)).await?;
            let values = rows
                .iter()
                .map(|row| (0..row.len()).map(|column| row.get(column)).collect());
            Ok(values.collect())
        })
        .await
    }

    async fn execute(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, OutcomesError> {
        in_time(async {
            let transaction = self.client.transaction().await?;
            let mut touched = Vec::new();
            for (sql, parameters) in &statements {
                touched.push(
                    transaction
                        .execute(&spelled(sql), &references(parameters))
                        .await?,
                );
            }
            transaction.commit().await?;
            Ok(touched)
        })
        .await
    }
}

/// The same SQL as PostgreSQL spells it. No statement holds these signs otherwise.
fn spelled(sql: &str) -> String {
    sql.replace('@', "parcours_webhooks.").replace('?', "$")
}

fn references(parameters: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    parameters
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

/// Gives up after [`ANSWER_LIMIT`].
async fn in_time<T>(answer: impl Future<Output = Result<T, OutcomesError>>) -> Result<T, OutcomesError> {
    let late = || OutcomesError::WebhooksUnavailable(format!("no answer in {} s", ANSWER_LIMIT.as_secs()));
    tokio::time::timeout(ANSWER_LIMIT, answer)
        .await
        .unwrap_or_else(|_| Err(late()))
}

impl From<tokio_postgres::Error> for OutcomesError {
    fn from(error: tokio_postgres::Error) -> OutcomesError {
        unavailable(&error)
    }
}
