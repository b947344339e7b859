//! The engine without the service: the log's own tables, written and read with nothing but SQL.

mod copy;
mod postgres;
mod rows;
mod sqlite;

pub use copy::Copy;
pub use rows::Row;

use anyhow::{Context, anyhow};
use parcours_log::{Location, Log, Options};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// A database engine, and what matters of its settings.
#[derive(Clone, Debug, Serialize)]
pub struct Engine {
    /// Its name and version.
    pub version: String,
    /// By name.
    pub settings: BTreeMap<String, String>,
}

/// Plain SQL on the tables of a log.
trait Tables {
    /// Inserts these rows in one transaction, durably.
    fn insert(&mut self, rows: &[Row]) -> anyhow::Result<()>;

    /// Reads position and bytes of every entry in the order of positions; gives how many there are.
    fn scan(&mut self) -> anyhow::Result<u64>;

    /// Makes trees of what the log's index says, as plain SQL would keep it: an event's name is there once, and so is the
    /// revision of a stream.
    fn index(&mut self) -> anyhow::Result<()>;

    /// Reads the entries at these positions; gives how many there are.
    fn at(&mut self, positions: &[i64]) -> anyhow::Result<u64>;

    /// What it is.
    fn engine(&mut self) -> anyhow::Result<Engine>;
}

type Job = Box<dyn FnOnce(&mut dyn Tables) + Send>;

/// A connection with a thread of its own, which waits for nobody else. The thread ends when this is dropped.
pub struct Bare(mpsc::Sender<Job>);

impl Bare {
    /// Makes the tables of a log in an empty place, by the log's own migrations, with trees for an index, and connects to
    /// them.
    pub async fn make(place: &Location) -> anyhow::Result<Self> {
        Log::open(place, Options::default()).await?.close().await;
        let bare = Self::open(place).await?;
        bare.with(|tables| tables.index()).await?;
        Ok(bare)
    }

    /// Connects to the tables of a log.
    pub async fn open(place: &Location) -> anyhow::Result<Self> {
        let place = place.clone();
        let (jobs, work) = mpsc::channel::<Job>();
        let (opened, opening) = oneshot::channel();
        thread::Builder::new().name("bench-bare".into()).spawn(move || {
            let tables: anyhow::Result<Box<dyn Tables>> = match &place {
                Location::Sqlite(file) => sqlite::Connected::open(file).map(|tables| Box::new(tables) as _),
                Location::Postgres(url) => postgres::Connected::open(url).map(|tables| Box::new(tables) as _),
            };
            match tables {
                Ok(mut tables) => {
                    let _ = opened.send(Ok(()));
                    work.into_iter().for_each(|job| job(&mut *tables));
                }
                Err(error) => drop(opened.send(Err(error))),
            }
        })?;
        opening.await.context("the thread of the bare tables ended")??;
        Ok(Self(jobs))
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Tables) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let (done, doing) = oneshot::channel();
        let job = move |tables: &mut dyn Tables| drop(done.send(work(tables)));
        self.0
            .send(Box::new(job))
            .map_err(|_| anyhow!("the thread of the bare tables ended"))?;
        doing.await.context("the thread of the bare tables ended")?
    }

    /// Inserts rows, so many a transaction; gives how long that took.
    pub async fn insert(&self, rows: Vec<Row>, at_once: usize) -> anyhow::Result<Duration> {
        self.with(move |tables| {
            let began = Instant::now();
            rows.chunks(at_once).try_for_each(|rows| tables.insert(rows))?;
            Ok(began.elapsed())
        })
        .await
    }

    /// Reads all entries; gives how many, and how long that took.
    pub async fn scan(&self) -> anyhow::Result<(u64, Duration)> {
        self.with(|tables| {
            let began = Instant::now();
            Ok((tables.scan()?, began.elapsed()))
        })
        .await
    }

    /// Reads the entries of one stream after another, whose positions these are; gives how long each took.
    pub async fn streams(&self, sample: Vec<Vec<i64>>) -> anyhow::Result<Vec<Duration>> {
        self.with(move |tables| {
            let mut read = |positions: Vec<i64>| {
                let began = Instant::now();
                tables.at(&positions)?;
                Ok(began.elapsed())
            };
            sample.into_iter().map(&mut read).collect()
        })
        .await
    }

    /// What the engine is.
    pub async fn engine(&self) -> anyhow::Result<Engine> {
        self.with(|tables| tables.engine()).await
    }
}
