//! A log, a views' database, and waiting for what becomes of them.

use std::future::Future;
use std::time::{Duration, Instant};

use parcours_log::{Append, Location, Log, Options, Receipt, Rejection};
use parcours_model::Submission;
use parcours_projections::{
    CancellationToken, Projector, ProjectorOptions, View, ViewError, Views, ViewsOptions, rebuild,
};
use parcours_tests::Database;

/// Far more than anything here takes.
pub const LIMIT: Duration = Duration::from_secs(20);

pub struct House {
    pub log: Log,
    pub views: Views,
    database: Database,
}

/// Runs a test's story. Two worker threads, as on the smallest machine.
pub fn block<F: Future>(story: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(story)
}

impl House {
    pub async fn new(database: Database, views: &[&'static View]) -> House {
        let log = Log::open(&log_location(&database), Options::default())
            .await
            .unwrap();
        let views = Views::open(
            &views_location(&database),
            ViewsOptions {
                views: views.to_vec(),
                ..ViewsOptions::default()
            },
        )
        .await
        .unwrap();
        House { log, views, database }
    }

    /// The same database, opened once more: another process, or another version of the program.
    pub async fn neighbour(&self, views: &[&'static View]) -> Views {
        Views::open(
            &views_location(&self.database),
            ViewsOptions {
                views: views.to_vec(),
                ..ViewsOptions::default()
            },
        )
        .await
        .unwrap()
    }

    /// The same log, opened once more.
    pub async fn log_again(&self) -> Log {
        Log::open(&log_location(&self.database), Options::default())
            .await
            .unwrap()
    }

    /// The same views, which are to follow another log from now on.
    pub fn with_log(self, log: Log) -> House {
        House { log, ..self }
    }

    pub fn database(&self) -> &Database {
        &self.database
    }

    pub async fn projector(&self) -> Projector {
        Projector::start(self.log.clone(), self.views.clone(), ProjectorOptions::default()).await
    }

    /// Sends the events in one message, each for itself.
    pub async fn send(&self, events: Vec<Submission>) -> Vec<Result<Vec<Receipt>, Rejection>> {
        let append = |event| Append::one(event, "test".into());
        self.log
            .append_each(events.into_iter().map(append).collect())
            .await
    }

    /// Sends events which must all be accepted; answers the position of the last.
    pub async fn record(&self, events: Vec<Submission>) -> u64 {
        let receipts = self.send(events).await.into_iter().map(|sent| sent.unwrap());
        receipts.last().unwrap()[0].position
    }

    /// Waits until the view has digested the whole log.
    pub async fn digested(&self, view: &str) {
        let size = self.log.head().await.unwrap().size;
        if size > 0 {
            self.views.wait_for(view, size - 1, LIMIT).await.unwrap();
        }
    }

    pub async fn digest(&self, view: &str) -> [u8; 32] {
        self.views.digest(view).await.unwrap()
    }

    pub async fn rebuild(&self, names: &[&str]) -> Result<(), ViewError> {
        rebuild(&self.log, &self.views, names, |_| (), CancellationToken::new()).await
    }

    /// The digest of the view built from nothing in a database of its own: what it must be.
    pub async fn expected(&self, view: &str, views: &[&'static View]) -> [u8; 32] {
        let directory = tempfile::tempdir().unwrap();
        let location = Location::Sqlite(directory.path().join("views.sqlite"));
        let fresh = Views::open(
            &location,
            ViewsOptions {
                views: views.to_vec(),
                ..ViewsOptions::default()
            },
        )
        .await
        .unwrap();
        rebuild(&self.log, &fresh, &[view], |_| (), CancellationToken::new())
            .await
            .unwrap();
        fresh.digest(view).await.unwrap()
    }
}

pub fn log_location(database: &Database) -> Location {
    match database.url() {
        Some(url) => Location::Postgres(url.into()),
        None => Location::Sqlite(database.data().join("log.sqlite")),
    }
}

pub fn views_location(database: &Database) -> Location {
    match database.url() {
        Some(url) => Location::Postgres(url.into()),
        None => Location::Sqlite(database.data().join("views.sqlite")),
    }
}

/// Waits until the condition holds.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < LIMIT, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
