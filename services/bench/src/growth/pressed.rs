//! Single events from many callers at once, each on a connection of its own, with the views following.

use crate::callers::{press, share_out};
use crate::connection::Connection;
use crate::door;
use crate::figure::median;
use crate::inputs::Crowd;
use crate::latency::Latencies;
use crate::load::events;
use crate::readings::Readings;
use crate::sides::Sides;
use anyhow::ensure;

/// How many callers, and under which names they are told.
pub const CROWDS: [(usize, &str, &str); 2] = [
    (64, "callers-64", "callers-64-p99"),
    (512, "callers-512", "callers-512-p99"),
];
/// Times that each number of callers is measured at a stage.
pub const ROUNDS: usize = 2;

/// Has each side in turn take the same events from so many callers, then from more.
pub async fn measure(
    sides: &mut Sides,
    crowd: &Crowd,
    stage: usize,
    readings: &mut [Readings],
) -> anyhow::Result<()> {
    sides.start().await?;
    if stage == 0 {
        for number in 0..sides.count() {
            let sent = door::send(sides.turn(number)?.address, &crowd.catalogue, |_| ()).await?;
            // An older build beside may not know all of it.
            ensure!(sent.refused == 0 || number > 0, "the catalogue was not taken");
        }
    }
    let mut shown: Vec<[(Vec<f64>, Latencies); CROWDS.len()]> =
        sides.each().map(|_| Default::default()).collect();
    for round in 0..ROUNDS {
        for (index, (callers, ..)) in CROWDS.into_iter().enumerate() {
            tracing::info!("{callers} callers, round {} of {ROUNDS}", round + 1);
            let part = (stage * ROUNDS + round) * CROWDS.len() + index;
            let shares = share_out(
                events(&crowd.journeys[part])?.collect::<anyhow::Result<_>>()?,
                callers,
            );
            for (number, shown) in shown.iter_mut().enumerate() {
                let service = sides.turn(number)?;
                service.caught_up().await?;
                let mut doors = Vec::new();
                for _ in 0..shares.len() {
                    doors.push(Connection::open(service.address).await?);
                }
                let pressed = press(doors, shares.clone()).await?;
                shown[index].0.push(pressed.speed);
                shown[index].1.add(&pressed.latencies);
            }
        }
    }
    for (shown, readings) in shown.into_iter().zip(readings) {
        for ((speeds, latencies), (_, speed, late)) in shown.into_iter().zip(CROWDS) {
            readings.take(speed, median(speeds), "events/s");
            readings.take(late, latencies.milliseconds(0.99), "ms");
        }
    }
    for number in 0..sides.count() {
        sides.turn(number)?.caught_up().await?;
    }
    sides.stop().await
}
