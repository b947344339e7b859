//! `parcours serve`: the HTTP interface, and the views kept up to date.

use super::Ending;
use crate::configuration::Configuration;
use crate::file::File;
use crate::open;
use anyhow::Context;
use chrono::Utc;
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use parcours_api::{ApiState, Limits};
use parcours_http::{Delivery, Forgetting, Site};
use parcours_log::Log;
use parcours_log::supervision::Supervisor;
use parcours_outcomes::jetstream::{self, NatsOptions, Publisher};
use parcours_outcomes::webhook::{self, Deliveries, Schedule, Webhooks};
use parcours_outcomes::{OutcomeReader, OutcomesState, Partners};
use parcours_projections::{Projector, Views};
use parcours_waiting::Offering;
use std::io::Write;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Between a fault and the end of the service, for its health to be asked.
const GRACE: Duration = Duration::from_secs(2);
/// What is under way when the service begins to stop is given this long, and the last words about it this long.
const STOP_LIMIT: Duration = Duration::from_secs(9);
const LAST_WORDS: Duration = Duration::from_millis(500);

/// How many days a place may be offered for.
pub(crate) const OFFER_DAYS: RangeInclusive<u64> = 1..=90;

/// What `parcours serve` may be told.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Do only this of the service, for processes that share its work [default: all of it]
    ///
    /// api answers operators and readers, views keeps the views up to date and offers places to those who wait, outcomes tells partners: over HTTP, over NATS
    /// and by webhooks. Each has to be done by some process: one that does api alone answers from views that another keeps.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "ROLE,…",
        env = "PARCOURS_ONLY",
        hide_env_values = true
    )]
    pub only: Option<Vec<Role>>,
    /// How the figures of territories are told [default: exact]
    ///
    /// exact, for those entitled to them; protected, for everybody else: with a noise by which nobody can tell who is in a
    /// figure, always the same for the same people, and nothing from 1 to 4. The noise follows from the key of the partners'
    /// pseudonyms (--pseudonym-key), which is made if there is none.
    #[arg(
        long,
        value_enum,
        value_name = "HOW",
        env = "PARCOURS_FIGURES",
        hide_env_values = true
    )]
    pub figures: Option<Figures>,
    /// How many days whoever waits longest has to take a place that becomes free, before it is offered to the next [default: 7]
    #[arg(long, value_name = "DAYS", env = "PARCOURS_OFFER_DAYS", hide_env_values = true, value_parser = clap::value_parser!(u64).range(OFFER_DAYS))]
    pub offer_days: Option<u64>,
    #[command(flatten)]
    pub(crate) webhooks: WebhookArgs,
}

impl ServeArgs {
    /// What was not given, from the file.
    pub fn or(self, file: &File) -> Self {
        Self {
            only: self.only.or_else(|| file.only.clone()),
            figures: self.figures.or(file.figures),
            offer_days: self.offer_days.or(file.offer_days),
            webhooks: self.webhooks.or(file),
        }
    }
}

/// How calls to partners' webhooks are made.
#[derive(Clone, Debug, Default, Args)]
pub struct WebhookArgs {
    /// Networks that webhooks may be in though they are not public, and without encryption, such as 10.1.2.0/24
    #[arg(
        long,
        value_delimiter = ',',
        value_parser = network,
        value_name = "CIDR,…",
        env = "PARCOURS_WEBHOOKS_ALLOW",
        hide_env_values = true
    )]
    pub webhooks_allow: Option<Vec<IpNet>>,
    /// The pauses between the attempts at a message; after the last attempt it is a dead letter [default:
    /// 5s,5m,30m,2h,5h,10h,14h,20h,1day]
    #[arg(
        long,
        value_name = "PAUSE,…",
        env = "PARCOURS_WEBHOOKS_SCHEDULE",
        hide_env_values = true
    )]
    pub webhooks_schedule: Option<Schedule>,
    /// How long a webhook may take to answer [default: 15s]
    #[arg(
        long,
        value_parser = patience,
        value_name = "TIME",
        env = "PARCOURS_WEBHOOKS_TIMEOUT",
        hide_env_values = true
    )]
    pub webhooks_timeout: Option<Duration>,
}

impl WebhookArgs {
    /// What was not given, from the file.
    pub(crate) fn or(self, file: &File) -> Self {
        Self {
            webhooks_allow: self.webhooks_allow.or_else(|| file.webhooks_allow.clone()),
            webhooks_schedule: self.webhooks_schedule.or_else(|| file.webhooks_schedule.clone()),
            webhooks_timeout: self.webhooks_timeout.or(file.webhooks_timeout),
        }
    }

    /// As they are taken.
    pub fn options(&self) -> webhook::Options {
        let usual = webhook::Options::default();
        webhook::Options {
            allowed: self.webhooks_allow.clone().unwrap_or(usual.allowed),
            schedule: self.webhooks_schedule.clone().unwrap_or(usual.schedule),
            timeout: self.webhooks_timeout.unwrap_or(usual.timeout),
            ..webhook::Options::default()
        }
    }
}

/// A network, or the one address that is all of it.
pub(crate) fn network(text: &str) -> Result<IpNet, String> {
    text.parse::<IpNet>()
        .map(|network| network.trunc())
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| "expected a network such as 10.1.2.0/24 or fd00::/8, or an address".to_owned())
}

/// Longer would hold up the stopping of the service.
pub(crate) fn patience(text: &str) -> Result<Duration, String> {
    match text.parse::<humantime::Duration>() {
        Ok(time) if (Duration::from_millis(10)..=Duration::from_secs(30)).contains(&*time) => Ok(*time),
        _ => Err("expected a time from 10ms to 30s with its unit, such as 15s".to_owned()),
    }
}

/// What a process may do of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Answer operators and readers.
    Api,
    /// Keep the views up to date.
    Views,
    /// Tell partners of outcomes.
    Outcomes,
}

impl Role {
    /// All of them: what a process does that is told nothing.
    pub const ALL: &[Role] = &[Role::Api, Role::Views, Role::Outcomes];
}

/// How figures are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Figures {
    /// As they are.
    Exact,
    /// With a noise that protects who is in them.
    Protected,
}

/// What is served.
pub struct Serving {
    /// The log, open.
    pub log: Log,
    /// The views, open.
    pub views: Views,
    /// Where requests come in, for the roles that answer any.
    pub listener: Option<TcpListener>,
    /// What comes in may take.
    pub limits: Limits,
    /// Who may hear of outcomes.
    pub partners: Partners,
    /// Where they hear of them, beside this process.
    pub nats: Option<NatsOptions>,
    /// Who is called with them.
    pub webhooks: Webhooks,
    /// How many days a place is offered to whoever waits for it.
    pub offer_days: u64,
    /// What this process does.
    pub roles: Vec<Role>,
}

/// Serves until it is interrupted, then lets requests and batches under way finish.
pub async fn run(configuration: &Configuration, args: &ServeArgs) -> anyhow::Result<Ending> {
    let roles = args.only.clone().unwrap_or_else(|| Role::ALL.to_vec());
    // Before anything is opened: what is wrong with partners is found at the start, not with the first request.
    let partners = match roles.contains(&Role::Outcomes) {
        true => open::partners(configuration)?,
        false => Partners::default(),
    };
    let webhooks = open::webhooks(configuration, &partners, args.webhooks.options())?;
    // Nothing is made by a service that cannot be reached.
    let listener = match roles.iter().any(|role| *role != Role::Views) {
        true => Some(listen(configuration).await?),
        false => None,
    };
    let log = open::log(configuration).await?;
    let record_keys = match args.figures {
        Some(Figures::Protected) => Some(open::record_keys(configuration)?),
        _ => None,
    };
    let views = open::views_protected_by(record_keys, configuration, &log).await?;
    views.must_follow(&log).await?;
    let webhooks = webhooks.open(&configuration.views, log.stopping()).await?;
    let limits = limits(configuration);
    let serving = Serving {
        log,
        views,
        listener,
        limits,
        partners,
        nats: configuration.nats.clone(),
        webhooks,
        offer_days: args.offer_days.unwrap_or(parcours_waiting::DAYS),
        roles,
    };
    serve(serving, |_| {}).await
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
    let address = &configuration.listen;
    TcpListener::bind((address.host.as_str(), address.port))
        .await
        .with_context(|| {
            format!("cannot listen on {address}: give another address with --listen, port 0 takes a free one")
        })
}

/// Serves what is open; `ready` is given the base address once requests are answered.
pub async fn serve(serving: Serving, ready: impl FnOnce(&str)) -> anyhow::Result<Ending> {
    let Serving {
        log,
        views,
        listener,
        limits,
        partners,
        nats,
        webhooks,
        offer_days,
        roles,
    } = serving;
    let plays = |role| roles.contains(&role);
    // The databases are waited for no longer than a moment from then on.
    let stopping = log.stopping().clone();
    let projector = match plays(Role::Views) {
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
    let supervisor = log.supervisor().clone();
    let offering =
        plays(Role::Views).then(|| Offering::start(log.clone(), views.clone(), offer_days, &supervisor));
    let ending = tokio::spawn(end(super::interruption(), supervisor, stopping.clone()));
    // Before anything is counted.
    let metrics = parcours_http::metrics()?;
    let reader = plays(Role::Outcomes).then(|| OutcomeReader::start(views.clone(), log.clone()));
    let publisher = match (&reader, nats) {
        (Some(reader), Some(nats)) => {
            Some(Publisher::start(nats, log.clone(), reader.clone(), partners.clone()).await?)
        }
        _ => None,
    };
    let calls = reader.as_ref().map(|reader| webhooks.start(reader, &stopping));
    match listener {
        Some(listener) => {
            let address = format!("http://{}", listener.local_addr()?);
            announce(&address);
            ready(&address);
            let site = Site::new(
                log.clone(),
                views.clone(),
                parcours_http::Limits::default(),
                metrics,
            );
            let mut parts = Vec::new();
            if plays(Role::Api) {
                parts.push(parcours_api::part(ApiState::new(site.clone(), limits)));
            }
            if let Some(publisher) = &publisher {
                let status = publisher.status();
                site.deliveries.add(move || published(&status.borrow()));
            }
            for (partner, status) in calls.iter().flat_map(Deliveries::statuses) {
                site.deliveries.add(move || called(&partner, &status.borrow()));
            }
            if let Some(reader) = &reader {
                let listeners = parcours_outcomes::Limits::default();
                let state = OutcomesState::new(site.clone(), reader.clone(), partners, listeners);
                parts.push(parcours_outcomes::part(state));
            }
            parcours_http::serve(listener, site, parts, stopping.cancelled_owned()).await;
        }
        None => {
            tracing::info!("keeping the views up to date; no requests are answered");
            stopping.cancelled().await;
        }
    }
    if let Some(offering) = offering {
        offering.stop().await;
    }
    if let Some(calls) = calls {
        calls.ended().await;
    }
    if let Some(publisher) = publisher {
        publisher.stop().await;
    }
    if let Some(reader) = reader {
        reader.stop().await;
    }
    if let Some(projector) = projector {
        projector.stop().await;
    }
    log.close().await;
    Ok(ending.await?)
}

/// Waits until the service has to end, has it begin to, and sees to it that it does in time.
async fn end(
    interruption: impl Future<Output = ()>,
    supervisor: Supervisor,
    stopping: CancellationToken,
) -> Ending {
    let ending = tokio::select! {
        () = interruption => {
            tracing::info!("stopping: requests and batches under way are finished first");
            Ending::Done
        }
        part = supervisor.fall() => {
            tracing::error!(part, "a part of the service has ended by a fault of the program: the service ends, and is to be started again");
            // Whoever asks for its health hears of it.
            sleep(GRACE).await;
            Ending::Fault
        }
    };
    stopping.cancel();
    // A thread, which works whatever the runtime does.
    let watch = std::thread::Builder::new()
        .name("stop-limit".into())
        .spawn(move || {
            std::thread::sleep(STOP_LIMIT);
            tracing::error!(
                "the service did not stop in time: it ends now; what was acknowledged is recorded"
            );
            std::thread::sleep(LAST_WORDS);
            std::process::exit(i32::from(Ending::Fault.code()));
        });
    if let Err(error) = watch {
        tracing::warn!(%error, "nothing sees to it that the service stops in time");
    }
    ending
}

/// How publishing to NATS goes, for those who look after the service.
fn published(status: &jetstream::Status) -> Delivery {
    let detail = status.problem(Utc::now());
    Delivery {
        name: "jetstream",
        partner: None,
        healthy: detail.is_none() && status.reached_stream,
        position: status.position,
        detail,
        forgetting: status.notices.waiting.map(|waiting| Forgetting {
            waiting,
            oldest_seconds: status.notices.age(Utc::now()).map(|age| age.as_secs()),
        }),
    }
}

/// How the calls to a partner's webhook go.
fn called(partner: &str, status: &webhook::Status) -> Delivery {
    Delivery {
        name: "webhook",
        partner: Some(partner.to_owned()),
        healthy: status.healthy,
        position: status.position,
        detail: status.detail.clone(),
        forgetting: None,
    }
}

/// The address, on standard output, where programs that start the service read it; without it the service is none the worse.
fn announce(address: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "Parcours listens on {address}").and_then(|()| output.flush());
}
