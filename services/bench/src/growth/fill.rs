//! Bulk import through HTTP, with the views following as in a service.

use super::files::{self, Watch};
use crate::door;
use crate::inputs::Programme;
use crate::readings::Readings;
use crate::sides::{Side, Sides};
use anyhow::ensure;
use parcours_console::progress::Progress;
use std::ops::Range;
use std::time::{Duration, Instant};

/// The other build is left behind once it has taken so much longer than this one, and at least [`AT_LEAST`].
const PATIENCE: u32 = 6;
const AT_LEAST: Duration = Duration::from_secs(120);
/// The same if its views need longer than this.
const VIEWS_PATIENCE: Duration = Duration::from_secs(600);
/// The other build may refuse one event in so many.
const TOLERATED: u64 = 1_000;
/// Speeds are told of so many events at the end of a stage.
const TOLD: u64 = 1_000_000;

/// What the import of a stage showed of one side.
struct Import {
    took: Duration,
    /// Of the events that speeds are told of.
    told: Duration,
    watch: Watch,
}

/// Sends these events of the programme to each side, slice by slice in turn; then waits for the views, and stops.
pub async fn fill(
    sides: &mut Sides,
    programme: &Programme,
    events: Range<u64>,
    readings: &mut Vec<Readings>,
) -> anyhow::Result<()> {
    sides.start().await?;
    let begin = |side: &Side| {
        if let Some(service) = &side.service {
            service.memory.forget_peak();
        }
        Import {
            took: Duration::ZERO,
            told: Duration::ZERO,
            watch: Watch::start(&side.data),
        }
    };
    let mut imports: Vec<Import> = sides.each().map(begin).collect();
    let told_from = events.end.saturating_sub(TOLD).max(events.start);
    let mut told = 0;
    let mut progress = Progress::new("importing through HTTP", "events", Some(events.end));
    for slice in programme.slices(&events) {
        let is_told = slice.events.start >= told_from;
        let count = slice.events.end - slice.events.start;
        told += if is_told { count } else { 0 };
        for (number, import) in imports.iter_mut().enumerate() {
            let service = sides.turn(number)?;
            let sent = door::send_part(service.address, &programme.file, slice.bytes.clone(), |done| {
                progress.at(slice.events.start + done);
            })
            .await?;
            // Another build has other rules. What it refuses, it has read all the same.
            let tolerated = if number == 0 { 0 } else { count / TOLERATED };
            ensure!(
                sent.recorded + sent.refused == count && sent.refused <= tolerated,
                "{} of {count} events were recorded, {} refused",
                sent.recorded,
                sent.refused
            );
            import.took += sent.took;
            import.told += if is_told { sent.took } else { Duration::ZERO };
        }
        if let [own, other] = imports.as_slice()
            && other.took > AT_LEAST.max(own.took * PATIENCE)
        {
            leave(sides, &mut imports, readings, slice.events.end);
        }
    }
    progress.finish();
    finish(sides, imports, readings, &events, told).await
}

/// The other build cannot follow: what it has not shown by now is not told of it.
fn leave(sides: &mut Sides, imports: &mut Vec<Import>, readings: &mut Vec<Readings>, at: u64) {
    tracing::warn!("the other build is left behind at {at} events");
    sides.leave_the_other();
    imports.truncate(1);
    readings.truncate(1);
}

/// Waits until every view has all of it, and takes the readings.
async fn finish(
    sides: &mut Sides,
    imports: Vec<Import>,
    readings: &mut Vec<Readings>,
    events: &Range<u64>,
    told: u64,
) -> anyhow::Result<()> {
    let mut sizes = Vec::new();
    let mut left = None;
    for (number, (import, shown)) in imports.into_iter().zip(readings.iter_mut()).enumerate() {
        let service = sides.turn(number)?;
        let answered = Instant::now();
        if number == 0 {
            service.caught_up().await?;
        } else if let Err(slow) = service.caught_up_within(VIEWS_PATIENCE).await {
            left = Some(slow);
            break;
        }
        shown.take("import", told as f64 / import.told.as_secs_f64(), "events/s");
        let all = events.end - events.start;
        if all > told {
            shown.take("import-whole", all as f64 / import.took.as_secs_f64(), "events/s");
        }
        shown.take("import-views-behind", answered.elapsed().as_secs_f64(), "s");
        if let Some(peak) = service.memory.peak() {
            shown.take("import-memory", peak, "MB");
        }
        for (name, peak) in import.watch.peaks() {
            shown.take(name, peak, "MB");
        }
        sizes.push(service.size().await?);
    }
    if let Some(slow) = left {
        tracing::warn!(%slow, "the other build is left behind");
        sides.leave_the_other();
        readings.truncate(1);
    }
    sides.stop().await?;
    for ((side, shown), size) in sides.each().zip(readings).zip(sizes) {
        let per_event = |bytes: u64| bytes as f64 / size as f64;
        shown.take(
            "disk-log",
            per_event(files::size(&side.data.log).await?),
            "bytes/event",
        );
        shown.take(
            "disk-views",
            per_event(files::size(&side.data.views).await?),
            "bytes/event",
        );
    }
    Ok(())
}
