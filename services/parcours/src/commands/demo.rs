//! `parcours demo`: a simulated year of the programme in a data directory of its own, then the service on it.
//!
//! The events go through the same door as everybody's: the rules apply, by the clock of the simulated time. What is being filled is written beside the
//! log, so that an interrupted demonstration goes on with the same programme, and a complete one is only served.

use super::Ending;
use super::serve::{self, Role, Serving};
use crate::arguments::DemoArgs;
use crate::configuration::Configuration;
use crate::open;
use anyhow::{Context, bail};
use chrono::{Datelike, Utc};
use parcours_console::numbers::counted;
use parcours_console::progress::Progress;
use parcours_console::{mention, say};
use parcours_log::{Append, Clock, Location, Log, Rejection};
use parcours_model::{Fact, StreamId, StreamKind, Submission, calendar, streams::parcours};
use parcours_outcomes::{Declaration, NatsSeed, Partners, SecretHash};
use parcours_simulate::settings::Settings;
use parcours_simulate::simulate;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What the demonstration's partner gives as its secret.
const SECRET: &str = "secret-of-the-demonstration";

/// The seed with which the demonstration's partner enters a NATS server, and the file in the data directory where it
/// finds it.
const NATS_SEED: &str = "SUAOVBG3YXJL7ZAHG6JNDTSWUNMMZRSO43PBCER2YX2VOUHUA6OGYZ2H2E";
const NATS_SEED_FILE: &str = "demo-partner.nk";

/// Events appended together.
const GROUP: usize = 1_000;

/// What a demonstration's directory holds.
#[derive(Serialize, Deserialize)]
struct Demonstration {
    settings: Settings,
    /// A parcours with a whole story, once all is recorded.
    complete: Option<Uuid>,
}

/// Fills what is not filled yet, then serves.
pub async fn run(configuration: &Configuration, args: &DemoArgs) -> anyhow::Result<Ending> {
    // Before anything is made.
    let settings = args.simulation.settings(calendar::day(Utc::now()))?;
    std::fs::create_dir_all(&configuration.data)?;
    let memory = configuration.data.join("demo.json");
    let clock = Clock::default();
    let options = parcours_log::Options {
        clock: clock.clone(),
        ..parcours_log::Options::default()
    };
    let log = open::log_with(configuration, options).await?;
    let mut demonstration = remember(&memory, &log, settings)?;
    if demonstration.complete.is_none() {
        match fill(&log, &clock, &demonstration.settings).await? {
            None => {
                log.close().await;
                mention!("interrupted: `parcours demo` goes on from here");
                return Ok(Ending::Interrupted);
            }
            example => demonstration.complete = example,
        }
        std::fs::write(&memory, serde_json::to_vec_pretty(&demonstration)?)?;
    }
    if args.fill_only {
        say!(
            "{} in {}",
            counted(log.size(), "event"),
            open::place(&configuration.log)
        );
        log.close().await;
        return Ok(Ending::Done);
    }
    let partners = declare_partner(configuration)?;
    let webhooks = open::webhooks(configuration, &partners, args.webhooks.options())?;
    let views = open::views(configuration, &log).await?;
    views.must_follow(&log).await?;
    let webhooks = webhooks.open(&configuration.views, log.stopping()).await?;
    let listener = serve::listen(configuration).await?;
    let last = log.size().saturating_sub(1);
    let (waiting, settings) = (views.clone(), demonstration.settings);
    let example = Example::of(&log, demonstration.complete.unwrap_or_default(), configuration).await?;
    let serving = Serving {
        log,
        views,
        listener: Some(listener),
        limits: serve::limits(configuration),
        partners,
        nats: configuration.nats.clone(),
        webhooks,
        offer_days: parcours_waiting::DAYS,
        roles: Role::ALL.to_vec(),
    };
    let server = configuration.nats.as_ref().map(|nats| nats.url.clone());
    let seed = configuration.data.join(NATS_SEED_FILE);
    let invitation = |address: &str| {
        let address = address.to_owned();
        tokio::spawn(async move {
            for view in parcours_projections::VIEWS {
                while waiting
                    .wait_for(view.name, last, Duration::from_secs(60))
                    .await
                    .is_err()
                {
                    tracing::info!(
                        view = view.name,
                        digested = waiting.checkpoint(view.name),
                        "the view is being built"
                    );
                }
            }
            invite(&address, &settings, &example);
            if let Some(server) = &server {
                invite_over_nats(server, &seed);
            }
        });
    };
    serve::serve(serving, invitation).await
}

/// The partners named, or one whose secret everybody knows: there is nobody real to hear of.
fn declare_partner(configuration: &Configuration) -> anyhow::Result<Partners> {
    if configuration.partners.is_some() {
        return open::partners(configuration);
    }
    let seed: NatsSeed = NATS_SEED.parse().map_err(anyhow::Error::msg)?;
    let declaration = Declaration {
        name: "demo".to_owned(),
        territories: vec!["region/28".parse().map_err(anyhow::Error::msg)?],
        kinds: None,
        secrets: vec![SecretHash::of(SECRET)],
        pseudonyms: None,
        nats: Some(seed.key().clone()),
        webhook: None,
    };
    std::fs::write(configuration.data.join(NATS_SEED_FILE), NATS_SEED)?;
    let file = configuration.usual_partners();
    std::fs::write(&file, declaration.to_toml())?;
    open::partners(&Configuration {
        partners: Some(file),
        ..configuration.clone()
    })
}

/// What the directory is filled with: as it was begun, or as told now.
fn remember(memory: &Path, log: &Log, settings: Settings) -> anyhow::Result<Demonstration> {
    match std::fs::read(memory) {
        Ok(bytes) => {
            let mut begun: Demonstration = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is damaged: remove its directory", memory.display()))?;
            // Its log was removed: it is filled anew.
            begun.complete = begun.complete.filter(|_| log.size() > 0);
            let (people, seed) = (begun.settings.trainees, begun.settings.seed);
            if (people, seed) != (settings.trainees, settings.seed) {
                mention!(
                    "{} holds the demonstration of {people} people with seed {seed}, which goes on: for another, give another \
                     --data",
                    memory.parent().unwrap_or(memory).display()
                );
            }
            Ok(begun)
        }
        Err(_) if log.size() > 0 => {
            let folder = memory.parent().map(PathBuf::from).unwrap_or_default();
            bail!(
                "{} holds a log that is no demonstration: give another directory with --data",
                folder.display()
            )
        }
        Err(_) => {
            let demonstration = Demonstration {
                settings,
                complete: None,
            };
            std::fs::write(memory, serde_json::to_vec_pretty(&demonstration)?)?;
            Ok(demonstration)
        }
    }
}

/// Appends the whole simulation, each day of it by that day's clock, so that what was known on a day can be asked. Gives a
/// parcours worth looking at, or `None` if it was interrupted.
async fn fill(log: &Log, clock: &Clock, settings: &Settings) -> anyhow::Result<Option<Uuid>> {
    let cancel = CancellationToken::new();
    let interrupted = cancel.clone();
    let interruption = super::interruption();
    let listening = tokio::spawn(async move {
        interruption.await;
        interrupted.cancel();
    });
    let total = simulate(settings).count() as u64;
    let mut progress = Progress::new("simulating a programme", "events", Some(total));
    let actor: Arc<str> = "demo".into();
    let mut simulation = simulate(settings);
    let mut next = simulation.next();
    let (mut done, mut example) = (0, None);
    while next.is_some() && !cancel.is_cancelled() {
        let day = calendar::day(simulation.now());
        let mut group: Vec<Submission> = Vec::new();
        while let Some(submission) =
            next.take_if(|_| group.len() < GROUP && calendar::day(simulation.now()) == day)
        {
            clock.set(simulation.now());
            group.push(submission);
            next = simulation.next();
        }
        done += group.len() as u64;
        for submission in &group {
            let told = story(&submission.event.fact).map(|story| (story, submission.event.stream.uuid));
            if told.map(|(story, _)| story) >= example.map(|(story, _): (u8, Uuid)| story) {
                example = told;
            }
        }
        let appends = group
            .into_iter()
            .map(|submission| Append::one(submission, actor.clone()));
        for answer in log.append_each(appends.collect()).await {
            match answer {
                Err(Rejection::Unavailable(error)) => return Err(error.into()),
                Err(rejection) => tracing::warn!(%rejection, "a simulated event was refused"),
                Ok(_) => {}
            }
        }
        progress.at(done);
    }
    clock.give_back();
    progress.finish();
    listening.abort();
    Ok((!cancel.is_cancelled()).then(|| example.map(|(_, parcours)| parcours).unwrap_or_default()))
}

/// How much of a story there is to tell of somebody to whom this happened: most of whose business stands at the end.
fn story(fact: &Fact) -> Option<u8> {
    match fact {
        Fact::Parcours(parcours::Fact::BusinessCreated(_)) => Some(2),
        Fact::Parcours(parcours::Fact::EmploymentStarted(_)) => Some(1),
        Fact::Parcours(_) => Some(0),
        _ => None,
    }
}

/// A parcours to look at, and the position at which it was half told.
struct Example {
    parcours: Uuid,
    half: u64,
    /// What makes other commands find the log.
    options: String,
}

impl Example {
    async fn of(log: &Log, parcours: Uuid, configuration: &Configuration) -> anyhow::Result<Self> {
        let entries = log
            .stream(StreamId::new(StreamKind::Parcours, parcours), None)
            .await?;
        let half = entries.get(entries.len() / 2).map_or(0, |entry| entry.position);
        let options = match configuration.log {
            Location::Sqlite(_) => format!(" --data '{}'", configuration.data.display()),
            // Its address may have a password, and is known to whoever gave it.
            Location::Postgres(_) => " --database …".to_owned(),
        };
        Ok(Self {
            parcours,
            half,
            options,
        })
    }
}

/// Says how the partner reads over NATS.
fn invite_over_nats(server: &str, seed: &Path) {
    say!(
        "\nand over NATS, in Python (pip install nats-py nkeys):\n\n  \
         python3 services/outcomes/examples/partner.py demo {} {server}",
        seed.display()
    );
}

/// Says what to look at.
fn invite(address: &str, settings: &Settings, example: &Example) {
    let Settings {
        from, until, region, ..
    } = settings;
    let Example {
        parcours,
        half,
        options,
    } = example;
    say!(
        "
The programme of {} simulated people, {from} to {until}, is ready. Look at

  what it changes in the région:     curl '{address}/v1/territories/region/{region}?from={from}&to={until}&by=month'
  the same as a table:               curl '{address}/v1/territories/region/{region}?from={from}&to={until}&by=operator&format=csv'
  one person's parcours:             curl '{address}/v1/parcours/{parcours}'
  the same as it was known earlier:  curl '{address}/v1/parcours/{parcours}?as_of={half}'
  the same from the log, for people: parcours replay {parcours}{options}
  what is to be done, and by when:   curl '{address}/v1/parcours?due=true&limit=5'
  what was asked of the Région:      curl '{address}/v1/register/request?limit=5'
  the money for aids of a year:      curl '{address}/v1/register/envelope/{}'
  who is available for work:         curl '{address}/v1/profiles?limit=5'
  where places are left:             curl '{address}/v1/catalogue?open=true&limit=5'
  what a partner is told, live:      curl -N -H 'Authorization: Bearer {SECRET}' -H 'Accept: text/event-stream' '{address}/v1/outcomes?kind=certification,employment'
  what can be sent:                  curl '{address}/openapi.json'

Stop with Ctrl-C; `parcours demo` serves the same programme again.",
        settings.trainees,
        until.year()
    );
}
