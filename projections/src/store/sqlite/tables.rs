//! The statements that change a view's tables, inside a transaction of the caller's.

use rusqlite::Connection;

use crate::change::{Changes, TableChanges};
use crate::store::sql;
use crate::view::{Key, Kind, Table, Value, View};

/// How rows are put: into a table where their keys cannot be yet, or where they may be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    New,
    Replace,
}

/// Writes the changes.
pub(super) fn write(
    connection: &Connection,
    view: &View,
    generation: i64,
    changes: &Changes,
    put: Put,
) -> rusqlite::Result<()> {
    for (table, changes) in view.tables.iter().zip(&changes.tables) {
        let name = sql::name(table.name, generation);
        remove(connection, table, &name, changes)?;
        put_rows(connection, table, &name, changes, put)?;
        add(connection, table, &name, changes, put)?;
    }
    Ok(())
}

fn remove(
    connection: &Connection,
    table: &Table,
    name: &str,
    changes: &TableChanges,
) -> rusqlite::Result<()> {
    if changes.removals.is_empty() {
        return Ok(());
    }
    let mut delete =
        connection.prepare_cached(&format!("DELETE FROM {name} AS t WHERE {}", has_key(table)))?;
    for key in &changes.removals {
        bind(&mut delete, key)?;
        delete.raw_execute()?;
    }
    Ok(())
}

fn put_rows(
    connection: &Connection,
    table: &Table,
    name: &str,
    changes: &TableChanges,
    put: Put,
) -> rusqlite::Result<()> {
    if changes.puts.is_empty() {
        return Ok(());
    }
    let mut insert = insert(table, name);
    if put == Put::Replace {
        insert = format!("{insert} {}", sql::on_conflict(table));
    }
    let mut insert = connection.prepare_cached(&insert)?;
    for (key, values) in &changes.puts {
        bind(&mut insert, key.iter().chain(values))?;
        insert.raw_execute()?;
    }
    Ok(())
}

fn add(
    connection: &Connection,
    table: &Table,
    name: &str,
    changes: &TableChanges,
    put: Put,
) -> rusqlite::Result<()> {
    if changes.sums.is_empty() {
        return Ok(());
    }
    let mut upsert =
        connection.prepare_cached(&format!("{} {}", insert(table, name), sql::on_conflict(table)))?;
    for (key, amounts) in &changes.sums {
        let last = bind(&mut upsert, key)?;
        for (number, amount) in (last + 1..).zip(amounts) {
            upsert.raw_bind_parameter(number, amount)?;
        }
        upsert.raw_execute()?;
    }
    // While loading, sums of 0 may come and go; they are deleted once, at its end.
    if put == Put::New {
        return Ok(());
    }
    let keys: Vec<_> = changes.sums.iter().map(|(key, _)| key).collect();
    delete_zeros(connection, table, name, &keys)
}

fn delete_zeros(connection: &Connection, table: &Table, name: &str, keys: &[&Key]) -> rusqlite::Result<()> {
    let sql = format!(
        "DELETE FROM {name} AS t WHERE {} AND {}",
        has_key(table),
        sql::zeros(table)
    );
    let mut delete = connection.prepare_cached(&sql)?;
    for key in keys {
        bind(&mut delete, *key)?;
        delete.raw_execute()?;
    }
    Ok(())
}

fn has_key(table: &Table) -> String {
    let equal = |(number, (column, _)): (usize, &(&str, Kind))| format!("t.{column} = ?{}", number + 1);
    table
        .keys
        .iter()
        .enumerate()
        .map(equal)
        .collect::<Vec<_>>()
        .join(" AND ")
}

fn insert(table: &Table, name: &str) -> String {
    let places = vec!["?"; table.columns().count()].join(", ");
    format!(
        "INSERT INTO {name} AS t ({}) VALUES ({places})",
        sql::list(table.columns())
    )
}

/// Binds values to the parameters from the first on; answers the number of the last.
fn bind<'a>(
    statement: &mut rusqlite::CachedStatement<'_>,
    values: impl IntoIterator<Item = &'a Value>,
) -> rusqlite::Result<usize> {
    let mut last = 0;
    for value in values {
        last += 1;
        statement.raw_bind_parameter(last, value)?;
    }
    Ok(last)
}
