//! `parcours rebuild`: views from the log again, beside those that answer.

use super::Ending;
use crate::arguments::Output;
use crate::configuration::Configuration;
use crate::open;
use anyhow::bail;
use clap::Args;
use parcours_console::numbers::{counted, whole};
use parcours_console::progress::Progress;
use parcours_console::{mention, say};
use parcours_log::Log;
use parcours_projections::{VIEWS, ViewError, Views};
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// What `parcours rebuild` may be told.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// Which views [default: all]
    // Its own id: `--views URL` is an option of every command.
    #[arg(id = "view", value_name = "VIEW")]
    pub views: Vec<String>,
    /// Have the views pass over the event at this position, which they cannot digest
    ///
    /// Health and the log of the program name the position at which a view is stopped. The event stays in the log, and in
    /// the history of its stream; the views that it stops are rebuilt as if it had never been recorded, now and whenever
    /// they are rebuilt. Health and metrics tell of it for ever. A view that has digested the event keeps it.
    #[arg(long, value_name = "POSITION", value_parser = whole::<u64>(0, u64::MAX, 1_234))]
    pub skip: Vec<u64>,
    #[command(flatten)]
    pub(crate) output: Output,
}

/// Rebuilds; Ctrl-C leaves the live views as they are, and the next rebuild goes on from there.
pub async fn run(configuration: &Configuration, args: &RebuildArgs) -> anyhow::Result<Ending> {
    let names: Vec<&str> = VIEWS.iter().map(|view| view.name).collect();
    if let Some(unknown) = args.views.iter().find(|name| !names.contains(&name.as_str())) {
        bail!("there is no view {unknown:?}: there are {}", names.join(", "));
    }
    let mut chosen: Vec<&str> = match args.views.is_empty() {
        true => names,
        false => args.views.iter().map(String::as_str).collect(),
    };
    let log = open::existing_log(configuration).await?;
    let views = open::views(configuration, &log).await?;
    if !args.skip.is_empty() {
        chosen = pass_over(&log, &views, &chosen, &args.skip).await?;
    }
    let cancel = CancellationToken::new();
    let interrupted = cancel.clone();
    let interruption = super::interruption();
    tokio::spawn(async move {
        interruption.await;
        interrupted.cancel();
    });
    let bar = Mutex::new(Progress::new("rebuilding", "events", Some(log.size())));
    let rebuilt = parcours_projections::rebuild(
        &log,
        &views,
        &chosen,
        |progress| {
            let mut bar = bar.lock().expect("nobody panics while holding the bar");
            bar.of(progress.total);
            bar.at(progress.done);
        },
        cancel,
    )
    .await;
    bar.into_inner()
        .expect("nobody panics while holding the bar")
        .finish();
    log.close().await;
    match rebuilt {
        Ok(_) => {
            let rebuilt = chosen.iter().map(|name| (*name, views.checkpoint(name)));
            if args.output.json {
                let views = rebuilt.map(|(name, events)| json!({"view": name, "events": events}));
                say!(
                    "{}",
                    json!({"rebuilt": views.collect::<Vec<_>>(), "skipped": args.skip})
                );
            } else {
                for (name, events) in rebuilt {
                    say!("{name}: rebuilt, {} digested", counted(events, "event"));
                }
            }
            Ok(Ending::Done)
        }
        Err(ViewError::Cancelled) => {
            mention!("interrupted: the live views are untouched, and the next rebuild goes on from here");
            Ok(Ending::Interrupted)
        }
        Err(error) => Err(error.into()),
    }
}

/// Has views pass over the events at these positions, and answers which of them do: those are to be rebuilt.
async fn pass_over(
    log: &Log,
    views: &Views,
    chosen: &[&str],
    positions: &[u64],
) -> anyhow::Result<Vec<&'static str>> {
    let mut passing = BTreeSet::new();
    for position in positions {
        let names = views.pass_over(log, chosen, *position).await?;
        mention!(
            "{} passes over the event at position {position}",
            names.join(", ")
        );
        passing.extend(names);
    }
    Ok(passing.into_iter().collect())
}
