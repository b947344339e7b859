//! Bulk import through HTTP, with the views following as in a service.

use super::door;
use super::figure::{Figure, Goal};
use super::service::Service;
use crate::progress::Progress;
use anyhow::ensure;
use std::path::Path;
use std::time::Instant;

/// Events a second (issue: "HTTP bulk import at least 25,000 events a second").
const GOAL: f64 = 25_000.0;
/// Megabytes ("the service's memory under 300 MB").
pub const MEMORY_GOAL: f64 = 300.0;

/// What an import showed.
pub struct Imported {
    /// Events a second, until the last answer.
    speed: f64,
    /// Seconds from the last answer until every view had all of it.
    behind: f64,
    /// Megabytes at most.
    memory: Option<f64>,
}

/// Sends the programme, of so many events.
pub async fn import(service: &Service, programme: &Path, events: u64) -> anyhow::Result<Imported> {
    service.memory.forget_peak();
    let mut progress = Progress::new("importing through HTTP", "events", Some(events));
    let sent = door::send(service.address, programme, |done| progress.at(done)).await?;
    let answered = Instant::now();
    progress.finish();
    ensure!(
        (sent.recorded, sent.refused) == (events, 0),
        "{} of {events} events were recorded, {} refused",
        sent.recorded,
        sent.refused
    );
    service.caught_up().await?;
    Ok(Imported {
        speed: events as f64 / sent.took.as_secs_f64(),
        behind: answered.elapsed().as_secs_f64(),
        memory: service.memory.peak(),
    })
}

impl Imported {
    /// The figures, beside bare batched inserts of the same rows.
    pub fn figures(&self, bare: Option<f64>) -> Vec<Figure> {
        let mut figures = vec![
            Figure::new("import", self.speed, "events/s")
                .beside(bare)
                .goal(Goal::AtLeast(GOAL)),
            Figure::new("import-views-behind", self.behind, "s"),
        ];
        let memory = self
            .memory
            .map(|peak| Figure::new("import-memory", peak, "MB").goal(Goal::Below(MEMORY_GOAL)));
        figures.extend(memory);
        figures
    }
}
