//! `parcours replay`: a parcours told from its events, as known now or as of an earlier moment.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::Args;
use parcours_console::say;
use parcours_log::Log;
use parcours_model::{Effective, History, StreamId, StreamKind, calendar};
use parcours_projections::timeline;
use uuid::Uuid;

/// What `parcours replay` may be told.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// The parcours: its UUID, or parcours/<uuid>
    #[arg(value_parser = parcours)]
    pub parcours: Uuid,

    /// As known at an instant (RFC 3339), or once the entry at a position of the log was recorded
    #[arg(long, value_name = "T", value_parser = as_of)]
    pub as_of: Option<AsOf>,

    #[command(flatten)]
    pub(crate) output: Output,
}

/// An earlier moment of the log.
#[derive(Clone, Copy, Debug)]
pub enum AsOf {
    /// What was recorded at or before an instant.
    Instant(DateTime<Utc>),
    /// Once the entry at this position was recorded.
    Position(u64),
}

fn parcours(text: &str) -> Result<Uuid, String> {
    let uuid = text.strip_prefix("parcours/").unwrap_or(text);
    uuid.parse()
        .map_err(|_| "expected the UUID of a parcours".to_owned())
}

fn as_of(text: &str) -> Result<AsOf, String> {
    if let Ok(position) = text.parse() {
        return Ok(AsOf::Position(position));
    }
    match DateTime::parse_from_rfc3339(text) {
        Ok(instant) => Ok(AsOf::Instant(instant.to_utc())),
        Err(_) => {
            Err("expected an instant such as 2026-03-01T12:00:00Z, or a position of the log".to_owned())
        }
    }
}

/// Tells the parcours.
pub async fn run(configuration: &Configuration, args: &ReplayArgs) -> anyhow::Result<Ending> {
    let log = open::log(configuration).await?;
    let (history, now) = read(&log, args).await?;
    if args.output.json {
        say!(
            "{}",
            serde_json::to_string_pretty(&timeline::tell(&history, now))?
        );
    } else {
        print(&history);
    }
    log.close().await;
    Ok(Ending::Done)
}

/// The history as of the moment asked for, and that moment.
async fn read(log: &Log, args: &ReplayArgs) -> anyhow::Result<(History, DateTime<Utc>)> {
    let stream = StreamId::new(StreamKind::Parcours, args.parcours);
    let (below, now) = match args.as_of {
        None => (None, Utc::now()),
        Some(AsOf::Position(position)) => {
            let entry = log.read(position, 1).await?.into_iter().next();
            let entry = entry.with_context(|| format!("the log has no entry at position {position} yet"))?;
            (Some(position + 1), entry.record()?.recorded)
        }
        Some(AsOf::Instant(instant)) => (Some(log.size_at(instant).await?), instant),
    };
    let entries = log.stream(stream, below).await?;
    if entries.is_empty() {
        bail!(
            "the log has no event of {stream}{}",
            if below.is_some() { " as of then" } else { "" }
        );
    }
    let records = entries
        .iter()
        .map(parcours_log::Entry::record)
        .collect::<Result<Vec<_>, _>>()?;
    let history = History::replay(stream, records)
        .map_err(|wrong| anyhow::anyhow!("{wrong:?}"))
        .context("the stream contradicts itself")?;
    Ok((history, now))
}

fn print(history: &History) {
    let width = history
        .effective()
        .map(|fact| fact.fact.type_name().len())
        .max()
        .unwrap_or_default();
    say!(
        "{}: {} events, {} facts that stand",
        history.stream(),
        history.revision(),
        history.effective().len()
    );
    say!(
        "{:<10}  {:<10}  {:>9}  {:<width$}  data",
        "happened",
        "known",
        "position",
        "type"
    );
    for fact in history.effective() {
        say!("{}", line(&fact, width));
    }
}

fn line(fact: &Effective<'_>, width: usize) -> String {
    let record = fact.record;
    let corrected = match fact.correction {
        Some(by) => format!(
            "  (corrected on {} at position {})",
            calendar::day(by.recorded),
            by.position
        ),
        None => String::new(),
    };
    format!(
        "{}  {}  {:>9}  {:<width$}  {}{corrected}",
        calendar::day(fact.time),
        calendar::day(record.recorded),
        record.position,
        fact.fact.type_name(),
        fact.fact.data(),
    )
}
