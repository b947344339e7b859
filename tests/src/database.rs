//! A database for one test alone.

use std::ffi::OsString;
use std::path::Path;
use std::thread;
use std::time::Duration;

use postgres::error::SqlState;
use postgres::{Client, NoTls};
use tempfile::TempDir;
use uuid::Uuid;

use crate::servers;
use crate::wait::wait_for;

const DONE_WITHIN: Duration = Duration::from_secs(20);

/// Where one test keeps its log and views: a data directory of its own and, on PostgreSQL, a database of its own.
/// Both go when it is dropped.
#[derive(Debug)]
pub struct Database {
    data: TempDir,
    postgres: Option<FreshPostgres>,
}

impl Database {
    /// SQLite files in the data directory.
    pub fn sqlite() -> Database {
        Database {
            data: data_directory(),
            postgres: None,
        }
    }

    /// A new database on the private PostgreSQL.
    pub fn postgres() -> Database {
        Database {
            data: data_directory(),
            postgres: Some(fresh_postgres()),
        }
    }

    /// The data directory.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// The address, on PostgreSQL.
    pub fn url(&self) -> Option<&str> {
        self.postgres.as_ref().map(FreshPostgres::url)
    }

    /// The database on PostgreSQL.
    pub fn on_postgres(&self) -> Option<&FreshPostgres> {
        self.postgres.as_ref()
    }

    /// The options that make the program use this database.
    pub fn options(&self) -> Vec<OsString> {
        let mut options = vec!["--data".into(), self.data().into()];
        if let Some(url) = self.url() {
            options.extend(["--database".into(), url.into()]);
        }
        options
    }
}

fn data_directory() -> TempDir {
    tempfile::Builder::new()
        .prefix("parcours-test-")
        .tempdir()
        .expect("the temporary directory is writable")
}

/// A new database on the private PostgreSQL, dropped with this value whoever is still connected.
#[derive(Debug)]
pub struct FreshPostgres {
    server: String,
    name: String,
    url: String,
}

/// Creates an empty database with a name of its own. May be called from anywhere, an async runtime included.
pub fn fresh_postgres() -> FreshPostgres {
    let server = servers::postgres();
    let fresh = FreshPostgres::named(server);
    fresh
        .administer(&format!("CREATE DATABASE {}", fresh.name))
        .expect("the private PostgreSQL makes databases");
    fresh
}

impl FreshPostgres {
    /// One that is still to be created.
    fn named(server: String) -> FreshPostgres {
        let name = format!("test_{}", Uuid::now_v7().simple());
        let (address, _) = server
            .rsplit_once('/')
            .expect("the server's address ends with a database");
        let url = format!("{address}/{name}");
        FreshPostgres { server, name, url }
    }

    /// A copy of it as it is now. Whoever is connected is cut off.
    pub fn copy(&self) -> FreshPostgres {
        let copy = FreshPostgres::named(self.server.clone());
        let create = format!("CREATE DATABASE {} TEMPLATE {}", copy.name, self.name);
        self.alone(&create, &self.name);
        copy
    }

    /// Puts another database in its place, under the same address. Whoever is connected is cut off, and finds the other
    /// one there: as when a standby takes over that has less than its primary had.
    pub fn replace_by(&self, other: FreshPostgres) {
        let (here, there) = (&self.name, &other.name);
        let aside = format!("{there}_aside");
        other.alone(&format!("ALTER DATABASE {there} RENAME TO {aside}"), &aside);
        self.alone(&format!("ALTER DATABASE {here} RENAME TO {there}"), there);
        self.administer(&format!("ALTER DATABASE {aside} RENAME TO {here}"))
            .expect("nobody knows it by that name");
    }

    /// Carries out what may only be done while nobody is connected, and after which the database has the name `after`.
    fn alone(&self, statement: &str, after: &str) {
        let name = &self.name;
        let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'");
        self.administer(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .expect("a database can be closed");
        wait_for("nobody is connected", DONE_WITHIN, || {
            self.administer(&cut).expect("connections can be cut");
            match self.administer(statement) {
                Ok(()) => Some(()),
                Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => None,
                Err(error) => panic!("{statement}: {error}"),
            }
        });
        self.administer(&format!("ALTER DATABASE {after} ALLOW_CONNECTIONS true"))
            .expect("a database can be opened again");
    }

    fn administer(&self, statement: &str) -> Result<(), postgres::Error> {
        execute(&self.server, statement)
    }

    /// The address of this database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection, for a test that looks inside. Blocking: not for async tests.
    pub fn connect(&self) -> Client {
        Client::connect(&self.url, NoTls).expect("the fresh database accepts connections")
    }
}

impl Drop for FreshPostgres {
    fn drop(&mut self) {
        // The server goes with the test run, and its databases with it: a failure here hides no other.
        if let Err(error) = self.administer(&format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
            eprintln!("{} stays until the server stops: {error}", self.name);
        }
    }
}

/// The blocking client must not run on a thread of an async runtime, where callers may well be: it gets its own.
fn execute(url: &str, statement: &str) -> Result<(), postgres::Error> {
    thread::scope(|scope| {
        scope
            .spawn(|| Client::connect(url, NoTls)?.batch_execute(statement))
            .join()
            .expect("the client returns its errors")
    })
}
