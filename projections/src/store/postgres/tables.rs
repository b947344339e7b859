//! The statements that change a view's tables, inside a transaction of the caller's.
//!
//! However many rows a batch has, it is one statement a table and kind of change: the columns travel as arrays. The
//! statements are sent one behind the other without waiting for answers.

use std::collections::HashMap;
use std::pin::pin;

use futures_util::future::try_join_all;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Error, Statement};

use super::qualified;
use super::value::column_type;
use crate::change::Changes;
use crate::store::sql;
use crate::view::{Key, Kind, Table, Value, View};

/// Statements prepared on one connection, by their text.
pub(super) type Prepared = HashMap<String, Statement>;

/// How texts too long for a page are kept. The server's default compression, of 1999, would take half of the time of
/// a rebuild: the quick one, if the server was built with it, else none. What is short enough for a page stays there,
/// rather than in pieces in another table with an index.
pub(super) fn long_texts(table: &Table, name: &str, lz4: bool) -> Vec<String> {
    let setting = if lz4 {
        "COMPRESSION lz4"
    } else {
        "STORAGE EXTERNAL"
    };
    let texts = table.values.iter().filter(|(_, kind)| *kind == Kind::Text);
    let mut statements: Vec<_> = texts
        .map(|(column, _)| format!("ALTER TABLE {name} ALTER COLUMN {column} SET {setting}"))
        .collect();
    if !statements.is_empty() {
        statements.push(format!("ALTER TABLE {name} SET (toast_tuple_target = {PAGE})"));
    }
    statements
}

/// The most bytes of a row that fit in a page of PostgreSQL.
const PAGE: usize = 8160;

/// A column's values of many rows.
type Column = Box<dyn ToSql + Sync + Send>;
type Columns = &'static [(&'static str, Kind)];

/// A statement to be executed, and its parameters.
pub(super) struct Execution {
    pub sql: String,
    pub parameters: Vec<Column>,
}

/// What writes the changes, in an order in which it may be executed.
pub(super) fn executions(view: &View, generation: i64, changes: &Changes) -> Vec<Execution> {
    let mut executions = Vec::new();
    for (table, changes) in view.tables.iter().zip(&changes.tables) {
        let name = qualified(table.name, generation);
        if !changes.removals.is_empty() {
            executions.push(Execution {
                sql: delete(table, &name, None),
                parameters: keys(table, &changes.removals),
            });
        }
        if !changes.puts.is_empty() {
            let mut parameters = columns(table.keys, changes.puts.len(), |row, column| {
                &changes.puts[row].0[column]
            });
            parameters.extend(columns(table.values, changes.puts.len(), |row, column| {
                &changes.puts[row].1[column]
            }));
            executions.push(Execution {
                sql: upsert(table, &name),
                parameters,
            });
        }
        if !changes.sums.is_empty() {
            executions.push(add(table, &name, &changes.sums));
            let parameters = columns(table.keys, changes.sums.len(), |row, column| {
                &changes.sums[row].0[column]
            });
            executions.push(Execution {
                sql: delete(table, &name, Some(&sql::zeros(table))),
                parameters,
            });
        }
    }
    executions
}

/// Executes all, one behind the other; all answers are awaited.
pub(super) async fn execute(
    client: &Client,
    prepared: &mut Prepared,
    executions: &[Execution],
) -> Result<Vec<u64>, Error> {
    for execution in executions {
        if !prepared.contains_key(&execution.sql) {
            let statement = client.prepare(&execution.sql).await?;
            prepared.insert(execution.sql.clone(), statement);
        }
    }
    let prepared = &*prepared;
    // Requests are sent in the order in which these are polled first: the order of the list.
    let answers = executions.iter().map(|execution| async move {
        let parameters = execution
            .parameters
            .iter()
            .map(|column| &**column as &(dyn ToSql + Sync));
        client
            .execute_raw(&prepared[&execution.sql], parameters.collect::<Vec<_>>())
            .await
    });
    try_join_all(answers).await
}

/// Writes changes into tables which have no row of theirs yet, sums aside.
pub(super) async fn load(
    client: &Client,
    prepared: &mut Prepared,
    view: &View,
    generation: i64,
    changes: &Changes,
) -> Result<(), Error> {
    for (table, changes) in view.tables.iter().zip(&changes.tables) {
        let name = qualified(table.name, generation);
        if !changes.puts.is_empty() {
            copy(client, table, &name, &changes.puts).await?;
        }
        if !changes.sums.is_empty() {
            execute(client, prepared, &[add(table, &name, &changes.sums)]).await?;
        }
    }
    Ok(())
}

async fn copy(client: &Client, table: &Table, name: &str, rows: &[(Key, Vec<Value>)]) -> Result<(), Error> {
    let sql = format!(
        "COPY {name} ({}) FROM STDIN (FORMAT binary)",
        sql::list(table.columns())
    );
    let types: Vec<Type> = table.columns().map(|(_, kind)| column_type(*kind)).collect();
    let mut writer = pin!(BinaryCopyInWriter::new(client.copy_in(&sql).await?, &types));
    let mut row: Vec<&(dyn ToSql + Sync)> = Vec::new();
    for (key, values) in rows {
        row.clear();
        row.extend(key.iter().chain(values).map(|value| value as &(dyn ToSql + Sync)));
        writer.as_mut().write(&row).await?;
    }
    writer.finish().await.map(drop)
}

fn add(table: &Table, name: &str, sums: &[(Key, Vec<i64>)]) -> Execution {
    let mut parameters = columns(table.keys, sums.len(), |row, column| &sums[row].0[column]);
    for column in 0..table.values.len() {
        parameters.push(Box::new(
            sums.iter()
                .map(|(_, amounts)| amounts[column])
                .collect::<Vec<i64>>(),
        ));
    }
    Execution {
        sql: upsert(table, name),
        parameters,
    }
}

fn keys(table: &Table, keys: &[Key]) -> Vec<Column> {
    columns(table.keys, keys.len(), |row, column| &keys[row][column])
}

/// An array for each column. The view's digestion has checked that values fit their columns.
fn columns<'a>(columns: Columns, rows: usize, value: impl Fn(usize, usize) -> &'a Value) -> Vec<Column> {
    let array = |(column, (_, kind)): (usize, &(&str, Kind))| -> Column {
        let values = (0..rows).map(|row| value(row, column));
        match kind {
            Kind::Integer => Box::new(values.map(integer).collect::<Vec<_>>()),
            Kind::Boolean => Box::new(values.map(boolean).collect::<Vec<_>>()),
            Kind::Text => Box::new(values.map(text).collect::<Vec<_>>()),
        }
    };
    columns.iter().enumerate().map(array).collect()
}

fn integer(value: &Value) -> Option<i64> {
    if let Value::Integer(number) = value {
        Some(*number)
    } else {
        None
    }
}

fn boolean(value: &Value) -> Option<bool> {
    if let Value::Boolean(truth) = value {
        Some(*truth)
    } else {
        None
    }
}

fn text(value: &Value) -> Option<String> {
    if let Value::Text(text) = value {
        Some(text.clone())
    } else {
        None
    }
}

/// `unnest($1::bigint[], $2::text[]) AS n (a, b)`.
fn unnest(columns: impl Iterator<Item = &'static (&'static str, Kind)> + Clone) -> String {
    let arrays = columns
        .clone()
        .enumerate()
        .map(|(index, (_, kind))| format!("${}::{}[]", index + 1, column_type(*kind)));
    format!(
        "unnest({}) AS n ({})",
        arrays.collect::<Vec<_>>().join(", "),
        sql::list(columns)
    )
}

fn upsert(table: &Table, name: &str) -> String {
    let all = sql::list(table.columns());
    let rows = unnest(table.columns());
    format!(
        "INSERT INTO {name} AS t ({all}) SELECT {all} FROM {rows} {}",
        sql::on_conflict(table)
    )
}

fn delete(table: &Table, name: &str, also: Option<&str>) -> String {
    let equal = table
        .keys
        .iter()
        .map(|(column, _)| format!("t.{column} = n.{column}"));
    let equal = equal
        .chain(also.map(str::to_owned))
        .collect::<Vec<_>>()
        .join(" AND ");
    format!(
        "DELETE FROM {name} AS t USING {} WHERE {equal}",
        unnest(table.keys.iter())
    )
}
