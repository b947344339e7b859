//! Reading, on connections that the pool lends.

use futures_util::TryStreamExt;
use parcours_log::postgres::Lent;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};

use super::value::type_of;
use crate::digest::Digest;
use crate::store::generation::{COLUMNS, Generation};
use crate::store::{QueryError, sql};
use crate::view::{Table, Value};

/// All generations of all views.
pub(super) async fn generations(client: &Lent) -> Result<Vec<Generation>, QueryError> {
    let sql = format!("SELECT {COLUMNS} FROM parcours_views.view_generations ORDER BY view, generation");
    let rows = query(client, &sql, &[]).await?;
    rows.iter()
        .map(|row| Generation::read(row))
        .collect::<Result<_, _>>()
        .map_err(QueryError::Failed)
}

/// The rows that a SELECT answers.
pub(super) async fn query(
    client: &Lent,
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
    client: Lent,
    tables: &[(&'static Table, String)],
) -> Result<[u8; 32], QueryError> {
    let digested = async {
        client.batch_execute(SNAPSHOT).await?;
        let mut digest = Digest::default();
        for (table, name) in tables {
            digest.table(table);
            let parameters: [i64; 0] = [];
            let rows = client.query_raw(&sql::all_rows(table, name), parameters).await?;
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.try_next().await? {
                digest.row(table, &values(&row)?);
            }
            digest.end();
        }
        client.batch_execute("COMMIT").await?;
        Ok::<_, QueryError>(digest.finish())
    };
    let digested = client.patiently(digested).await;
    if digested.is_err() {
        client.discard();
    }
    digested
}

const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The values of a row.
pub(super) fn values(row: &Row) -> Result<Vec<Value>, QueryError> {
    (0..row.len()).map(|column| Ok(row.try_get(column)?)).collect()
}
