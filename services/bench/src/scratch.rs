//! Where a run keeps its logs and views: places of its own, empty at first, gone at the end.

use anyhow::Context;
use parcours_log::Location;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tempfile::TempDir;
use uuid::Uuid;

/// What a service is started on.
pub struct Data {
    /// Its data directory.
    pub folder: PathBuf,
    pub log: Location,
    pub views: Location,
}

/// A folder inside the data directory, and databases on the given server. Nothing else there is touched.
pub struct Scratch {
    folder: TempDir,
    log: Location,
    views: Location,
    /// Databases made, each with a URL by which it can be dropped.
    made: Mutex<Vec<(String, String)>>,
}

impl Scratch {
    /// Makes the folder. Databases are made as they are asked for.
    pub fn make(data: &Path, log: &Location, views: &Location) -> anyhow::Result<Self> {
        std::fs::create_dir_all(data)?;
        let folder = tempfile::Builder::new()
            .prefix("parcours-bench-")
            .tempdir_in(data);
        Ok(Self {
            folder: folder.with_context(|| format!("no folder can be made in {}", data.display()))?,
            log: log.clone(),
            views: views.clone(),
            made: Mutex::default(),
        })
    }

    /// A file of this name.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An empty data directory of this name, and places for a log and views, those that a service takes there.
    pub async fn data(&self, name: &str) -> anyhow::Result<Data> {
        let folder = self.file(name);
        std::fs::create_dir(&folder)?;
        Ok(Data {
            log: self.place(&self.log, &format!("{name}/log")).await?,
            views: self.place(&self.views, &format!("{name}/views")).await?,
            folder,
        })
    }

    /// An empty place for a log.
    pub async fn log(&self, name: &str) -> anyhow::Result<Location> {
        self.place(&self.log, name).await
    }

    /// An empty place for views.
    pub async fn views(&self, name: &str) -> anyhow::Result<Location> {
        self.place(&self.views, name).await
    }

    async fn place(&self, like: &Location, name: &str) -> anyhow::Result<Location> {
        let Location::Postgres(server) = like else {
            return Ok(Location::Sqlite(self.file(&format!("{name}.sqlite"))));
        };
        let database = format!(
            "parcours_bench_{}_{}",
            name.replace(['-', '/'], "_"),
            Uuid::now_v7().simple()
        );
        let url = with_database(server, &database).context("the URL names no database")?;
        execute(server, format!("CREATE DATABASE {database}"))
            .await
            .context(
                "the bench makes databases of its own on the server, and may not: use an account that may",
            )?;
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((server.clone(), database));
        Ok(Location::Postgres(url))
    }

    /// Removes everything, whoever is still connected.
    pub async fn remove(self) {
        for (server, database) in self.made.into_inner().unwrap_or_else(PoisonError::into_inner) {
            if let Err(error) = execute(&server, format!("DROP DATABASE {database} WITH (FORCE)")).await {
                tracing::warn!(%error, "the database {database} is left on the server");
            }
        }
        let folder: PathBuf = self.folder.path().to_owned();
        if let Err(error) = self.folder.close().or_else(|_| again(&folder)) {
            tracing::warn!(%error, "the folder {} is left behind", folder.display());
        }
    }
}

/// A thread that is just ending may have made a file in the folder while it was emptied.
fn again(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

async fn execute(server: &str, statement: String) -> anyhow::Result<()> {
    let server = server.to_owned();
    let work = move || postgres::Client::connect(&server, postgres::NoTls)?.batch_execute(&statement);
    Ok(tokio::task::spawn_blocking(work).await??)
}

/// The bytes that a database takes on its server's disk.
pub async fn size(url: &str) -> anyhow::Result<u64> {
    let url = url.to_owned();
    let work = move || {
        let mut client = postgres::Client::connect(&url, postgres::NoTls)?;
        let row = client.query_one("SELECT pg_database_size(current_database())", &[])?;
        Ok(u64::try_from(row.get::<_, i64>(0))?)
    };
    tokio::task::spawn_blocking(work).await?
}

/// The URL of another database on the same server.
fn with_database(url: &str, database: &str) -> Option<String> {
    let host = url.find("://")? + 3;
    let path = host + url[host..].find('/')?;
    let query = url[path..].find('?').map_or("", |query| &url[path + query..]);
    Some(format!("{}/{database}{query}", &url[..path]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_database_of_the_server_keeps_everything_else_of_the_url() {
        for (url, expected) in [
            ("postgres://u:p@h:1/postgres", Some("postgres://u:p@h:1/x")),
            (
                "postgres://u@h/a?sslmode=disable",
                Some("postgres://u@h/x?sslmode=disable"),
            ),
            ("postgres://u@h", None),
        ] {
            assert_eq!(with_database(url, "x").as_deref(), expected);
        }
    }
}
