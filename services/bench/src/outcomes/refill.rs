//! An empty stream, filled with the outcomes of the whole log; beside a bare publish of the same messages.

use super::server::Server;
use crate::figure::{Figure, Goal};
use crate::scratch::Data;
use anyhow::ensure;
use parcours_log::{Log, Options};
use parcours_outcomes::jetstream::{self, NatsOptions, Start};
use parcours_outcomes::{OutcomeReader, Partners};
use parcours_projections::{Projector, ProjectorOptions, Views, ViewsOptions, outcomes::VIEW};
use std::time::{Duration, Instant};

/// Of a bare pipelined publish of the same messages (issue: "at least 0.5 ×").
const GOAL: f64 = 0.5;
/// Longer than the views may need for what they have yet to digest.
const PATIENCE: Duration = Duration::from_secs(1_800);

/// Fills, then publishes the same again.
pub async fn measure(
    options: &NatsOptions,
    server: &Server,
    partners: &Partners,
    data: &Data,
) -> anyhow::Result<Vec<Figure>> {
    let log = Log::open(&data.log, Options::default()).await?;
    let views = Views::open(&data.views, ViewsOptions::default()).await?;
    let projector = Projector::start(log.clone(), views.clone(), ProjectorOptions::default()).await;
    if let Some(last) = log.size().checked_sub(1) {
        views.wait_for(VIEW.name, last, PATIENCE).await?;
    }
    let reader = OutcomeReader::start(views, log.clone());
    let began = Instant::now();
    let filled = jetstream::refill(
        options.clone(),
        log.clone(),
        reader.clone(),
        partners.clone(),
        Start::Empty,
        |_| {},
    )
    .await;
    let took = began.elapsed();
    reader.stop().await;
    projector.stop().await;
    log.close().await;
    let filled = filled?;
    ensure!(filled.stored > 0, "the programme has outcomes");
    let speed = |took: Duration| filled.stored as f64 / took.as_secs_f64();
    let messages = server.stored().await?;
    let bare = speed(server.publish_bare(messages).await?);
    Ok(vec![
        Figure::new("bare-publish", bare, "messages/s"),
        Figure::new("outcomes-refill", speed(took), "messages/s")
            .beside(Some(bare))
            .goal(Goal::RatioAtLeast(GOAL)),
    ])
}
