//! Opening what a command works on.

use crate::configuration::Configuration;
use anyhow::{Context, anyhow};
use parcours_log::{Location, Log, LogError, LogReader};
use parcours_outcomes::webhook::{self, Webhooks};
use parcours_outcomes::{MasterKey, Partners};
use parcours_projections::territory::RecordKeys;
use parcours_projections::{Views, ViewsOptions};
use std::path::Path;

/// Opens the log, made if there is none.
pub async fn log(configuration: &Configuration) -> anyhow::Result<Log> {
    log_with(configuration, parcours_log::Options::default()).await
}

/// The same, otherwise than usual.
pub async fn log_with(configuration: &Configuration, options: parcours_log::Options) -> anyhow::Result<Log> {
    must_not_be_gone(configuration)?;
    configuration.make_data()?;
    Log::open(&configuration.log, options)
        .await
        .with_context(|| format!("the log in {} cannot be opened", place(&configuration.log)))
}

/// Refuses to make a log where views of one are, for nothing would be left to say that it is gone. A database that is
/// there already is looked into: see [`must_not_be_lost`].
fn must_not_be_gone(configuration: &Configuration) -> anyhow::Result<()> {
    match (&configuration.log, &configuration.views) {
        (Location::Sqlite(log), Location::Sqlite(views)) if views.exists() && !log.exists() => {
            Err(lost(configuration, "is not there", "of one"))
        }
        _ => Ok(()),
    }
}

/// Refuses an empty log beside views of one that had entries.
fn must_not_be_lost(configuration: &Configuration, log: &Log, views: &Views) -> anyhow::Result<()> {
    let digested = views.status().iter().map(|view| view.checkpoint).max();
    match digested.filter(|digested| log.size() == 0 && *digested > 0) {
        Some(digested) => {
            let known = format!("of a log of {digested} entries or more");
            Err(lost(configuration, "is empty", &known))
        }
        None => Ok(()),
    }
}

/// What is missing is to be brought back, before anything is recorded in its stead.
fn lost(configuration: &Configuration, log: &str, views: &str) -> anyhow::Error {
    anyhow!(
        "the log in {} {log}, but the views in {} are {views}: put that log, or a backup of it, in its place. To begin a new \
         log all the same, remove those views",
        place(&configuration.log),
        place(&configuration.views),
    )
}

/// Opens the log, which has to be there: nothing is made where a data directory or a database is mistyped.
pub async fn existing_log(configuration: &Configuration) -> anyhow::Result<Log> {
    match log_to_read(configuration).await {
        // It is brought up to date as it is opened.
        Err(error) if !matches!(error.downcast_ref(), Some(LogError::Older)) => Err(error),
        _ => log(configuration).await,
    }
}

/// Opens the log to read it: nothing is made, changed or left beside it.
pub async fn log_to_read(configuration: &Configuration) -> anyhow::Result<LogReader> {
    LogReader::open(&configuration.log, &parcours_log::Options::default())
        .await
        .with_context(|| {
            format!(
                "the log in {} cannot be read{}",
                place(&configuration.log),
                configuration.hint()
            )
        })
}

/// Whether there is a log: a key made where there is none would be that of a data directory that is mistyped.
pub async fn must_have_a_log(configuration: &Configuration) -> anyhow::Result<()> {
    match log_to_read(configuration).await {
        Err(error) if !matches!(error.downcast_ref(), Some(LogError::Older)) => {
            Err(error.context("no key is made where there is no log, which `parcours serve` makes"))
        }
        _ => Ok(()),
    }
}

/// Opens the views beside the log, made if there are none. They stop with it.
pub async fn views(configuration: &Configuration, log: &Log) -> anyhow::Result<Views> {
    views_protected_by(None, configuration, log).await
}

/// The same; where there are record keys, figures are told with the noise that follows from them.
pub async fn views_protected_by(
    record_keys: Option<RecordKeys>,
    configuration: &Configuration,
    log: &Log,
) -> anyhow::Result<Views> {
    let beside = ViewsOptions {
        record_keys,
        supervisor: log.supervisor().clone(),
        stop: log.stopping().clone(),
        ..ViewsOptions::default()
    };
    let views = views_alone(configuration, beside).await?;
    must_not_be_lost(configuration, log, &views)?;
    Ok(views)
}

/// Opens the views to look into them: nothing is made, changed or left beside them.
pub async fn views_to_read(configuration: &Configuration) -> anyhow::Result<Views> {
    Views::read(&configuration.views, ViewsOptions::default())
        .await
        .with_context(|| format!("the views in {} cannot be read", place(&configuration.views)))
}

/// What the noise of protected figures follows from; its key is made if there is none.
pub fn record_keys(configuration: &Configuration) -> anyhow::Result<RecordKeys> {
    configuration.make_data()?;
    let master = MasterKey::read_or_make(&configuration.pseudonym_key)?;
    Ok(RecordKeys::new(&master.of_figures()))
}

/// Opens the views without the log.
async fn views_alone(configuration: &Configuration, options: ViewsOptions) -> anyhow::Result<Views> {
    Views::open(&configuration.views, options)
        .await
        .with_context(|| format!("the views in {} cannot be opened", place(&configuration.views)))
}

/// Reads who may hear of outcomes; nobody but the public if there is no file of partners.
pub fn partners(configuration: &Configuration) -> anyhow::Result<Partners> {
    let Some(file) = &configuration.partners else {
        return Ok(Partners::default());
    };
    // The key is made there when the first partner needs it.
    std::fs::create_dir_all(&configuration.data).with_context(|| {
        format!(
            "the data directory {} cannot be made",
            configuration.data.display()
        )
    })?;
    Ok(Partners::read(file, &configuration.pseudonym_key)?)
}

/// The same, by the key that there is: none is made.
pub fn partners_with_their_key(configuration: &Configuration) -> anyhow::Result<Partners> {
    match &configuration.partners {
        Some(file) => Ok(Partners::read_with_their_key(file, &configuration.pseudonym_key)?),
        None => Ok(Partners::default()),
    }
}

/// Reads where partners receive calls, and what signs them.
pub fn webhooks(
    configuration: &Configuration,
    partners: &Partners,
    options: webhook::Options,
) -> anyhow::Result<Webhooks> {
    let file = configuration.partners.as_deref();
    let folder = file.and_then(Path::parent).unwrap_or(Path::new("."));
    Ok(Webhooks::of(partners, folder, options)?)
}

/// A location as it may be shown: without the password.
pub fn place(location: &Location) -> String {
    match location {
        Location::Sqlite(file) => file.display().to_string(),
        Location::Postgres(url) => {
            // A password may stand among the parameters, too.
            let (url, more) = url.split_once('?').map_or((&**url, ""), |(url, _)| (url, "?…"));
            match (url.find("://"), url.rfind('@')) {
                (Some(scheme), Some(at)) if scheme + 3 <= at => {
                    format!("{}…{}{more}", &url[..scheme + 3], &url[at..])
                }
                _ => format!("{url}{more}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, expected) in [
            ("postgres://region:secret@db/parcours", "postgres://…@db/parcours"),
            (
                "postgres://db/parcours?user=me&password=secret",
                "postgres://db/parcours?…",
            ),
            (
                "postgres://me:se@cret@db/parcours?sslmode=disable",
                "postgres://…@db/parcours?…",
            ),
            ("postgres://db/parcours", "postgres://db/parcours"),
        ] {
            assert_eq!(place(&Location::Postgres(url.into())), expected);
        }
    }
}
