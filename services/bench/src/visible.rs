//! From the acknowledgement of an event to the answer of each view that shows it, under a steady load of events sent one
//! by one: both as a user of the service's HTTP sees them.

use super::connection::Connection;
use super::door;
use super::figure::{Figure, Goal};
use super::inputs::Cohort;
use super::latency::Latencies;
use super::load::events;
use super::memory;
use super::scale::{CALLERS, PACE, Scale};
use super::service::Service;
use anyhow::{Context, ensure};
use parcours_model::{StreamKind, Submission};
use serde::Deserialize;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

/// Milliseconds at the 99th percentile (issue: "under 20 ms").
const GOAL: f64 = 20.0;
/// Between two bursts of the writer: the grain of the runtime's clock.
const TICK: Duration = Duration::from_millis(1);
/// The share of the pace that must be held for the figures to mean anything.
const HELD: f64 = 0.95;
/// One event in so many is watched: asking is work, too.
const WATCHED: usize = 16;
/// Connections that ask each view, so that a question hardly ever waits for the one before.
const WATCHERS: usize = 4;

/// Questions on each of these before it is watched.
const ASKED_BEFORE: usize = 50;

/// The path by which a view is asked about a parcours, up to the position that the answer must have.
type Question = fn(Uuid) -> String;

/// What shows an event of a parcours, a view each. Small questions: what counts is the wait for the view.
const QUESTIONS: [(&str, Question); 4] = [
    ("catalogue", |_| "/v1/catalogue?limit=1&".into()),
    ("timeline", |parcours| format!("/v1/parcours/{parcours}?")),
    ("territory", |_| "/v1/territories/commune/76540?".into()),
    ("outcomes", |_| "/v1/outcomes?limit=1&".into()),
];

/// An event of a parcours that is on disk, and when its caller knew.
#[derive(Clone, Copy)]
struct Acknowledged {
    parcours: Uuid,
    position: u64,
    at: Instant,
}

/// What is read of an acknowledgement.
#[derive(Deserialize)]
struct Receipt {
    position: u64,
}

/// Sends the cohort's events one by one at the pace, whether or not those before are answered, and watches.
pub async fn watch(service: &Service, cohort: &Cohort, scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    let catalogue = door::send(service.address, &cohort.catalogue, |_| ()).await?;
    ensure!(catalogue.refused == 0, "the catalogue was not taken");
    service.caught_up().await?;
    service.memory.forget_peak();
    let mut asking = JoinSet::new();
    for (index, (_, question)) in QUESTIONS.iter().enumerate() {
        for number in 0..WATCHERS {
            let connection = Connection::open(service.address).await?;
            asking
                .spawn(async move { anyhow::Ok((index, number, ask_before(connection, *question).await?)) });
        }
    }
    let mut watching = JoinSet::new();
    let mut watchers = vec![Vec::new(); WATCHERS];
    for asked in asking.join_all().await {
        let (index, number, connection) = asked?;
        let (acknowledged, told) = unbounded_channel();
        watchers[number].push(acknowledged);
        watching.spawn(async move { anyhow::Ok((index, see(connection, QUESTIONS[index].1, told).await?)) });
    }
    let took = send(service.address, cohort, watchers).await?;
    let mut seen: [Latencies; QUESTIONS.len()] = Default::default();
    for watched in watching.join_all().await {
        let (index, latencies) = watched?;
        seen[index].add(&latencies);
    }
    let held = scale.watch_time().as_secs_f64() / took.as_secs_f64();
    if held < HELD {
        tracing::warn!(
            "only {:.0} events a second were acknowledged: latencies are those of a full queue",
            held * PACE as f64
        );
    }
    let mut figures = vec![Figure::new("visible-load", held * PACE as f64, "events/s")];
    for ((view, _), latencies) in QUESTIONS.iter().zip(seen) {
        ensure!(latencies.count() > 0, "no event was seen in {view}");
        let figure = |share: f64, name: &str| {
            Figure::new(
                format!("visible-{view}-{name}"),
                latencies.milliseconds(share),
                "ms",
            )
        };
        figures.push(figure(0.5, "p50"));
        figures.push(figure(0.99, "p99").goal(Goal::Below(GOAL)));
    }
    let memory = service.memory.peak();
    figures
        .extend(memory.map(|peak| Figure::new("visible-memory", peak, "MB").goal(Goal::Below(memory::GOAL))));
    Ok(figures)
}

/// Sends until the end of the cohort; gives the time until the last acknowledgement.
async fn send(
    address: SocketAddr,
    cohort: &Cohort,
    watchers: Vec<Vec<UnboundedSender<Acknowledged>>>,
) -> anyhow::Result<Duration> {
    let mut callers = JoinSet::new();
    let mut queues = Vec::new();
    for number in 0..CALLERS {
        let (queue, events) = unbounded_channel();
        queues.push(queue);
        let connection = Connection::open(address).await?;
        callers.spawn(call(connection, events, watchers[number % WATCHERS].clone()));
    }
    drop(watchers);
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let began = Instant::now();
    for (index, event) in (0_u64..).zip(events(&cohort.journeys)?) {
        if index.is_multiple_of(PACE * TICK.as_millis() as u64 / 1_000) {
            tick.tick().await;
        }
        let event = event?;
        // The last bits of a version 7 UUID are chance: streams spread over callers, each with one.
        let caller = (event.event.stream.uuid.as_u128() % CALLERS as u128) as usize;
        queues[caller].send(event).ok().context("a caller has failed")?;
    }
    drop(queues);
    callers
        .join_all()
        .await
        .into_iter()
        .collect::<anyhow::Result<()>>()?;
    Ok(began.elapsed())
}

/// Sends the events of some streams in their order, and tells the watchers of some of the acknowledgements.
async fn call(
    mut connection: Connection,
    mut events: UnboundedReceiver<Submission>,
    watchers: Vec<UnboundedSender<Acknowledged>>,
) -> anyhow::Result<()> {
    let mut acknowledged = 0;
    while let Some(event) = events.recv().await {
        let stream = event.event.stream;
        let answer = connection.post(event.to_json()).await?;
        if !answer.status.is_success() {
            tracing::debug!(status = %answer.status, "an event of the bench was refused");
            continue;
        }
        if stream.kind != StreamKind::Parcours {
            continue;
        }
        if acknowledged % WATCHED == 0 {
            let Receipt { position } = serde_json::from_slice(&answer.body)?;
            let (parcours, at) = (stream.uuid, Instant::now());
            for watcher in &watchers {
                let told = watcher.send(Acknowledged {
                    parcours,
                    position,
                    at,
                });
                told.ok().context("a watcher has failed")?;
            }
        }
        acknowledged += 1;
    }
    Ok(())
}

/// Asks without waiting for anything, as readers have before: the service's own connections to its database are open then,
/// and know the question.
async fn ask_before(mut connection: Connection, question: Question) -> anyhow::Result<Connection> {
    for _ in 0..ASKED_BEFORE {
        connection
            .get(&format!("{}min_position=0", question(Uuid::nil())))
            .await?;
    }
    Ok(connection)
}

/// Asks for each event in turn, by a question whose answer must have it.
async fn see(
    mut connection: Connection,
    question: Question,
    mut told: UnboundedReceiver<Acknowledged>,
) -> anyhow::Result<Latencies> {
    let mut latencies = Latencies::default();
    while let Some(Acknowledged {
        parcours,
        position,
        at,
    }) = told.recv().await
    {
        let path = format!("{}min_position={position}", question(parcours));
        let answer = connection.get(&path).await?;
        ensure!(
            answer.status.is_success(),
            "{path} was answered {}",
            answer.status
        );
        latencies.record(at.elapsed());
    }
    Ok(latencies)
}
