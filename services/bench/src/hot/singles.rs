//! Single events in the long session and in short ones in turn, on a service that has nothing else to do; and the time
//! until the catalogue shows them.

use super::facts::{self, Lines, Person};
use super::{Held, TURNS};
use crate::connection::Connection;
use crate::latency::Latencies;
use crate::readings::Readings;
use crate::scratch::Scratch;
use crate::service::Service;
use crate::sides::Sides;
use anyhow::{Context, ensure};
use serde::Deserialize;
use std::time::Instant;
use uuid::Uuid;

/// What is sent, and how it is told.
const KINDS: [(Kind, &str); 3] = [
    (Kind::Admission, "hot-admission"),
    (Kind::Withdrawal, "hot-withdrawal"),
    (Kind::Late, "hot-late-admission"),
];

#[derive(Clone, Copy)]
enum Kind {
    Admission,
    /// Of somebody who has long held a place.
    Withdrawal,
    /// An admission dated among those of the people who were admitted first.
    Late,
}

/// What one side showed.
#[derive(Default)]
struct Shown {
    /// Of the long session and of short ones, by kind.
    answered: [[Latencies; 2]; KINDS.len()],
    visible: Latencies,
}

/// What is read of a receipt.
#[derive(Deserialize)]
struct Receipt {
    position: u64,
}

/// Sends [`TURNS`] rounds for each short session, by each side in turn.
pub async fn measure(
    sides: &Sides,
    scratch: &Scratch,
    long: &Held,
    shorts: &[Held],
    readings: &mut [Readings],
) -> anyhow::Result<()> {
    let rounds = shorts.len() * TURNS;
    let newcomers: Vec<[Person; 4]> = (0..rounds)
        .map(|_| std::array::from_fn(|_| Person::new()))
        .collect();
    let mut before = Lines::default();
    newcomers
        .iter()
        .flatten()
        .for_each(|person| person.prepare(&mut before));
    let mut connections = Vec::new();
    for number in 0..sides.count() {
        let service = sides.turn(number)?;
        ensure!(before.send(service, scratch).await?.refused == 0, "nobody came");
        connections.push(Connection::open(service.address).await?);
    }
    let mut shown: Vec<Shown> = sides.each().map(|_| Shown::default()).collect();
    for (round, new) in newcomers.into_iter().enumerate() {
        let short = &shorts[round / TURNS];
        for (number, shown) in shown.iter_mut().enumerate() {
            let service = sides.turn(number)?;
            let to = &mut connections[number];
            for (index, (kind, _)) in KINDS.iter().enumerate() {
                // The long one is the first in every other round only.
                for turn in 0..2 {
                    let is_short = (round + turn) % 2;
                    let (held, at) = if is_short == 1 {
                        (short, round % TURNS)
                    } else {
                        (long, round)
                    };
                    let person = match kind {
                        Kind::Admission => new[is_short],
                        Kind::Late => new[2 + is_short],
                        Kind::Withdrawal => held.holders[2 * at],
                    };
                    let event = event(*kind, person, held.session, round);
                    service.caught_up().await?;
                    let (took, position) = send(to, event).await?;
                    shown.answered[index][is_short].record(took);
                    if matches!(kind, Kind::Admission) && is_short == 0 {
                        shown.visible.record(see(to, held.session, position).await?);
                    }
                }
            }
            // As many places are given back as were taken, so that neither session becomes longer than it was.
            for (held, at) in [(long, round), (short, round % TURNS)] {
                let leaving = held.holders[2 * at + 1];
                send(to, event(Kind::Withdrawal, leaving, held.session, round)).await?;
            }
        }
    }
    for (shown, readings) in shown.into_iter().zip(readings) {
        for ([long, short], (_, name)) in shown.answered.into_iter().zip(KINDS) {
            let short = short.milliseconds(0.5);
            readings.take_beside(name, long.milliseconds(0.5), "ms", Some(short));
        }
        readings.take("hot-visible-p50", shown.visible.milliseconds(0.5), "ms");
        readings.take("hot-visible-p99", shown.visible.milliseconds(0.99), "ms");
    }
    Ok(())
}

fn event(kind: Kind, person: Person, session: Uuid, round: usize) -> Vec<u8> {
    let mut line = Lines::default();
    match kind {
        Kind::Admission => person.admit(session, facts::single(round), &mut line),
        Kind::Late => person.admit(session, facts::busy(person.chance()), &mut line),
        Kind::Withdrawal => person.withdraw(session, facts::single(round), &mut line),
    }
    line.into_event()
}

/// Sends one event; gives the time until its receipt, and its position.
async fn send(to: &mut Connection, event: Vec<u8>) -> anyhow::Result<(std::time::Duration, u64)> {
    let called = Instant::now();
    let answer = to.post(event).await?;
    let took = called.elapsed();
    ensure!(
        answer.status.is_success(),
        "a single event was refused: {}",
        String::from_utf8_lossy(&answer.body)
    );
    let Receipt { position } = serde_json::from_slice(&answer.body).context("the receipt of an event")?;
    Ok((took, position))
}

/// Asks the catalogue for the session as of this position; gives the time until the answer.
async fn see(by: &mut Connection, session: Uuid, position: u64) -> anyhow::Result<std::time::Duration> {
    let asked = Instant::now();
    let path = format!("/v1/catalogue?session={session}&min_position={position}");
    let answer = by.get(&path).await?;
    ensure!(
        answer.status.is_success(),
        "the catalogue answered {}",
        answer.status
    );
    Ok(asked.elapsed())
}

/// Sends the first event of a service that has just been started: an admission to this session.
pub async fn first(service: &Service, session: Uuid, person: Person) -> anyhow::Result<std::time::Duration> {
    let mut connection = Connection::open(service.address).await?;
    let mut line = Lines::default();
    person.admit(session, facts::after(0.0), &mut line);
    Ok(send(&mut connection, line.into_event()).await?.0)
}
