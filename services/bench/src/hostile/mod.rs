//! Slow clients that hold all they can get ([`attack`]), and whether those who append notice: the same events from callers at
//! full bore, through HTTP into a new service left alone and into one under attack, in turn. All come from one address, as
//! through a reverse proxy, where nothing tells the honest from the others but what they do.

mod attack;

use super::callers::{Pressed, press, share_out};
use super::connection::Connection;
use super::door;
use super::figure::{Figure, Goal, median};
use super::inputs::{Cohort, Inputs};
use super::latency::Latencies;
use super::load::events;
use super::machine;
use super::scale::{CALLERS, Scale};
use super::scratch::Scratch;
use super::service::Service;
use anyhow::ensure;
use attack::Attack;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::interval;

/// Events a second, to those of a service left alone (issue: "honest appends keep at least 0.8 ×").
const GOAL: f64 = 0.8;
/// Between two questions after the service's health, each on a connection of its own.
const LOOK: Duration = Duration::from_millis(100);

/// What one service showed.
struct Round {
    pressed: Pressed,
    /// Milliseconds for the slowest answer of its health.
    health: f64,
    /// Connections of the attack.
    connections: u64,
}

/// Measures with and without, round by round.
pub async fn measure(scratch: &Scratch, inputs: &Inputs, scale: &Scale) -> anyhow::Result<Vec<Figure>> {
    if machine::open_files() < attack::FILES {
        tracing::warn!("not measured under attack: so many files may not be opened here (ulimit -n)");
        return Ok(Vec::new());
    }
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for (round, cohort) in inputs.pressed.iter().enumerate() {
        tracing::info!("appending under attack, round {} of {}", round + 1, scale.rounds);
        alone.push(serve(scratch, &format!("alone-{round}"), cohort, false).await?);
        beside.push(serve(scratch, &format!("attacked-{round}"), cohort, true).await?);
    }
    let speed = |rounds: &[Round]| median(rounds.iter().map(|round| round.pressed.speed).collect());
    let p99 = |rounds: &[Round]| {
        let mut latencies = Latencies::default();
        rounds
            .iter()
            .for_each(|round| latencies.add(&round.pressed.latencies));
        latencies.milliseconds(0.99)
    };
    let health = |rounds: &[Round]| rounds.iter().map(|round| round.health).fold(0.0, f64::max);
    let connections: u64 = beside.iter().map(|round| round.connections).sum();
    Ok(vec![
        Figure::new("hostile-append", speed(&beside), "events/s")
            .beside(Some(speed(&alone)))
            .goal(Goal::RatioAtLeast(GOAL)),
        Figure::new("hostile-append-p99", p99(&beside), "ms").beside(Some(p99(&alone))),
        Figure::new("hostile-health-worst", health(&beside), "ms").beside(Some(health(&alone))),
        Figure::new("hostile-connections", connections as f64, "connections"),
    ])
}

/// Starts a service on a new log, has it attacked or not, and then a cohort's events appended: its catalogue as a stream, its
/// journeys one by one. All connect when the attack has taken what there is.
async fn serve(scratch: &Scratch, name: &str, cohort: &Cohort, attacked: bool) -> anyhow::Result<Round> {
    let data = scratch.data(name).await?;
    let service = Service::start(&data).await?;
    let attack = match attacked {
        true => Some(Attack::on(service.address).await?),
        false => None,
    };
    let catalogue = door::send(service.address, &cohort.catalogue, |_| {}).await?;
    ensure!(
        catalogue.refused == 0,
        "{} events of the catalogue were refused",
        catalogue.refused
    );
    service.caught_up().await?;
    let shares = share_out(events(&cohort.journeys)?.collect::<anyhow::Result<_>>()?, CALLERS);
    let mut doors = Vec::new();
    for _ in 0..CALLERS {
        doors.push(Connection::open(service.address).await?);
    }
    let worst = Arc::new(AtomicU64::new(0));
    let mut looking = JoinSet::new();
    looking.spawn(look(service.address, worst.clone()));
    let pressed = tokio::select! {
        pressed = press(doors, shares) => pressed?,
        Some(looked) = looking.join_next() => return Err(looked?.unwrap_err().context("the service's health cannot be asked for")),
    };
    let connections = attack.as_ref().map_or(0, Attack::connections);
    drop(attack);
    service.stop().await?;
    Ok(Round {
        pressed,
        health: Duration::from_nanos(worst.load(Ordering::Relaxed)).as_secs_f64() * 1e3,
        connections,
    })
}

/// Asks for the service's health again and again; notes the longest time, in nanoseconds. Ends by failing.
async fn look(address: SocketAddr, worst: Arc<AtomicU64>) -> anyhow::Result<std::convert::Infallible> {
    let mut looks = interval(LOOK);
    loop {
        looks.tick().await;
        let asked = Instant::now();
        let answer = Connection::open(address).await?.get("/health/ready").await?;
        ensure!(answer.status.is_success(), "it was answered {}", answer.status);
        let took = u64::try_from(asked.elapsed().as_nanos())?;
        worst.fetch_max(took, Ordering::Relaxed);
    }
}
