//! What views pass over, as the database says it.

use parcours_log::tree::Hash;

use crate::ViewError;
use crate::view::Value;

/// An entry that a view passes over.
pub(crate) struct Noted {
    /// The view.
    pub view: String,
    /// Where the entry stands.
    pub position: u64,
    /// Its leaf hash, unless a program wrote that did not know of it.
    pub leaf: Option<Hash>,
}

/// Asks for all of it, in the table of this name.
pub(crate) fn select(table: &str) -> String {
    format!("SELECT view, position, leaf FROM {table} ORDER BY view, position")
}

/// Notes one more, in the table of this name: parameters are the view, the position and the leaf hash. Of two entries at
/// one position the log has had only the later one last.
pub(crate) fn insert(table: &str) -> String {
    format!(
        "INSERT INTO {table} (view, position, leaf) VALUES ($1, $2, $3)
         ON CONFLICT (view, position) DO UPDATE SET leaf = excluded.leaf"
    )
}

/// Reads what was answered.
pub(crate) fn read(rows: &[Vec<Value>]) -> Result<Vec<Noted>, ViewError> {
    rows.iter()
        .map(|row| noted(row))
        .collect::<Option<_>>()
        .ok_or_else(|| {
            ViewError::Unavailable(
                "the views' database holds a position or a leaf hash that cannot be".into(),
            )
        })
}

fn noted(row: &[Value]) -> Option<Noted> {
    let [Value::Text(view), Value::Integer(position), leaf] = row else {
        return None;
    };
    let leaf = match leaf {
        Value::Null => None,
        Value::Text(leaf) => Some(leaf.parse().ok()?),
        _ => return None,
    };
    Some(Noted {
        view: view.clone(),
        position: u64::try_from(*position).ok()?,
        leaf,
    })
}
