//! All views from the log again, by `parcours rebuild`, beside a bare scan of the log's entries.

use crate::bare::Bare;
use crate::memory::Memory;
use crate::readings::Readings;
use crate::sides::{Side, Sides};
use anyhow::{Context, ensure};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Between two looks at the memory of a process that ends by itself and takes its peak with it.
const LOOK: Duration = Duration::from_millis(10);

/// Rebuilds each side, from the start of the process to its end.
pub async fn measure(sides: &Sides, readings: &mut [Readings]) -> anyhow::Result<()> {
    for (side, shown) in sides.each().zip(readings) {
        tracing::info!("rebuilding all views of {}", side.name);
        rebuild(side, shown).await?;
    }
    Ok(())
}

async fn rebuild(side: &Side, shown: &mut Readings) -> anyhow::Result<()> {
    let bare = Bare::open(&side.data.log).await?;
    let (entries, took) = bare.scan().await?;
    drop(bare);
    let scan = entries as f64 / took.as_secs_f64();
    let began = Instant::now();
    let mut process = side
        .build
        .command("rebuild", &side.data)
        .stdout(Stdio::null())
        .spawn()?;
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
    shown.take("bare-scan", scan, "rows/s");
    shown.take_beside("rebuild", speed, "events/s", Some(scan));
    if let Some(peak) = peak {
        shown.take("rebuild-memory", peak, "MB");
    }
    Ok(())
}
