//! A copy of a log's rows in tables of the same shape, made with plain inserts, and timed.

use super::Bare;
use super::rows::{Row, Rows};
use crate::scale::BATCH;
use parcours_console::progress::Progress;
use parcours_log::{Location, Log};
use std::time::Duration;

/// Rows read from the log at a time.
const PAGE: usize = 10 * BATCH;

/// The copy, as far as it has come.
pub struct Copy {
    tables: Bare,
    rows: Rows,
}

/// How fast rows were inserted, a second.
pub struct Speeds {
    /// [`BATCH`] of them a transaction.
    pub batched: f64,
    /// One a transaction.
    pub single: f64,
}

impl Copy {
    /// Empty tables.
    pub async fn make(place: &Location) -> anyhow::Result<Self> {
        Ok(Self {
            tables: Bare::make(place).await?,
            rows: Rows::default(),
        })
    }

    /// Copies in batches until the end of the log; gives the rows a second. Reading the log is not counted.
    pub async fn fill(&mut self, log: &Log) -> anyhow::Result<f64> {
        let mut progress = Progress::new("inserting without the service", "rows", Some(log.size()));
        let (mut count, mut took) = (0, Duration::ZERO);
        loop {
            let rows = self.rows.next(log, PAGE).await?;
            if rows.is_empty() {
                progress.finish();
                return Ok(count as f64 / took.as_secs_f64());
            }
            count += rows.len() as u64;
            took += self.tables.insert(rows, BATCH).await?;
            progress.at(count);
        }
    }

    /// Copies what has been appended since: the last `singles` rows one by one, those before them in batches.
    pub async fn follow(&mut self, log: &Log, singles: usize) -> anyhow::Result<Speeds> {
        let mut rows: Vec<Row> = Vec::new();
        loop {
            let page = self.rows.next(log, PAGE).await?;
            if page.is_empty() {
                break;
            }
            rows.extend(page);
        }
        let alone = rows.split_off(rows.len().saturating_sub(singles));
        let speed = |count: usize, took: Duration| count as f64 / took.as_secs_f64();
        let (batched, single) = (rows.len(), alone.len());
        Ok(Speeds {
            batched: speed(batched, self.tables.insert(rows, BATCH).await?),
            single: speed(single, self.tables.insert(alone, 1).await?),
        })
    }
}
