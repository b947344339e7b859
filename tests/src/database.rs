//! A database for one test alone.

use std::ffi::OsString;
use std::path::Path;
use std::thread;

use postgres::{Client, NoTls};
use tempfile::TempDir;
use uuid::Uuid;

use crate::servers;

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
    let name = format!("test_{}", Uuid::now_v7().simple());
    let (address, _) = server
        .rsplit_once('/')
        .expect("the server's address ends with a database");
    let url = format!("{address}/{name}");
    execute(&server, &format!("CREATE DATABASE {name}")).expect("the private PostgreSQL makes databases");
    FreshPostgres { server, name, url }
}

impl FreshPostgres {
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
        if let Err(error) = execute(&self.server, &format!("DROP DATABASE {} WITH (FORCE)", self.name)) {
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
