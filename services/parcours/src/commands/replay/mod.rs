//! `parcours replay`: a parcours told from its events, as known now or as of an earlier moment.

mod amendments;
mod page;

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use amendments::Amendment;
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use parcours_console::say;
use parcours_log::{AsOf, LogReader};
use parcours_model::{History, StreamId, StreamKind};
use parcours_projections::timeline::{self, Timeline};
use serde::Serialize;
use uuid::Uuid;

/// What `parcours replay` may be told.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The parcours: its UUID, or parcours/<uuid>
    #[arg(value_parser = parcours)]
    pub parcours: Uuid,

    /// As known at the end of a day (2026-03-01), at an instant (RFC 3339), or once the entry at a position of the log was
    /// recorded
    #[arg(long, value_name = "T")]
    pub as_of: Option<AsOf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

fn parcours(text: &str) -> Result<Uuid, String> {
    let uuid = text.strip_prefix("parcours/").unwrap_or(text);
    uuid.parse()
        .map_err(|_| "expected the UUID of a parcours".to_owned())
}

/// What a program reads: what `GET /v1/parcours/{id}` answers, and every correction and annulment.
#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    timeline: Timeline<'a>,
    amendments: Vec<Amendment>,
}

/// Tells the parcours.
pub async fn run(configuration: &Configuration, args: &ReplayArgs) -> anyhow::Result<Ending> {
    let log = open::log_to_read(configuration).await?;
    let stream = StreamId::new(StreamKind::Parcours, args.parcours);
    let (history, now) = read(&log, stream, args.as_of).await?;
    if history.is_empty() {
        let when = args
            .as_of
            .map_or_else(String::new, |as_of| format!(" as of {as_of}"));
        bail!(
            "the log in {} has no event of {stream}{when}{}",
            open::place(&configuration.log),
            configuration.hint()
        );
    }
    let amendments = amendments::of(&history)?;
    if args.output.json {
        let timeline = timeline::tell(&history, now);
        say!(
            "{}",
            serde_json::to_string_pretty(&Told { timeline, amendments })?
        );
    } else {
        let place = open::place(&configuration.log);
        for line in page::lines(&history, &amendments, &place, args.as_of, page::width()) {
            say!("{line}");
        }
    }
    Ok(Ending::Done)
}

/// The history as of the moment asked for, and that moment.
async fn read(
    log: &LogReader,
    stream: StreamId,
    as_of: Option<AsOf>,
) -> anyhow::Result<(History, DateTime<Utc>)> {
    let now = Utc::now();
    let (below, now) = match as_of {
        None => (None, now),
        Some(as_of) => {
            let known = as_of.resolve(log, now).await?;
            (Some(known.size), known.instant)
        }
    };
    let entries = log.stream(stream, below).await?;
    let records = entries
        .iter()
        .map(parcours_log::Entry::record)
        .collect::<Result<Vec<_>, _>>()?;
    let history = History::replay(stream, records)
        .map_err(|wrong| anyhow::anyhow!("{wrong:?}"))
        .context("the stream contradicts itself")?;
    Ok((history, now))
}
