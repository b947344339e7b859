//! What views pass over, as the database says it.

use crate::ViewError;
use crate::view::Value;

/// Asks for all of it, in the table of this name.
pub(crate) fn select(table: &str) -> String {
    format!("SELECT view, position FROM {table} ORDER BY view, position")
}

/// Reads what was answered.
pub(crate) fn read(rows: &[Vec<Value>]) -> Result<Vec<(String, u64)>, ViewError> {
    let read = |row: &Vec<Value>| match &row[..] {
        [Value::Text(view), Value::Integer(position)] => Some((view.clone(), u64::try_from(*position).ok()?)),
        _ => None,
    };
    let damaged = || ViewError::Unavailable("the views' database holds a position that cannot be".into());
    rows.iter().map(read).collect::<Option<_>>().ok_or_else(damaged)
}
