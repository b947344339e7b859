//! The measurement of `parcours bench`: each figure beside what the same engine does with the same rows and the same
//! durability without the service, beside the first million events of a larger log, and beside another build.
//!
//! One file or folder a section: [`growth`], [`visible`], [`questions`], [`replay`], [`append`], [`hot`], [`hostile`], [`subscribers`],
//! [`outcomes`].
//! What they share: [`inputs`] are simulated programmes in files, [`service`] is the service in a process of its own,
//! [`sides`] are several builds of it in turn, [`bare`] is the engine with nothing but SQL, [`scratch`] is where all of it
//! is kept.

mod append;
mod append_beside;
mod bare;
mod build;
mod callers;
mod connection;
mod door;
mod figure;
mod growth;
mod hostile;
mod hot;
mod inputs;
mod latency;
mod load;
mod machine;
mod memory;
mod outcomes;
mod partner;
mod questions;
mod readings;
mod replay;
mod scale;
mod scratch;
mod service;
mod sides;
mod subscribers;
mod table;
mod visible;

pub use figure::{Figure, Goal};
pub use scale::Scale;
pub use scratch::Scratch;
pub use table::table;

use bare::{Bare, Copy};
use inputs::Inputs;
use machine::Surroundings;
use parcours_log::{Log, Options};
use parcours_outcomes::jetstream::NatsOptions;
use serde::Serialize;
use service::Service;
use sides::Sides;
use std::path::Path;

/// What can be measured by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Section {
    /// Bulk import through HTTP, views following: its speed, how long views take to show the end, memory, the largest sizes
    /// of the WAL files, and what the log and the views take on disk an event.
    Import,
    /// A start on the full log, until the service is ready.
    Start,
    /// Single events from 64 callers and from 512, through HTTP.
    Callers,
    /// Rebuild of all views beside a bare scan, and memory.
    Rebuild,
    /// From acknowledgement to visible in each view, and memory.
    Visible,
    /// Questions to a catalogue of 100,000 sessions and about territories, 500 a second.
    Questions,
    /// Replay of one parcours.
    Replay,
    /// Concurrent single-event appends beside bare inserts, and what the size of the log adds to their cost.
    Append,
    /// A session of 100,000 people beside sessions of 100: an admission, a withdrawal and a late admission, how soon they
    /// are visible, the first after a start; 200,000 admissions to one session beside as many over 2,000, and in no order.
    Hot,
    /// Appends through HTTP beside clients that are slow on purpose, as many as the service takes from one address: bodies
    /// announced and dribbled, streams dribbled, heads dribbled, connections on which nothing is said; and without them.
    Hostile,
    /// Appends through HTTP beside 1,000 subscribers of server-sent events, and without them; memory.
    Subscribers,
    /// Delivery of outcomes at a partner over NATS, and refill of an empty stream beside a bare publish; with --nats only.
    Outcomes,
}

/// The sections measured on a log that was filled first.
const OF_A_FULL_LOG: [Section; 9] = [
    Section::Import,
    Section::Start,
    Section::Callers,
    Section::Rebuild,
    Section::Visible,
    Section::Questions,
    Section::Replay,
    Section::Append,
    Section::Outcomes,
];

/// Those that are measured as it is filled, beside another build.
const OF_GROWTH: [Section; 4] = [
    Section::Import,
    Section::Start,
    Section::Callers,
    Section::Rebuild,
];

/// Everything a run has measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Machine, versions, settings.
    #[serde(flatten)]
    pub surroundings: Surroundings,
    /// The figures.
    pub figures: Vec<Figure>,
}

/// What is measured, and on what.
pub struct Order<'a> {
    /// How much.
    pub scale: Scale,
    /// Which sections.
    pub sections: &'a [Section],
    /// Where outcomes are published.
    pub nats: Option<&'a NatsOptions>,
    /// Another build that is measured in turn, where it can be.
    pub beside: Option<&'a Path>,
}

impl Order<'_> {
    fn asks(&self, section: Section) -> bool {
        self.sections.contains(&section) && (section != Section::Outcomes || self.nats.is_some())
    }
}

/// Measures the sections asked for; those that need a full log on one that is filled through HTTP first.
pub async fn run(scratch: &Scratch, order: &Order<'_>) -> anyhow::Result<Report> {
    let mut figures = Vec::new();
    let fills = OF_A_FULL_LOG.iter().any(|section| order.asks(*section));
    if fills || order.asks(Section::Subscribers) || order.asks(Section::Hostile) {
        tracing::info!("simulating {} events", order.scale.events);
        let inputs = inputs::write(scratch, &order.scale).await?;
        if fills {
            figures.extend(of_a_full_log(scratch, order, &inputs).await?);
        }
        if order.asks(Section::Subscribers) {
            figures.extend(subscribers::measure(scratch, &inputs, &order.scale).await?);
        }
        if order.asks(Section::Hostile) {
            figures.extend(hostile::measure(scratch, &inputs, &order.scale).await?);
        }
    }
    if order.asks(Section::Hot) {
        figures.extend(hot::measure(scratch, &order.scale, order.beside).await?);
    }
    let engine = Bare::make(&scratch.log("engine").await?).await?.engine().await?;
    Ok(Report {
        surroundings: Surroundings::of(order.scale, engine),
        figures,
    })
}

/// Fills a log through HTTP, then measures what is asked for on it.
async fn of_a_full_log(scratch: &Scratch, order: &Order<'_>, inputs: &Inputs) -> anyhow::Result<Vec<Figure>> {
    let scale = &order.scale;
    let in_turn = OF_GROWTH.iter().any(|section| order.asks(*section));
    let mut sides = Sides::make(scratch, "whole", order.beside.filter(|_| in_turn)).await?;
    let stages = growth::measure(&mut sides, inputs, scale, |section| order.asks(section)).await?;
    let data = &sides.own().data;
    let mut figures = Vec::new();
    if order.asks(Section::Visible) {
        tracing::info!("watching events become visible, {} a second", scale::PACE);
        let service = Service::start(data).await?;
        figures.extend(visible::watch(&service, &inputs.watched, scale).await?);
        service.stop().await?;
    }
    if order.asks(Section::Questions) {
        tracing::info!("opening {} sessions, and asking", scale.sessions);
        let service = Service::start(data).await?;
        figures.extend(questions::ask(&service, &scratch.file("catalogue-of-questions"), scale).await?);
        service.stop().await?;
    }
    let log = Log::open(&data.log, Options::default()).await?;
    if order.asks(Section::Replay) {
        tracing::info!("replaying parcours");
        figures.extend(replay::measure(&log, &data.log, &inputs.programme.file).await?);
    }
    let mut filled = None;
    if order.asks(Section::Append) || order.asks(Section::Import) {
        let mut copy = Copy::make(&scratch.log("bare").await?).await?;
        filled = Some(copy.fill(&log).await?);
        if order.asks(Section::Append) {
            // A service that has just been restarted knows no stream, as the small logs do not.
            log.close().await;
            drop(log);
            let log = Log::open(&data.log, Options::default()).await?;
            let mut appended = append::measure(scratch, inputs, scale, &log, &mut copy).await?;
            log.close().await;
            if let Some(program) = order.beside {
                appended = append_beside::compare(scratch, program, scale.events, appended).await?;
            }
            figures.extend(appended);
        } else {
            log.close().await;
        }
    } else {
        log.close().await;
    }
    if let Some(nats) = order.nats.filter(|_| order.asks(Section::Outcomes)) {
        figures.extend(outcomes::measure(scratch, inputs, scale, nats, data).await?);
    }
    figures.splice(0..0, growth::figures(stages, &sides, filled, order.sections));
    Ok(figures)
}
