//! The measurement of `parcours bench`: each figure beside what the same engine does with the same rows and the same
//! durability without the service.
//!
//! One file a figure: [`import`], [`visible`], [`rebuild`], [`replay`], [`append`], [`subscribers`],
//! [`outcomes`]. What they share:
//! [`inputs`] are simulated programmes in files, [`service`] is the service in a process of its own, [`bare`] is the
//! engine with nothing but SQL, [`scratch`] is where all of it is kept.

mod append;
mod bare;
mod callers;
mod connection;
mod door;
mod figure;
mod import;
mod inputs;
mod latency;
mod load;
mod machine;
mod memory;
mod outcomes;
mod partner;
mod rebuild;
mod replay;
mod scale;
mod scratch;
mod service;
mod subscribers;
mod table;
mod visible;

pub use figure::{Figure, Goal};
pub use scale::Scale;
pub use scratch::Scratch;
pub use table::table;

use bare::{Bare, Copy};
use machine::Surroundings;
use parcours_log::{Log, Options};
use parcours_outcomes::jetstream::NatsOptions;
use serde::Serialize;
use service::Service;

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Section {
    /// Bulk import through HTTP, and the memory it takes.
    Import,
    /// From acknowledgement to visible in each view, and memory.
    Visible,
    /// Rebuild of all views beside a bare scan, and memory.
    Rebuild,
    /// Replay of one parcours.
    Replay,
    /// Concurrent single-event appends beside bare inserts, and what the size of the log adds to their cost.
    Append,
    /// Appends through HTTP beside 1,000 subscribers of server-sent events, and without them; memory.
    Subscribers,
    /// Delivery of outcomes at a partner over NATS, and refill of an empty stream beside a bare publish; with --nats only.
    Outcomes,
}

/// Everything a run has measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Machine, versions, settings.
    #[serde(flatten)]
    pub surroundings: Surroundings,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// Fills a log through HTTP, then measures the sections asked for.
pub async fn run(
    scratch: &Scratch,
    scale: Scale,
    sections: &[Section],
    nats: Option<&NatsOptions>,
) -> anyhow::Result<Report> {
    let asked = |section| sections.contains(&section);
    tracing::info!("simulating {} events", scale.events);
    let inputs = inputs::write(scratch, &scale).await?;
    let data = scratch.data("whole").await?;
    let service = Service::start(&data).await?;
    let imported = import::import(&service, &inputs.programme, scale.events).await?;
    let mut figures = Vec::new();
    if asked(Section::Visible) {
        tracing::info!("watching events become visible, {} a second", scale::PACE);
        figures.extend(visible::watch(&service, &inputs.watched, &scale).await?);
    }
    service.stop().await?;
    if asked(Section::Rebuild) {
        figures.extend(rebuild::measure(&data).await?);
    }
    let log = Log::open(&data.log, Options::default()).await?;
    if asked(Section::Replay) {
        tracing::info!("replaying parcours");
        figures.extend(replay::measure(&log, &data.log, &inputs.programme).await?);
    }
    let mut filled = None;
    if asked(Section::Append) || asked(Section::Import) {
        let mut copy = Copy::make(&scratch.log("bare").await?).await?;
        filled = Some(copy.fill(&log).await?);
        if asked(Section::Append) {
            // A service that has just been restarted knows no stream, as the small logs do not.
            log.close().await;
            drop(log);
            let log = Log::open(&data.log, Options::default()).await?;
            figures.extend(append::measure(scratch, &inputs, &scale, &log, &mut copy).await?);
            log.close().await;
        }
    }
    if asked(Section::Subscribers) {
        figures.extend(subscribers::measure(scratch, &inputs, &scale).await?);
    }
    if let Some(nats) = nats.filter(|_| asked(Section::Outcomes)) {
        figures.extend(outcomes::measure(scratch, &inputs, &scale, nats, &data).await?);
    }
    if asked(Section::Import) {
        figures.splice(0..0, imported.figures(filled));
    }
    let engine = Bare::open(&data.log).await?.engine().await?;
    Ok(Report {
        surroundings: Surroundings::of(scale, engine),
        figures,
    })
}
