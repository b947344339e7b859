//! Where a test keeps its log.

use std::time::Duration;

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
                connection.busy_timeout(Duration::from_secs(10)).unwrap();
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
                connection.busy_timeout(Duration::from_secs(10)).unwrap();
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

/// A session of somebody else's that holds the lock of the log's head. On PostgreSQL.
pub struct HeldHead(Option<(postgres::Client, postgres::Client)>);

impl Place {
    pub fn hold_head(&self) -> HeldHead {
        let Place::Postgres(database) = self else {
            unreachable!()
        };
        HeldHead(Some(aside(|| {
            let mut holder = database.connect();
            let hold = "BEGIN; SELECT size FROM parcours_log.head FOR UPDATE";
            holder.batch_execute(hold).unwrap();
            (holder, database.connect())
        })))
    }
}

impl HeldHead {
    /// Returns once a session of this database waits for a lock.
    pub fn until_somebody_waits(&mut self) {
        const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let (_, watcher) = self.0.as_mut().unwrap();
        aside(|| {
            parcours_tests::wait_until("somebody waits for the head", Duration::from_secs(20), || {
                watcher.query_one(WAITING, &[]).unwrap().get::<_, i64>(0) > 0
            });
        });
    }

    pub fn let_go(mut self) {
        aside(|| drop(self.0.take()));
    }
}

/// The blocking client must not run on a thread of an async runtime.
pub fn aside<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(work).join().unwrap())
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
