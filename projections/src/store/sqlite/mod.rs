//! The views in one SQLite file of their own, in WAL mode.
//!
//! Writers of this process take turns at the `gate`, in order of arrival; SQLite's own waiting between processes is
//! not fair and would cost a live view its promptness. `synchronous=NORMAL`: a commit is not synced, which is enough
//! (see [`store`](super)), and the [`checkpoint`] task syncs when it moves the WAL into the file.

mod checkpoint;
mod looking;
mod reader;
mod tables;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parcours_log::database::{OpenFile, open_sqlite, open_sqlite_again, turn_wal_on};
use parcours_log::supervision::Supervisor;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};
use tokio::sync::Mutex;

use super::migrations::SCHEMA;
use super::{Generation, Noted, QueryError, Store, Writer, passed_over, sql};
use crate::ViewError;
use crate::view::{Table, Value};
use checkpoint::Checkpointer;
pub(crate) use looking::Looking;
use reader::Pool;
use writer::SqliteWriter;

/// How long a connection waits for another process's lock before it gives up.
const BUSY_LIMIT: Duration = Duration::from_secs(30);

/// The file, open.
pub(crate) struct Sqlite {
    file: PathBuf,
    open: OpenFile,
    pool: Pool,
    gate: Arc<Mutex<()>>,
    checkpointer: Arc<Checkpointer>,
}

impl Sqlite {
    /// Opens the file, makes it if it is missing, and brings its schema up to date.
    pub async fn open(file: &Path, supervisor: &Supervisor) -> Result<Self, ViewError> {
        let opened = file.to_owned();
        let open = blocking(move || prepare(&opened)).await?;
        let gate = Arc::new(Mutex::new(()));
        Ok(Self {
            file: file.to_owned(),
            pool: Pool::new(file, open.clone()),
            open,
            checkpointer: Arc::new(Checkpointer::start(file, gate.clone(), supervisor)),
            gate,
        })
    }
}

#[async_trait]
impl Store for Sqlite {
    fn table(&self, name: &str, generation: i64) -> String {
        sql::name(name, generation)
    }

    fn of_generation(&self, expression: &str, view: &str, generation: i64) -> String {
        sql::of_generation(expression, "view_generations", view, generation)
    }

    fn has_words(&self, table: &Table, generation: i64, alias: &str, parameter: &str) -> String {
        let bare = sql::name(table.name, generation);
        sql::has_words(sql::Dialect::Sqlite, table, &bare, alias, parameter)
    }

    async fn generations(&self) -> Result<Vec<Generation>, ViewError> {
        self.pool.with(reader::generations).await.map_err(ViewError::from)
    }

    async fn passed_over(&self) -> Result<Vec<Noted>, ViewError> {
        let select = passed_over::select("view_passed_over");
        passed_over::read(&self.query(select, Vec::new()).await?)
    }

    async fn query(&self, sql: String, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, QueryError> {
        self.pool
            .with(move |connection| reader::query(connection, &sql, &parameters))
            .await
    }

    async fn digest(&self, tables: Vec<(&'static Table, String)>) -> Result<[u8; 32], QueryError> {
        self.pool
            .with(move |connection| reader::digest(connection, &tables))
            .await
    }

    async fn writer(&self) -> Result<Box<dyn Writer>, ViewError> {
        self.open.still_stands()?;
        let file = self.file.clone();
        let connection = blocking(move || connect(&file, 4 << 10)).await?;
        Ok(Box::new(SqliteWriter::new(
            connection,
            &self.file,
            self.open.clone(),
            self.gate.clone(),
            self.checkpointer.clone(),
        )))
    }
}

/// Runs what may block on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ViewError> + Send + 'static,
) -> Result<T, ViewError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| ViewError::unavailable(&stopped))?
}

/// Turns WAL on and applies the migrations that are missing, under the file's write lock.
fn prepare(file: &Path) -> Result<OpenFile, ViewError> {
    let mut connection = prepared(open_sqlite(file, BUSY_LIMIT)?, 2 << 10)?;
    turn_wal_on(&connection, BUSY_LIMIT)?;
    SCHEMA.migrate_sqlite::<ViewError>(&mut connection)?;
    OpenFile::at(file).map_err(|error| ViewError::unavailable(&error))
}

/// A connection to the file that is there, with a page cache of `cache_kib`.
fn connect(file: &Path, cache_kib: i64) -> Result<Connection, ViewError> {
    prepared(open_sqlite_again(file, BUSY_LIMIT)?, cache_kib)
}

fn prepared(connection: Connection, cache_kib: i64) -> Result<Connection, ViewError> {
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    connection.pragma_update(None, "temp_store", "memory")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

impl From<rusqlite::Error> for ViewError {
    fn from(error: rusqlite::Error) -> ViewError {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                ViewError::Damaged(error.to_string())
            }
            Some(ErrorCode::CannotOpen) => ViewError::Misplaced(error.to_string()),
            _ => ViewError::unavailable(&error),
        }
    }
}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> QueryError {
        // SQLite has no code of its own for this.
        if error.to_string().contains("no such table") {
            QueryError::Gone
        } else {
            QueryError::Failed(error.into())
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Boolean(truth) => ValueRef::Integer((*truth).into()),
        }))
    }
}
