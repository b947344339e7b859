//! Callers that append one event each, at the same time, waiting for its receipt before they send the next.

use super::connection::Connection;
use super::latency::Latencies;
use anyhow::{Context, ensure};
use parcours_log::{Append, Log, Receipt, Rejection};
use parcours_model::{StreamId, Submission};
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Instant;
use tokio::task::JoinSet;

/// Refusals among the events of a measurement that spoil it: nearly none is expected.
const REFUSED_AT_MOST: f64 = 0.01;

/// The share of callers that are at work while it is measured. All shares end at about the same time.
const AT_WORK: f64 = 0.75;

/// What callers achieved together.
pub struct Pressed {
    /// Events a second.
    pub speed: f64,
    /// From call to receipt.
    pub latencies: Latencies,
}

/// Shares events out so that each caller has as many, those of a stream in order and with one caller.
pub fn share_out(events: Vec<Submission>, callers: usize) -> Vec<Vec<Submission>> {
    let mut counts: HashMap<StreamId, usize> = HashMap::new();
    events
        .iter()
        .for_each(|event| *counts.entry(event.event.stream).or_default() += 1);
    let mut streams: Vec<(usize, StreamId)> = counts
        .into_iter()
        .map(|(stream, count)| (count, stream))
        .collect();
    streams.sort_unstable_by(|a, b| b.cmp(a));
    let mut loads = vec![0; callers];
    let mut caller_of: HashMap<StreamId, usize> = HashMap::new();
    for (count, stream) in streams {
        let least = (0..callers)
            .min_by_key(|caller| loads[*caller])
            .expect("there are callers");
        loads[least] += count;
        caller_of.insert(stream, least);
    }
    let mut shares = vec![Vec::new(); callers];
    for event in events {
        shares[caller_of[&event.event.stream]].push(event);
    }
    shares
}

/// Appends one event; `None` if a rule refuses it.
pub async fn append(log: &Log, submission: Submission, actor: &Arc<str>) -> anyhow::Result<Option<Receipt>> {
    match log.append(Append::one(submission, actor.clone())).await {
        Ok(receipts) => Ok(receipts.into_iter().next()),
        Err(Rejection::Unavailable(error)) => Err(error.into()),
        Err(Rejection::Closed) => Err(Rejection::Closed.into()),
        Err(refused) => {
            tracing::debug!(%refused, "an event of the bench was refused");
            Ok(None)
        }
    }
}

/// Where a caller sends its events.
pub trait Door: Send + 'static {
    /// Sends one, and waits for the answer: whether it was recorded.
    fn append(&mut self, event: Submission) -> impl Future<Output = anyhow::Result<bool>> + Send;
}

/// The log itself.
impl Door for (Log, Arc<str>) {
    async fn append(&mut self, event: Submission) -> anyhow::Result<bool> {
        Ok(append(&self.0, event, &self.1).await?.is_some())
    }
}

/// The service, on a connection of the caller's own.
impl Door for Connection {
    async fn append(&mut self, event: Submission) -> anyhow::Result<bool> {
        let answer = self.post(event.to_json()).await?;
        ensure!(
            !answer.status.is_server_error(),
            "the service answered {}",
            answer.status
        );
        Ok(answer.status.is_success())
    }
}

/// Has every share appended by a caller of its own, through a door of its own. Measured while at least [`AT_WORK`] of the
/// callers have something left to send; what is left then is appended, too.
pub async fn press<D: Door>(doors: Vec<D>, shares: Vec<Vec<Submission>>) -> anyhow::Result<Pressed> {
    let sent: usize = shares.iter().map(Vec::len).sum();
    let busy = |share: &&Vec<Submission>| !share.is_empty();
    let shift = Arc::new(Shift::of(shares.iter().filter(busy).count()));
    let mut callers = JoinSet::new();
    let began = Instant::now();
    for (door, share) in doors.into_iter().zip(shares) {
        if !share.is_empty() {
            callers.spawn(call(door, share, shift.clone()));
        }
    }
    let (mut latencies, mut refused) = (Latencies::default(), 0);
    while let Some(caller) = callers.join_next().await {
        let (own, own_refused) = caller??;
        latencies.add(&own);
        refused += own_refused;
    }
    ensure!(
        refused as f64 <= sent as f64 * REFUSED_AT_MOST,
        "{refused} of {sent} simulated events were refused"
    );
    let ended = shift.ended.get().context("there are callers")?;
    Ok(Pressed {
        speed: latencies.count() as f64 / ended.duration_since(began).as_secs_f64(),
        latencies,
    })
}

/// Gives how long each append took while the shift lasted, and how many events were refused.
async fn call(
    mut door: impl Door,
    share: Vec<Submission>,
    shift: Arc<Shift>,
) -> anyhow::Result<(Latencies, usize)> {
    let (mut latencies, mut refused) = (Latencies::default(), 0);
    for submission in share {
        let called = Instant::now();
        let recorded = door.append(submission).await?;
        refused += usize::from(!recorded);
        if shift.ended.get().is_none() {
            latencies.record(called.elapsed());
        }
    }
    shift.leave();
    Ok((latencies, refused))
}

/// The time during which enough callers are at work.
struct Shift {
    at_work: AtomicUsize,
    least: usize,
    ended: OnceLock<Instant>,
}

impl Shift {
    fn of(callers: usize) -> Self {
        Self {
            at_work: AtomicUsize::new(callers),
            least: (callers as f64 * AT_WORK).ceil() as usize,
            ended: OnceLock::new(),
        }
    }

    fn leave(&self) {
        if self.at_work.fetch_sub(1, Ordering::Relaxed) <= self.least {
            self.ended.get_or_init(Instant::now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::CALLERS;
    use clap::Parser;
    use parcours_simulate::settings::SimulateArgs;
    use parcours_simulate::simulate;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        simulate: SimulateArgs,
    }

    #[test]
    fn shares_are_even_and_keep_streams_whole_and_in_order() {
        let until = chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
        let settings = Line::parse_from(["simulate", "--trainees", "500"])
            .simulate
            .settings(until)
            .unwrap();
        let events: Vec<Submission> = simulate(&settings).collect();
        let shares = share_out(events.clone(), CALLERS);
        let even = events.len() / CALLERS;
        assert!(
            shares.iter().all(|share| share.len().abs_diff(even) < 60),
            "{:?}",
            shares.iter().map(Vec::len)
        );
        for (index, share) in shares.iter().enumerate() {
            for event in share {
                let stream = event.event.stream;
                let of_stream = |events: &[Submission]| -> Vec<_> {
                    events
                        .iter()
                        .filter(|event| event.event.stream == stream)
                        .map(|event| event.event.key.clone())
                        .collect()
                };
                if index % 16 == 0 {
                    assert_eq!(of_stream(share), of_stream(&events));
                }
            }
        }
    }
}
