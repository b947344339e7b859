//! `parcours bench`: what the service achieves on this machine, beside what its database does without it.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use anyhow::bail;
use clap::{Args, ValueEnum};
use parcours_bench::{Order, Scale, Scratch, Section};
use parcours_console::numbers::whole;
use parcours_console::say;
use std::path::PathBuf;

/// What `parcours bench` may be told.
///
/// Logs and views are made for the run and removed at its end: in a folder inside the data directory (by default that
/// for temporary files: give one on the disk you mean), or in databases of their own on the server of --database.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Events in the log when it is measured
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = whole::<u64>(1_000, u64::MAX, 1_000_000))]
    pub events: u64,

    /// How long the programme lasts that the events come from: the longer, the fewer people are in it at a time. In
    /// three years 1,000,000 events are some 11,000 people a year [default: 36 for up to 1,000,000 events, and up to 120
    /// for more]
    #[arg(long, value_name = "N", value_parser = whole::<u32>(6, 120, 36))]
    pub months: Option<u32>,

    /// Of a larger log: tell every figure of the import, start, callers and rebuild at this size, too, and the growth since
    #[arg(long, value_name = "N", default_value_t = 1_000_000, value_parser = whole::<u64>(1_000, u64::MAX, 1_000_000))]
    pub first: u64,

    /// Measure only these
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAME,…")]
    pub only: Option<Vec<Section>>,

    /// Measure another build of `parcours` too, in turn in the same run: import, start, callers, rebuild, append, hot. It
    /// is left out from where it cannot follow
    #[arg(long, value_name = "PROGRAM")]
    pub beside: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// Measures and prints. Goals that are missed are no failure.
pub async fn run(configuration: &Configuration, args: &BenchArgs) -> anyhow::Result<Ending> {
    let asked_for = |section| args.only.iter().flatten().any(|only| *only == section);
    if asked_for(Section::Outcomes) && configuration.nats.is_none() {
        bail!("outcomes are measured on a NATS server: give its address with --nats");
    }
    let scratch = Scratch::make(&configuration.data, &configuration.log, &configuration.views)?;
    let sections = args.only.as_deref().unwrap_or(Section::value_variants());
    let order = Order {
        scale: Scale::of(args.events, args.months, args.first),
        sections,
        nats: configuration.nats.as_ref(),
        beside: args.beside.as_deref(),
    };
    let outcome = tokio::select! {
        // Listened to from before anything is made.
        biased;
        () = super::interruption() => Ok(None),
        measured = parcours_bench::run(&scratch, &order) => measured.map(Some),
    };
    scratch.remove().await;
    let Some(report) = outcome? else {
        return Ok(Ending::Interrupted);
    };
    if args.output.json {
        say!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        say!(
            "{}\n\n{}",
            report.surroundings.line(),
            parcours_bench::table(&report.figures)
        );
    }
    Ok(Ending::Done)
}
