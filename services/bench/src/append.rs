//! Single events appended by many callers at once: to the large log and to a small one in turn, and the same rows
//! with bare inserts, so that whatever else the machine does meanwhile falls on all alike.

use super::bare::Copy;
use super::callers::{Pressed, press, share_out};
use super::figure::{Figure, Goal, median};
use super::growth::PARTS;
use super::inputs::Inputs;
use super::latency::Latencies;
use super::load::{events, load};
use super::scale::{CALLERS, Scale};
use super::scratch::Scratch;
use parcours_log::{Log, Options};
use std::path::Path;
use std::sync::Arc;

/// Over bare inserts one a transaction, and over bare inserts in batches (issue: "at least 5 × … and 0.4 ×").
const GOALS: (f64, f64) = (5.0, 0.4);
/// "The cost of an append at 1,000,000 events within 10 % of that at 10,000".
const GROWTH_GOAL: f64 = 1.1;

/// More callers than that.
const MANY: usize = 512;

/// Measures, and gives the figures: bare inserts first. `filled` is the speed at which `copy` was filled in batches.
pub async fn measure(
    scratch: &Scratch,
    inputs: &Inputs,
    scale: &Scale,
    large: &Log,
    copy: &mut Copy,
) -> anyhow::Result<Vec<Figure>> {
    let (mut fast, mut slow, mut costs, mut small_costs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut batched, mut single) = (Vec::new(), Vec::new());
    let (mut latencies, mut many) = (Latencies::default(), Vec::new());
    load(large, &inputs.crowd.catalogue, u64::MAX).await?;
    for (round, cohort) in inputs.pressed.iter().enumerate() {
        tracing::info!("appending, round {} of {}", round + 1, scale.rounds);
        let small = Log::open(&scratch.log(&format!("small-{round}")).await?, Options::default()).await?;
        load(&small, &cohort.catalogue, u64::MAX).await?;
        load(&small, &inputs.programme.file, scale.small).await?;
        let at_first = pressed(&small, &cohort.journeys, CALLERS).await?;
        small.close().await;
        drop(small);
        load(large, &cohort.catalogue, u64::MAX).await?;
        // What the catalogue put into the log is copied too, and counts for nothing.
        copy.fill(large).await?;
        let in_the_end = pressed(large, &cohort.journeys, CALLERS).await?;
        let bare = copy.follow(large, scale.singles).await?;
        let part = scale.stages().len() * PARTS + round;
        many.push(pressed(large, &inputs.crowd.journeys[part], MANY).await?.speed);
        tracing::info!(
            small = at_first.speed.round(),
            large = in_the_end.speed.round(),
            bare_batched = bare.batched.round(),
            bare_single = bare.single.round(),
            "a second"
        );
        small_costs.push(1e6 / at_first.speed);
        costs.push(1e6 / in_the_end.speed);
        fast.push(in_the_end.speed);
        slow.push(at_first.speed);
        batched.push(bare.batched);
        single.push(bare.single);
        latencies.add(&in_the_end.latencies);
    }
    let (speed, batched, single) = (median(fast), median(batched), median(single));
    Ok(vec![
        Figure::new("bare-batched", batched, "rows/s"),
        Figure::new("bare-single", single, "rows/s"),
        Figure::new("append", speed, "events/s")
            .beside(Some(single))
            .goal(Goal::RatioAtLeast(GOALS.0)),
        Figure::new("append-to-batched", speed, "events/s")
            .beside(Some(batched))
            .goal(Goal::RatioAtLeast(GOALS.1)),
        Figure::new("append-512", median(many), "events/s").beside(Some(speed)),
        Figure::new("append-p50", latencies.milliseconds(0.5), "ms").beside(Some(1e3 / single)),
        Figure::new("append-p99", latencies.milliseconds(0.99), "ms"),
        Figure::new("append-growth", median(costs), "µs/event")
            .beside(Some(median(small_costs)))
            .goal(Goal::RatioAtMost(GROWTH_GOAL)),
    ])
}

async fn pressed(log: &Log, journeys: &Path, callers: usize) -> anyhow::Result<Pressed> {
    let shares = share_out(events(journeys)?.collect::<anyhow::Result<_>>()?, callers);
    let actor: Arc<str> = "bench".into();
    press(vec![(log.clone(), actor); shares.len()], shares).await
}
