//! From the acknowledgement of an append to the delivery of what it causes at a partner, under a steady load.

use super::server::Server;
use crate::callers::append;
use crate::figure::{Figure, Goal};
use crate::inputs::Inputs;
use crate::latency::Latencies;
use crate::load::{events, load};
use crate::partner::PARTNER;
use crate::scale::{CALLERS, PACE, Scale};
use crate::scratch::Scratch;
use anyhow::{Context, ensure};
use async_nats::jetstream::consumer::{Consumer, pull};
use futures_util::TryStreamExt;
use parcours_log::{Log, Options};
use parcours_model::Submission;
use parcours_outcomes::jetstream::{NatsOptions, Publisher};
use parcours_outcomes::{OutcomeReader, Partners};
use parcours_projections::{Projector, ProjectorOptions, Views, ViewsOptions};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

/// Milliseconds at the 99th percentile (issue: "under 25 ms").
const GOAL: f64 = 25.0;
/// Between two bursts of the writer: the grain of the runtime's clock.
const TICK: Duration = Duration::from_millis(1);
/// What is not delivered by then never will be.
const PATIENCE: Duration = Duration::from_secs(60);

/// When each entry was acknowledged, by its position.
type Acknowledged = HashMap<u64, Instant>;

/// Serves a log of its own to the partner, and sends it the watched cohort's events one by one at the pace.
pub async fn watch(
    scratch: &Scratch,
    inputs: &Inputs,
    scale: &Scale,
    options: &NatsOptions,
    server: &Server,
    partners: &Partners,
) -> anyhow::Result<Vec<Figure>> {
    let log = Log::open(&scratch.log("told").await?, Options::default()).await?;
    let views = Views::open(&scratch.views("told").await?, ViewsOptions::default()).await?;
    let projector = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
    let reader = OutcomeReader::start(views, log.clone());
    let publisher = Publisher::start(options.clone(), log.clone(), reader.clone(), partners.clone()).await?;
    let consumer = server.consumer().await?;
    load(&log, &inputs.watched.catalogue, u64::MAX).await?;
    let measured = deliver(&log, inputs, scale, partners, &publisher, consumer).await;
    publisher.stop().await;
    reader.stop().await;
    projector.stop().await;
    log.close().await;
    measured
}

async fn deliver(
    log: &Log,
    inputs: &Inputs,
    scale: &Scale,
    partners: &Partners,
    publisher: &Publisher,
    consumer: Consumer<pull::Config>,
) -> anyhow::Result<Vec<Figure>> {
    let before = log.size();
    let (tell, ended) = tokio::sync::oneshot::channel();
    let listening = tokio::spawn(listen(consumer, partners.clone(), ended));
    let began = Instant::now();
    let acknowledged = send(log, inputs).await?;
    let took = began.elapsed();
    // Everything is in the stream, so the partner has it as soon as it has heard so many messages.
    let last = log.size().saturating_sub(1);
    let mut status = publisher.status();
    timeout(PATIENCE, status.wait_for(|status| status.position >= Some(last)))
        .await
        .context("all outcomes are published")??;
    let _ = tell.send(());
    let delivered = listening.await??;
    let mut latencies = Latencies::default();
    for (position, at) in delivered {
        if let Some(acknowledged) = acknowledged.get(&position) {
            latencies.record(at.saturating_duration_since(*acknowledged));
        }
    }
    ensure!(
        latencies.count() > 0,
        "no outcome was delivered of {} events",
        log.size() - before
    );
    let held = scale.watch_time().as_secs_f64() / took.as_secs_f64();
    let figure = |share: f64, name: &str| {
        Figure::new(
            format!("outcomes-delivered-{name}"),
            latencies.milliseconds(share),
            "ms",
        )
    };
    Ok(vec![
        Figure::new("outcomes-load", held * PACE as f64, "events/s"),
        Figure::new("outcomes-delivered", latencies.count() as f64, "messages"),
        figure(0.5, "p50"),
        figure(0.99, "p99").goal(Goal::Below(GOAL)),
    ])
}

/// Listens as a partner does, acknowledging each message, until all is published and nothing more comes. Gives the
/// position that each message leads to, and when it came.
async fn listen(
    consumer: Consumer<pull::Config>,
    partners: Partners,
    mut ended: tokio::sync::oneshot::Receiver<()>,
) -> anyhow::Result<Vec<(u64, Instant)>> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
    }
    let mut messages = consumer.messages().await?;
    let mut delivered = Vec::new();
    let mut all = false;
    loop {
        let next = tokio::select! {
            next = messages.try_next() => next?,
            _ = &mut ended, if !all => {
                all = true;
                continue;
            }
            () = tokio::time::sleep(Duration::from_secs(1)), if all => None,
        };
        let Some(message) = next else {
            return Ok(delivered);
        };
        let at = Instant::now();
        message.ack().await.map_err(anyhow::Error::from_boxed)?;
        let named: Named = serde_json::from_slice(&message.payload)?;
        let key = partners.key_named(PARTNER, &named.id);
        delivered.push((key.context("the id leads to a message")?.position, at));
    }
}

/// Sends until the end of the cohort; gives the times of acknowledgement.
async fn send(log: &Log, inputs: &Inputs) -> anyhow::Result<Acknowledged> {
    let mut callers = JoinSet::new();
    let mut queues = Vec::new();
    for _ in 0..CALLERS {
        let (queue, events) = unbounded_channel();
        queues.push(queue);
        callers.spawn(call(log.clone(), events));
    }
    let mut tick = interval(TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for (index, event) in (0_u64..).zip(events(&inputs.watched.journeys)?) {
        if index.is_multiple_of(PACE * TICK.as_millis() as u64 / 1_000) {
            tick.tick().await;
        }
        let event = event?;
        // The last bits of a version 7 UUID are chance: streams spread over callers, each with one.
        let caller = (event.event.stream.uuid.as_u128() % CALLERS as u128) as usize;
        queues[caller].send(event).ok().context("a caller has failed")?;
    }
    drop(queues);
    let mut all = Acknowledged::new();
    while let Some(acknowledged) = callers.join_next().await {
        all.extend(acknowledged??);
    }
    Ok(all)
}

/// Appends the events of some streams in their order.
async fn call(log: Log, mut events: UnboundedReceiver<Submission>) -> anyhow::Result<Acknowledged> {
    let actor: Arc<str> = "bench".into();
    let mut acknowledged = Acknowledged::new();
    while let Some(event) = events.recv().await {
        if let Some(receipt) = append(&log, event, &actor).await? {
            acknowledged.insert(receipt.position, Instant::now());
        }
    }
    Ok(acknowledged)
}
