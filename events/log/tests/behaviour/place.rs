//! Where a test keeps its log.

use parcours_log::tree::Hash;
use parcours_log::{Entry, Location, Log, LogError, Options};
use parcours_tests::{FreshPostgres, fresh_postgres};
use tempfile::TempDir;

/// A database for one test alone, gone with it.
pub enum Place {
    Sqlite(TempDir),
    Postgres(FreshPostgres),
}

/// The usual options, but for an index that goes into runs so early that every test has some, and merges them, and for so
/// little memory that most histories are at rest, or forgotten.
pub fn options() -> Options {
    Options {
        run: 7,
        history_bytes: 64 << 10,
        ..Options::default()
    }
}

impl Place {
    pub fn sqlite() -> Place {
        Place::Sqlite(TempDir::new().unwrap())
    }

    pub fn postgres() -> Place {
        Place::Postgres(fresh_postgres())
    }

    pub fn location(&self) -> Location {
        match self {
            Place::Sqlite(directory) => Location::Sqlite(directory.path().join("log.sqlite")),
            Place::Postgres(database) => Location::Postgres(database.url().to_owned()),
        }
    }

    pub async fn open(&self) -> Log {
        self.open_with(options()).await
    }

    pub async fn open_with(&self, options: Options) -> Log {
        self.try_open(options).await.unwrap()
    }

    pub async fn try_open(&self, options: Options) -> Result<Log, LogError> {
        Log::open(&self.location(), options).await
    }

    /// Runs SQL behind the log's back; tables are named as in SQLite.
    pub fn execute(&self, sql: &str) {
        match self {
            Place::Sqlite(directory) => {
                let connection = rusqlite::Connection::open(directory.path().join("log.sqlite")).unwrap();
                connection
                    .busy_timeout(std::time::Duration::from_secs(10))
                    .unwrap();
                connection.execute_batch(sql).unwrap();
            }
            Place::Postgres(database) => std::thread::scope(|scope| {
                let run = || {
                    database
                        .connect()
                        .batch_execute(&format!("SET search_path = parcours_log; {sql}"))
                };
                scope.spawn(run).join().unwrap().unwrap();
            }),
        }
    }
}

impl Place {
    /// The leaf hash stored with the entry at `position`.
    pub fn leaf(&self, position: u64) -> Hash {
        let leaf: Vec<u8> = self.look(&format!("SELECT leaf FROM entries WHERE position = {position}"));
        Hash(leaf.try_into().unwrap())
    }

    /// The statement that puts the head back to what it is now.
    pub fn remembered_head(&self) -> String {
        let frontier: Vec<u8> = self.look("SELECT frontier FROM head");
        let size = u64::from_be_bytes(frontier[..8].try_into().unwrap());
        let hex: String = frontier.iter().map(|byte| format!("{byte:02x}")).collect();
        let bytes = match self {
            Place::Sqlite(_) => format!("x'{hex}'"),
            Place::Postgres(_) => format!("'\\x{hex}'"),
        };
        format!("UPDATE head SET size = {size}, streams = {size}, frontier = {bytes}")
    }

    /// The number that a query answers.
    pub fn count(&self, sql: &str) -> u64 {
        let count: i64 = match self {
            Place::Sqlite(directory) => {
                let connection = rusqlite::Connection::open(directory.path().join("log.sqlite")).unwrap();
                connection
                    .busy_timeout(std::time::Duration::from_secs(10))
                    .unwrap();
                connection.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Place::Postgres(_) => self.ask(&format!("SELECT ({sql})::bigint")),
        };
        count.unsigned_abs()
    }

    /// The bytes that a query answers.
    fn look(&self, sql: &str) -> Vec<u8> {
        match self {
            Place::Sqlite(directory) => {
                let connection = rusqlite::Connection::open(directory.path().join("log.sqlite")).unwrap();
                connection.query_row(sql, [], |row| row.get(0)).unwrap()
            }
            Place::Postgres(_) => self.ask(sql),
        }
    }

    fn ask<T: tokio_postgres::types::FromSqlOwned + Send>(&self, sql: &str) -> T {
        let Place::Postgres(database) = self else {
            unreachable!()
        };
        std::thread::scope(|scope| {
            let ask = || {
                let mut client = database.connect();
                client.batch_execute("SET search_path = parcours_log").unwrap();
                client.query_one(sql, &[]).unwrap().get(0)
            };
            scope.spawn(ask).join().unwrap()
        })
    }
}

/// Every entry of the log.
pub async fn all(log: &Log) -> Vec<Entry> {
    let size = log.head().await.unwrap().size;
    let mut entries: Vec<Entry> = Vec::new();
    while (entries.len() as u64) < size {
        entries.extend(log.read(entries.len() as u64, 500).await.unwrap());
    }
    entries
}

/// Makes of each behaviour two tests, `sqlite::NAME` and `postgres::NAME`. Once in a module.
macro_rules! on_both_databases {
    ($( async fn $name:ident($place:ident: Place) $body:block )+) => {
        mod behaviour {
            use super::*;
            $( pub async fn $name($place: Place) $body )+
        }
        mod sqlite {
            $( #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
               async fn $name() { super::behaviour::$name(super::Place::sqlite()).await; } )+
        }
        mod postgres {
            $( #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
               async fn $name() { super::behaviour::$name(super::Place::postgres()).await; } )+
        }
    };
}
pub(crate) use on_both_databases;
