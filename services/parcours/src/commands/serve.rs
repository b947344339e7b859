//! `parcours serve`: the HTTP interface, and the views kept up to date.

use super::Ending;
use crate::configuration::Configuration;
use crate::open;
use anyhow::Context;
use clap::{Args, ValueEnum};
use parcours_api::{ApiState, Limits};
use parcours_log::Log;
use parcours_projections::{Projector, Views};
use std::io::Write;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What `parcours serve` may be told.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Only these roles, in a process of their own
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ROLE,…")]
    pub only: Option<Vec<Role>>,
}

/// What a process may do of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Answer HTTP requests.
    Api,
    /// Keep the views up to date.
    Views,
}

impl ServeArgs {
    fn plays(&self, role: Role) -> bool {
        self.only.as_ref().is_none_or(|only| only.contains(&role))
    }
}

/// Serves until it is interrupted, then lets requests and batches under way finish.
pub async fn run(configuration: &Configuration, args: &ServeArgs) -> anyhow::Result<Ending> {
    let log = open::log(configuration).await?;
    let views = open::views(configuration).await?;
    let listener = match args.plays(Role::Api) {
        true => Some(listen(configuration).await?),
        false => None,
    };
    serve(
        log,
        views,
        listener,
        limits(configuration),
        args.plays(Role::Views),
        |_| {},
    )
    .await
}

/// The usual limits; results that wait on disk do so in the data directory, where there is one.
pub fn limits(configuration: &Configuration) -> Limits {
    let usual = Limits::default();
    match configuration.data.is_dir() {
        true => Limits {
            spool_folder: configuration.data.clone(),
            ..usual
        },
        false => usual,
    }
}

/// Listens on the configured address.
pub async fn listen(configuration: &Configuration) -> anyhow::Result<TcpListener> {
    let address = configuration.listen;
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: give another address with --listen, port 0 takes a free one")
    })
}

/// Serves what is open; `ready` is given the base address once requests are answered.
pub async fn serve(
    log: Log,
    views: Views,
    listener: Option<TcpListener>,
    limits: Limits,
    project: bool,
    ready: impl FnOnce(&str),
) -> anyhow::Result<Ending> {
    let stopping = CancellationToken::new();
    let projector = match project {
        true => Some(
            Projector::start(
                log.clone(),
                views.clone(),
                parcours_projections::ProjectorOptions::default(),
            )
            .await,
        ),
        false => None,
    };
    let interrupted = stopping.clone();
    let interruption = super::interruption();
    tokio::spawn(async move {
        interruption.await;
        tracing::info!("stopping: requests and batches under way are finished first");
        interrupted.cancel();
    });
    match listener {
        Some(listener) => {
            let address = format!("http://{}", listener.local_addr()?);
            announce(&address)?;
            ready(&address);
            let metrics = parcours_api::metrics()?;
            let state = ApiState::new(log.clone(), views, limits, metrics);
            parcours_api::serve(listener, state, stopping.cancelled_owned()).await;
        }
        None => {
            tracing::info!("keeping the views up to date; no requests are answered");
            stopping.cancelled().await;
        }
    }
    if let Some(projector) = projector {
        projector.stop().await;
    }
    log.close().await;
    Ok(Ending::Done)
}

/// The address, on standard output, where programs that start the service read it.
fn announce(address: &str) -> std::io::Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(output, "Parcours listens on {address}")?;
    output.flush()
}
