//! Reading: a few connections, lent to blocking threads one question at a time.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parcours_log::database::OpenFile;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params_from_iter};
use tokio::sync::Semaphore;

use crate::ViewError;
use crate::digest::Digest;
use crate::store::generation::{COLUMNS, Generation};
use crate::store::{QueryError, sql};
use crate::view::{Table, Value};

/// Connections at most: reading is CPU work, more than the cores would only wait for each other.
const CONNECTIONS: usize = 4;
/// Page cache of each, in KiB.
const CACHE_KIB: i64 = 2 << 10;

/// The pool. Invariant: a permit of `free` for each connection that may be borrowed or opened.
#[derive(Clone)]
pub(super) struct Pool(Arc<Inner>);

struct Inner {
    file: PathBuf,
    open: OpenFile,
    free: Arc<Semaphore>,
    idle: Mutex<Vec<Connection>>,
}

impl Inner {
    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pool {
    /// A pool on a file whose schema is up to date.
    pub fn new(file: &Path, open: OpenFile) -> Pool {
        Pool(Arc::new(Inner {
            file: file.to_owned(),
            open,
            free: Arc::new(Semaphore::new(CONNECTIONS)),
            idle: Mutex::default(),
        }))
    }

    /// Asks on a borrowed connection, on a thread that may block.
    pub async fn with<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let pool = self.0.clone();
        let permit = pool
            .free
            .clone()
            .acquire_owned()
            .await
            .expect("the pool's semaphore is never closed");
        let work = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            // What a file says that was removed is not kept up to date by anybody.
            pool.open
                .still_stands()
                .map_err(|exchanged| QueryError::Failed(exchanged.into()))?;
            let idle = pool.idle().pop();
            let connection = match idle {
                Some(connection) => connection,
                None => connect(&pool.file).map_err(QueryError::Failed)?,
            };
            let answer = question(&connection);
            pool.idle().push(connection);
            answer
        });
        work.await
            .map_err(|stopped| QueryError::Failed(ViewError::unavailable(&stopped)))?
    }
}

fn connect(file: &Path) -> Result<Connection, ViewError> {
    let connection = super::connect(file, CACHE_KIB)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// All generations of all views.
pub(super) fn generations(connection: &Connection) -> Result<Vec<Generation>, QueryError> {
    let rows = query(
        connection,
        &format!("SELECT {COLUMNS} FROM view_generations ORDER BY view, generation"),
        &[],
    )?;
    rows.iter()
        .map(|row| Generation::read(row))
        .collect::<Result<_, _>>()
        .map_err(QueryError::Failed)
}

/// The rows that a SELECT answers.
pub(super) fn query(
    connection: &Connection,
    sql: &str,
    parameters: &[Value],
) -> Result<Vec<Vec<Value>>, QueryError> {
    let mut select = connection.prepare_cached(sql)?;
    let columns = select.column_count();
    let mut rows = select.query(params_from_iter(parameters))?;
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push(values(row, columns)?);
    }
    Ok(answer)
}

/// One transaction over all the tables, so one state of them.
pub(super) fn digest(
    connection: &Connection,
    tables: &[(&'static Table, String)],
) -> Result<[u8; 32], QueryError> {
    let snapshot = connection.unchecked_transaction()?;
    let mut digest = Digest::default();
    for (table, name) in tables {
        digest.table(table);
        let mut select = snapshot.prepare(&sql::all_rows(table, name))?;
        let columns = select.column_count();
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            digest.row(table, &values(row, columns)?);
        }
        digest.end();
    }
    snapshot.finish()?;
    Ok(digest.finish())
}

fn values(row: &Row<'_>, columns: usize) -> Result<Vec<Value>, QueryError> {
    (0..columns).map(|column| value(row.get_ref(column)?)).collect()
}

fn value(stored: ValueRef<'_>) -> Result<Value, QueryError> {
    let unexpected = |what: &str| {
        QueryError::Failed(ViewError::Unavailable(format!(
            "the views' database answers {what}"
        )))
    };
    match stored {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) => Ok(Value::Integer(number)),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Value::Text(text.to_owned())),
            Err(_) => Err(unexpected("a text that is not UTF-8")),
        },
        ValueRef::Real(_) => Err(unexpected("a number with a fraction")),
        ValueRef::Blob(_) => Err(unexpected("bytes")),
    }
}
