//! All views from the log again, beside a bare scan of the log's entries.

use super::bare::Bare;
use super::figure::{Figure, Goal};
use super::import::MEMORY_GOAL;
use super::memory;
use crate::progress::Progress;
use anyhow::ensure;
use parcours_log::{Location, Log};
use parcours_projections::{VIEWS, Views, rebuild};
use std::sync::Mutex;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Events a second (issue: "at least 250,000 events a second on SQLite and 120,000 on PostgreSQL").
fn goal(place: &Location) -> f64 {
    match place {
        Location::Sqlite(_) => 250_000.0,
        Location::Postgres(_) => 120_000.0,
    }
}

/// Rebuilds. `place` is the log's.
pub async fn measure(log: &Log, views: &Views, place: &Location) -> anyhow::Result<Vec<Figure>> {
    let bare = Bare::open(place).await?;
    let (entries, took) = bare.scan().await?;
    drop(bare);
    ensure!(entries == log.size(), "the bare scan found {entries} entries");
    let scan = entries as f64 / took.as_secs_f64();
    memory::forget_peak();
    let names: Vec<&str> = VIEWS.iter().map(|view| view.name).collect();
    let progress = Mutex::new(Progress::new("rebuilding all views", "events", Some(log.size())));
    let began = Instant::now();
    rebuild(
        log,
        views,
        &names,
        |step| {
            progress
                .lock()
                .expect("nobody panics while holding it")
                .at(step.done);
        },
        CancellationToken::new(),
    )
    .await?;
    let took = began.elapsed();
    let memory = memory::peak();
    progress
        .into_inner()
        .expect("nobody panics while holding it")
        .finish();
    for name in names {
        ensure!(
            views.checkpoint(name) == log.size(),
            "{name} has not digested the whole log"
        );
    }
    let speed = log.size() as f64 / took.as_secs_f64();
    let mut figures = vec![
        Figure::new("bare-scan", scan, "rows/s"),
        Figure::new("rebuild", speed, "events/s")
            .beside(Some(scan))
            .goal(Goal::AtLeast(goal(place))),
    ];
    figures
        .extend(memory.map(|peak| Figure::new("rebuild-memory", peak, "MB").goal(Goal::Below(MEMORY_GOAL))));
    Ok(figures)
}
