//! All views from the log again, by `parcours rebuild`, beside a bare scan of the log's entries.

use super::bare::Bare;
use super::figure::{Figure, Goal};
use super::import::MEMORY_GOAL;
use super::memory::Memory;
use super::scratch::Data;
use super::service::command;
use anyhow::{Context, ensure};
use parcours_log::Location;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Events a second (issue: "at least 250,000 events a second on SQLite and 120,000 on PostgreSQL").
fn goal(place: &Location) -> f64 {
    match place {
        Location::Sqlite(_) => 250_000.0,
        Location::Postgres(_) => 120_000.0,
    }
}

/// Between two looks at the memory of a process that ends by itself and takes its peak with it.
const LOOK: Duration = Duration::from_millis(10);

/// Rebuilds, from the start of the process to its end.
pub async fn measure(data: &Data) -> anyhow::Result<Vec<Figure>> {
    let bare = Bare::open(&data.log).await?;
    let (entries, took) = bare.scan().await?;
    drop(bare);
    let scan = entries as f64 / took.as_secs_f64();
    tracing::info!("rebuilding all views");
    let began = Instant::now();
    let mut process = command("rebuild", data)?.stdout(Stdio::null()).spawn()?;
    let memory = Memory::of(process.id().context("the rebuild runs")?);
    let mut peak = None;
    let status = loop {
        peak = memory.peak().or(peak);
        if let Ok(status) = timeout(LOOK, process.wait()).await {
            break status?;
        }
    };
    let took = began.elapsed();
    ensure!(status.success(), "the rebuild ended with {status}");
    let speed = entries as f64 / took.as_secs_f64();
    let mut figures = vec![
        Figure::new("bare-scan", scan, "rows/s"),
        Figure::new("rebuild", speed, "events/s")
            .beside(Some(scan))
            .goal(Goal::AtLeast(goal(&data.log))),
    ];
    figures.extend(peak.map(|peak| Figure::new("rebuild-memory", peak, "MB").goal(Goal::Below(MEMORY_GOAL))));
    Ok(figures)
}
