//! `parcours outcomes`: looking after what partners receive over NATS.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::Context;
use clap::{Args, Subcommand};
use parcours_console::numbers::counted;
use parcours_console::progress::Progress;
use parcours_console::{mention, say};
use parcours_outcomes::jetstream::{self, Start};
use parcours_outcomes::{NatsKey, NatsSeed, OutcomeReader, Partners};
use parcours_projections::{Projector, ProjectorOptions};
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;

/// Longer than the views need to catch up with any log.
const PATIENCE: Duration = Duration::from_secs(86_400);

/// What `parcours outcomes` may be told.
#[derive(Clone, Debug, Subcommand)]
pub enum OutcomesCommand {
    /// Fill the stream on NATS from the log, up to its end
    ///
    /// `parcours serve` does the same by itself when the stream is missing. May be interrupted, and gone on with; a
    /// service may publish meanwhile.
    Refill(RefillArgs),
    /// Write the NATS server's part of keeping partners apart, from the file of partners, to standard output
    NatsConfig(NatsConfigArgs),
}

/// What `parcours outcomes refill` may be told.
#[derive(Clone, Debug, Args)]
pub struct RefillArgs {
    /// Go on after the last message that the stream holds
    #[arg(long, conflicts_with = "replace")]
    pub resume: bool,
    /// Remove the stream first: every partner then hears everything again, under the same ids
    #[arg(long)]
    pub replace: bool,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// What `parcours outcomes nats-config` may be told.
#[derive(Clone, Debug, Args)]
pub struct NatsConfigArgs {
    /// The public part of the publisher's key [default: that of --nats-nkey, or of nats.nk in the data directory, made
    /// when first needed]
    #[arg(long, value_name = "KEY")]
    pub publisher: Option<NatsKey>,
}

/// Does what is asked.
pub async fn run(configuration: &Configuration, command: &OutcomesCommand) -> anyhow::Result<Ending> {
    open::must_have_a_log(configuration).await?;
    let partners = open::partners(configuration)?;
    match command {
        OutcomesCommand::Refill(args) => refill(configuration, partners, args).await,
        OutcomesCommand::NatsConfig(args) => {
            let publisher = match &args.publisher {
                Some(key) => key.clone(),
                None => publisher(configuration)?.key().clone(),
            };
            say!("{}", jetstream::permissions(&partners, &publisher).trim_end());
            Ok(Ending::Done)
        }
    }
}

/// The publisher's seed.
fn publisher(configuration: &Configuration) -> anyhow::Result<NatsSeed> {
    if let Some(file) = &configuration.nats_nkey {
        return Ok(NatsSeed::read(file)?);
    }
    std::fs::create_dir_all(&configuration.data)?;
    Ok(NatsSeed::read_or_make(&configuration.usual_nats_seed())?)
}

async fn refill(
    configuration: &Configuration,
    partners: Partners,
    args: &RefillArgs,
) -> anyhow::Result<Ending> {
    let options = configuration
        .nats
        .clone()
        .context("which NATS server? Give its address with --nats")?;
    let start = match (args.resume, args.replace) {
        (true, _) => Start::Resume,
        (_, true) => Start::Replace,
        _ => Start::Empty,
    };
    // Before anything is opened that somebody else would have to wait for.
    let interruption = super::interruption();
    let log = open::existing_log(configuration).await?;
    let views = open::views(configuration, &log).await?;
    let projector = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
    let reader = OutcomeReader::start(views.clone(), log.clone());
    let bar = Mutex::new(Progress::new("filling the stream", "events", Some(log.size())));
    let work = async {
        if let Some(last) = log.size().checked_sub(1) {
            let outcomes = parcours_projections::outcomes::VIEW.name;
            views.wait_for(outcomes, last, PATIENCE).await?;
        }
        let told = |progress: jetstream::Progress| {
            let mut bar = bar.lock().expect("nobody panics while holding the bar");
            bar.of(progress.total);
            bar.at(progress.done);
        };
        Ok::<_, anyhow::Error>(
            jetstream::refill(options, log.clone(), reader.clone(), partners, start, told).await?,
        )
    };
    let ended = tokio::select! {
        ended = work => Some(ended),
        () = interruption => None,
    };
    bar.into_inner()
        .expect("nobody panics while holding the bar")
        .finish();
    reader.stop().await;
    projector.stop().await;
    log.close().await;
    match ended.transpose()? {
        None => {
            mention!("interrupted: `parcours outcomes refill --resume` goes on from here");
            Ok(Ending::Interrupted)
        }
        Some(progress) => {
            if args.output.json {
                say!(
                    "{}",
                    json!({"events": progress.done, "messages": progress.stored})
                );
            } else {
                say!(
                    "{}: {} stored; the outcomes of {} are in it",
                    jetstream::STREAM,
                    counted(progress.stored, "message"),
                    counted(progress.done, "event")
                );
            }
            Ok(Ending::Done)
        }
    }
}
