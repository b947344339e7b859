//! Opening what a command works on.

use crate::configuration::Configuration;
use anyhow::Context;
use parcours_log::{Location, Log};
use parcours_outcomes::Partners;
use parcours_outcomes::webhook::{self, Webhooks};
use parcours_projections::{Views, ViewsOptions};
use std::path::Path;

/// Opens the log, made if there is none.
pub async fn log(configuration: &Configuration) -> anyhow::Result<Log> {
    log_with(configuration, parcours_log::Options::default()).await
}

/// The same, otherwise than usual.
pub async fn log_with(configuration: &Configuration, options: parcours_log::Options) -> anyhow::Result<Log> {
    Log::open(&configuration.log, options)
        .await
        .with_context(|| format!("the log in {} cannot be opened", place(&configuration.log)))
}

/// Opens the views beside the log, made if there are none. They stop with it.
pub async fn views(configuration: &Configuration, log: &Log) -> anyhow::Result<Views> {
    let beside = ViewsOptions {
        supervisor: log.supervisor().clone(),
        stop: log.stopping().clone(),
        ..ViewsOptions::default()
    };
    views_alone(configuration, beside).await
}

/// Opens the views without the log.
pub async fn views_alone(configuration: &Configuration, options: ViewsOptions) -> anyhow::Result<Views> {
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
        Location::Postgres(url) => match (url.find("://"), url.rfind('@')) {
            (Some(scheme), Some(at)) if scheme + 3 < at => format!("{}…{}", &url[..scheme + 3], &url[at..]),
            _ => url.clone(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let shown = place(&Location::Postgres("postgres://region:secret@db/parcours".into()));
        assert_eq!(shown, "postgres://…@db/parcours");
    }
}
