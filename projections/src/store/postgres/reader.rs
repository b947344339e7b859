//! Reading, on connections that the pool lends.

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::TryStreamExt;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{IsolationLevel, Row};

use super::in_time;
use super::value::type_of;
use crate::digest::Digest;
use crate::store::generation::{COLUMNS, Generation};
use crate::store::{QueryError, sql};
use crate::view::{Table, Value};

/// All generations of all views.
pub(super) async fn generations(client: &ClientWrapper) -> Result<Vec<Generation>, QueryError> {
    let sql = format!("SELECT {COLUMNS} FROM parcours_views.view_generations ORDER BY view, generation");
    let rows = query(client, &sql, &[]).await?;
    rows.iter()
        .map(|row| Generation::read(row))
        .collect::<Result<_, _>>()
        .map_err(QueryError::Failed)
}

/// The rows that a SELECT answers.
pub(super) async fn query(
    client: &ClientWrapper,
    sql: &str,
    parameters: &[Value],
) -> Result<Vec<Vec<Value>>, QueryError> {
    let types: Vec<Type> = parameters.iter().map(type_of).collect();
    let select = client.prepare_typed_cached(sql, &types).await?;
    let parameters: Vec<&(dyn ToSql + Sync)> = parameters.iter().map(|value| value as _).collect();
    client
        .query(&select, &parameters)
        .await?
        .iter()
        .map(values)
        .collect()
}

/// One transaction over all the tables, on one state of them.
pub(super) async fn digest(
    client: &mut Object,
    tables: &[(&'static Table, String)],
) -> Result<[u8; 32], QueryError> {
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true);
    let snapshot = in_time(async { snapshot.start().await.map_err(QueryError::from) }).await?;
    let mut digest = Digest::default();
    for (table, name) in tables {
        digest.table(table);
        let parameters: [i64; 0] = [];
        let rows = snapshot
            .query_raw(&sql::all_rows(table, name), parameters)
            .await?;
        let mut rows = std::pin::pin!(rows);
        while let Some(row) = in_time(async { rows.try_next().await.map_err(QueryError::from) }).await? {
            digest.row(table, &values(&row)?);
        }
        digest.end();
    }
    snapshot.commit().await?;
    Ok(digest.finish())
}

/// The values of a row.
pub(super) fn values(row: &Row) -> Result<Vec<Value>, QueryError> {
    (0..row.len()).map(|column| Ok(row.try_get(column)?)).collect()
}
