//! In PostgreSQL, in the schema `parcours_webhooks` of the views' database.
//!
//! A session is a connection, and so are its locks: whoever is cut off from the database has lost them, and cannot write
//! any more either. A partner whose webhook is served takes one connection.

use std::time::Duration;

use async_trait::async_trait;
use parcours_log::postgres::{ANSWER_LIMIT, Door, Fault};
use parcours_projections::{CancellationToken, Value};
use sha2::{Digest, Sha256};
use tokio_postgres::types::ToSql;

use super::migrations::SCHEMA;
use super::{Session, Statement, Store, unavailable};
use crate::OutcomesError;

/// How long writing may take.
const COMMIT_LIMIT: Duration = Duration::from_secs(10);
/// A commit need not be on disk: see [`store`](super).
const SETTINGS: &str = "-c synchronous_commit=off";

/// The database.
pub(super) struct Postgres {
    door: Door,
}

struct PostgresSession(parcours_log::postgres::Session);

impl Postgres {
    pub async fn open(url: &str, stop: &CancellationToken) -> Result<Self, OutcomesError> {
        let door = Door::to(url, SCHEMA.of, "parcours-webhooks", stop)
            .map_err(|wrong| OutcomesError::WebhooksUnavailable(wrong.to_string()))?;
        SCHEMA.migrate_postgres::<OutcomesError>(&door).await?;
        Ok(Self {
            door: door.with(SETTINGS),
        })
    }
}

/// A session that only reads, where there is something to be read.
pub(super) async fn read(url: &str) -> Result<Option<Box<dyn Session>>, OutcomesError> {
    let door = Door::to(url, SCHEMA.of, "parcours-webhooks", &CancellationToken::new())
        .map_err(|wrong| OutcomesError::WebhooksUnavailable(wrong.to_string()))?;
    let session = door.with("-c default_transaction_read_only=on").open().await?;
    let there = format!("SELECT to_regclass('{}.migrations') IS NOT NULL", SCHEMA.postgres);
    let found = session.ask(ANSWER_LIMIT, session.query_one(&there, &[])).await?;
    Ok(match found.get(0) {
        true => Some(Box::new(PostgresSession(session))),
        false => None,
    })
}

#[async_trait]
impl Store for Postgres {
    async fn session(&self) -> Result<Box<dyn Session>, OutcomesError> {
        Ok(Box::new(PostgresSession(self.door.open().await?)))
    }
}

#[async_trait]
impl Session for PostgresSession {
    async fn try_lock(&mut self, name: &str) -> Result<bool, OutcomesError> {
        let hash = Sha256::digest(format!("parcours-webhooks/{name}"));
        let number = i64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two bytes"));
        let asked: [&(dyn ToSql + Sync); 1] = [&number];
        let taken = self.0.query_one("SELECT pg_try_advisory_lock($1)", &asked);
        Ok(self.0.ask(ANSWER_LIMIT, taken).await?.get(0))
    }

    async fn query(&mut self, (sql, parameters): Statement) -> Result<Vec<Vec<Value>>, OutcomesError> {
        let (sql, parameters) = (spelled(sql), references(&parameters));
        let rows = self.0.ask(ANSWER_LIMIT, self.0.query(&sql, &parameters)).await?;
        let values = rows
            .iter()
            .map(|row| (0..row.len()).map(|column| row.get(column)).collect());
        Ok(values.collect())
    }

    async fn execute(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, OutcomesError> {
        let client = &self.0;
        let written = async {
            client.batch_execute("BEGIN").await?;
            let mut touched = Vec::new();
            for (sql, parameters) in &statements {
                touched.push(client.execute(&spelled(sql), &references(parameters)).await?);
            }
            client.batch_execute("COMMIT").await?;
            Ok(touched)
        };
        Ok(client.ask(COMMIT_LIMIT, written).await?)
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

impl From<tokio_postgres::Error> for OutcomesError {
    fn from(error: tokio_postgres::Error) -> OutcomesError {
        unavailable(&error)
    }
}

impl From<Fault> for OutcomesError {
    fn from(fault: Fault) -> OutcomesError {
        OutcomesError::WebhooksUnavailable(fault.to_string())
    }
}
