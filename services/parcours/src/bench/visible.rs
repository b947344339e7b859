//! From the acknowledgement of an event to its being visible in each view, under a steady load.

use super::callers::append;
use super::figure::{Figure, Goal};
use super::inputs::Cohort;
use super::latency::Latencies;
use super::load::{events, load};
use super::memory;
use super::scale::{CALLERS, PACE, Scale};
use super::service::Service;
use anyhow::{Context, ensure};
use parcours_log::Log;
use parcours_model::Submission;
use parcours_projections::{VIEWS, Views};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

/// Milliseconds at the 99th percentile (issue: "under 20 ms").
const GOAL: f64 = 20.0;
/// Between two bursts of the writer: the grain of the runtime's clock.
const TICK: Duration = Duration::from_millis(1);
/// What is not visible by then never will be.
const PATIENCE: Duration = Duration::from_secs(60);
/// The share of the pace that must be held for the figures to mean anything.
const HELD: f64 = 0.95;

/// An event on disk: its position, and when its caller knew.
type Acknowledged = (u64, Instant);

/// Sends the cohort's events one by one at the pace, whether or not those before are answered, and watches.
pub async fn watch(service: &Service, cohort: &Cohort, scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    load(&service.log, &cohort.catalogue, u64::MAX).await?;
    service.caught_up().await?;
    memory::forget_peak();
    let mut watching = JoinSet::new();
    let mut watchers = Vec::new();
    for (index, view) in VIEWS.iter().enumerate() {
        let (acknowledged, told) = unbounded_channel();
        watchers.push(acknowledged);
        let views = service.views.clone();
        watching.spawn(async move { anyhow::Ok((index, see(&views, view.name, told).await?)) });
    }
    let took = send(&service.log, cohort, watchers).await?;
    let mut seen: Vec<_> = watching
        .join_all()
        .await
        .into_iter()
        .collect::<anyhow::Result<_>>()?;
    let held = scale.watch_time().as_secs_f64() / took.as_secs_f64();
    if held < HELD {
        tracing::warn!(
            "only {:.0} events a second were acknowledged: latencies are those of a full queue",
            held * PACE as f64
        );
    }
    seen.sort_by_key(|(index, _)| *index);
    let mut figures = vec![Figure::new("visible-load", held * PACE as f64, "events/s")];
    for (view, (_, latencies)) in VIEWS.iter().zip(seen) {
        ensure!(latencies.count() > 0, "no event was seen in {}", view.name);
        let figure = |share: f64, name: &str| {
            Figure::new(
                format!("visible-{}-{name}", view.name),
                latencies.milliseconds(share),
                "ms",
            )
        };
        figures.push(figure(0.5, "p50"));
        figures.push(figure(0.99, "p99").goal(Goal::Below(GOAL)));
    }
    figures.extend(
        memory::peak().map(|peak| {
            Figure::new("visible-memory", peak, "MB").goal(Goal::Below(super::import::MEMORY_GOAL))
        }),
    );
    Ok(figures)
}

/// Sends until the end of the cohort; gives the time until the last acknowledgement.
async fn send(
    log: &Log,
    cohort: &Cohort,
    watchers: Vec<UnboundedSender<Acknowledged>>,
) -> anyhow::Result<Duration> {
    let mut callers = JoinSet::new();
    let mut queues = Vec::new();
    for _ in 0..CALLERS {
        let (queue, events) = unbounded_channel();
        queues.push(queue);
        callers.spawn(call(log.clone(), events, watchers.clone()));
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

/// Appends the events of some streams in their order, and tells the watchers of each acknowledgement.
async fn call(
    log: Log,
    mut events: UnboundedReceiver<Submission>,
    watchers: Vec<UnboundedSender<Acknowledged>>,
) -> anyhow::Result<()> {
    let actor: Arc<str> = "bench".into();
    while let Some(event) = events.recv().await {
        if let Some(receipt) = append(&log, event, &actor).await? {
            let acknowledged = (receipt.position, Instant::now());
            for watcher in &watchers {
                watcher.send(acknowledged).context("a watcher has failed")?;
            }
        }
    }
    Ok(())
}

/// Waits for each event in turn: acknowledgements come nearly in the order of positions, and views go in that order.
async fn see(
    views: &Views,
    view: &str,
    mut told: UnboundedReceiver<Acknowledged>,
) -> anyhow::Result<Latencies> {
    let mut latencies = Latencies::default();
    while let Some((position, acknowledged)) = told.recv().await {
        views.wait_for(view, position, PATIENCE).await?;
        latencies.record(acknowledged.elapsed());
    }
    Ok(latencies)
}
