//! In one SQLite file of its own, in WAL mode. Locks are on files beside it: they end with the process that has them.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use parcours_log::database::{OpenFile, ReadOnly, open_sqlite, open_sqlite_again, turn_wal_on};
use parcours_projections::Value;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior, params_from_iter};

use super::migrations::SCHEMA;
use super::{Session, Statement, Store, unavailable};
use crate::OutcomesError;

/// How long a connection waits for another's lock before it gives up.
const BUSY_LIMIT: Duration = Duration::from_secs(30);
/// Page cache of a connection, in KiB: a session touches a few pages again and again.
const CACHE_KIB: i64 = 256;

/// The file.
pub(super) struct Sqlite {
    file: PathBuf,
    open: OpenFile,
}

struct SqliteSession {
    file: PathBuf,
    open: OpenFile,
    /// Away while it is used on another thread; it does not come back from a failure.
    connection: Option<Connection>,
    locks: Vec<File>,
}

impl Sqlite {
    pub async fn open(file: &Path) -> Result<Self, OutcomesError> {
        let opened = file.to_owned();
        let open = blocking(move || prepare(&opened)).await?;
        Ok(Self {
            file: file.to_owned(),
            open,
        })
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn session(&self) -> Result<Box<dyn Session>, OutcomesError> {
        let file = self.file.clone();
        self.open
            .still_stands()
            .map_err(OutcomesError::WebhooksExchanged)?;
        let connection = blocking(move || connect(open_sqlite_again(&file, BUSY_LIMIT)?)).await?;
        Ok(Box::new(SqliteSession {
            file: self.file.clone(),
            open: self.open.clone(),
            connection: Some(connection),
            locks: Vec::new(),
        }))
    }
}

/// A session that only reads, where there is something to be read.
pub(super) async fn read(file: &Path) -> Result<Option<Box<dyn Session>>, OutcomesError> {
    let file = file.to_owned();
    blocking(move || {
        let found = match ReadOnly::find(&file) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            found => found.map_err(|error| unavailable(&error))?,
        };
        let session = SqliteSession {
            open: OpenFile::at(&file).map_err(|error| unavailable(&error))?,
            connection: Some(found.connect(BUSY_LIMIT)?),
            file,
            locks: Vec::new(),
        };
        Ok(Some(Box::new(session) as Box<dyn Session>))
    })
    .await
}

impl SqliteSession {
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, OutcomesError> + Send + 'static,
    ) -> Result<T, OutcomesError> {
        let gone = || OutcomesError::WebhooksUnavailable("the session has failed before".to_owned());
        let mut connection = self.connection.take().ok_or_else(gone)?;
        let open = self.open.clone();
        let (connection, done) = blocking(move || {
            let done = work(&mut connection)?;
            // Nothing is sent on the word of a file that nobody will open again.
            open.still_stands().map_err(OutcomesError::WebhooksExchanged)?;
            Ok((connection, done))
        })
        .await?;
        self.connection = Some(connection);
        Ok(done)
    }
}

#[async_trait]
impl Session for SqliteSession {
    async fn try_lock(&mut self, name: &str) -> Result<bool, OutcomesError> {
        let mut path = self.file.clone().into_os_string();
        path.push(format!(".{name}.lock"));
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path);
        let file = opened.map_err(|error| unavailable(&error))?;
        match file.try_lock() {
            Ok(()) => self.locks.push(file),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(unavailable(&error)),
        }
        Ok(true)
    }

    async fn query(&mut self, (sql, parameters): Statement) -> Result<Vec<Vec<Value>>, OutcomesError> {
        self.work(move |connection| {
            let mut statement = connection.prepare_cached(&sql.replace('@', ""))?;
            let columns = statement.column_count();
            let mut rows = statement.query(params_from_iter(parameters))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let values = (0..columns).map(|column| Ok(value(row.get_ref(column)?)));
                found.push(values.collect::<Result<Vec<_>, rusqlite::Error>>()?);
            }
            Ok(found)
        })
        .await
    }

    async fn execute(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, OutcomesError> {
        self.work(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let mut touched = Vec::new();
            for (sql, parameters) in statements {
                let mut statement = transaction.prepare_cached(&sql.replace('@', ""))?;
                touched.push(statement.execute(params_from_iter(parameters))? as u64);
            }
            transaction.commit()?;
            Ok(touched)
        })
        .await
    }
}

/// Tables here are of integers and text.
fn value(stored: ValueRef<'_>) -> Value {
    match stored {
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => Value::Null,
    }
}

/// Runs what may block on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, OutcomesError> + Send + 'static,
) -> Result<T, OutcomesError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|stopped| unavailable(&stopped))?
}

/// Turns WAL on and applies the migrations that are missing, under the file's write lock.
fn prepare(file: &Path) -> Result<OpenFile, OutcomesError> {
    let mut connection = connect(open_sqlite(file, BUSY_LIMIT)?)?;
    turn_wal_on(&connection, BUSY_LIMIT)?;
    SCHEMA.migrate_sqlite::<OutcomesError>(&mut connection)?;
    OpenFile::at(file).map_err(|error| unavailable(&error))
}

fn connect(connection: Connection) -> Result<Connection, OutcomesError> {
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

impl From<rusqlite::Error> for OutcomesError {
    fn from(error: rusqlite::Error) -> OutcomesError {
        unavailable(&error)
    }
}
