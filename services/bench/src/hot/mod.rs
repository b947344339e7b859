//! A stream that everybody writes to, beside short ones in the same service: what its length adds to the cost of an event.
//!
//! The stream is a session with entry all year ([`facts`]). [`lanes`] admits many people, to one session and to
//! thousands in turn; [`singles`] sends single events on an otherwise idle service, [`cold`] the first after a start. A
//! hot stream of another kind has its own facts, and the same lanes and singles.

mod cold;
mod facts;
mod lanes;
mod singles;

use super::figure::{Figure, Goal};
use super::readings::Readings;
use super::scale::Scale;
use super::scratch::Scratch;
use super::sides::Sides;
use anyhow::ensure;
use facts::{Catalogue, Person};
use lanes::{Lane, fill};
use std::path::Path;
use uuid::Uuid;

/// Places taken in a short session.
const SHORT: u32 = 100;
/// Single events of each kind that a short session takes before it is another's turn: it must stay short.
const TURNS: usize = 10;
/// People whom a session of many has at the end.
const SPREAD: u32 = 100;

/// What single events are sent to: a session, and those who hold its first places.
struct Held {
    session: Uuid,
    holders: Vec<Person>,
}

/// Measures on a log of its own.
pub async fn measure(scratch: &Scratch, scale: &Scale, beside: Option<&Path>) -> anyhow::Result<Vec<Figure>> {
    let mut sides = Sides::make(scratch, "hot", beside).await?;
    sides.start().await?;
    let many = 2 * scale.places;
    let catalogue = Catalogue::new((many / SPREAD) as usize, scale.hot_singles.div_ceil(TURNS));
    for number in 0..sides.count() {
        let service = sides.turn(number)?;
        let sent = catalogue.send(service, scratch).await?;
        ensure!(sent.refused == 0, "the catalogue was not taken");
    }
    let sides_count = sides.count();
    let mut one = Lane::new(
        vec![catalogue.long],
        false,
        2 * TURNS * catalogue.shorts.len(),
        sides_count,
    );
    let mut spread = Lane::new(catalogue.many.clone(), false, 0, sides_count);
    let mut shuffled = Lane::new(vec![catalogue.shuffled], true, 0, sides_count);
    tracing::info!("admitting {} people to one session, and to many", scale.places);
    let lanes = &mut [&mut one, &mut spread, &mut shuffled];
    fill(&sides, scratch, lanes, scale.places, facts::busy).await?;
    let mut readings: Vec<Readings> = (0..sides_count).map(|_| Readings::default()).collect();
    for (number, shown) in readings.iter_mut().enumerate() {
        shown.take("hot-places", one.admitted(number).into(), "places");
    }
    let long = Held {
        session: catalogue.long,
        holders: one.first.clone(),
    };
    let mut shorts = Vec::new();
    for short in &catalogue.shorts {
        let places = SHORT.min(scale.places / 2) as usize;
        let mut lane = Lane::new(vec![*short], false, places, sides_count);
        fill(&sides, scratch, &mut [&mut lane], places as u32, facts::busy).await?;
        shorts.push(Held {
            session: *short,
            holders: lane.first,
        });
    }
    tracing::info!("sending single events");
    singles::measure(&sides, scratch, &long, &shorts, &mut readings).await?;
    cold::measure(
        &mut sides,
        scratch,
        &[long.session, shorts[0].session],
        &mut readings,
    )
    .await?;
    tracing::info!("admitting {many} people to one session, and to many");
    // Some places are taken by those who were admitted one by one.
    let lanes = &mut [&mut one, &mut spread];
    fill(&sides, scratch, lanes, many - many / 100, facts::after).await?;
    for (number, shown) in readings.iter_mut().enumerate() {
        let (alone, among) = (one.speed(number), spread.speed(number));
        shown.take_beside("hot-import", alone, "events/s", Some(among));
        shown.take_beside(
            "hot-import-shuffled",
            shuffled.speed(number),
            "events/s",
            Some(among),
        );
    }
    sides.stop().await?;
    Ok(readings[0].figures(None, None, readings.get(1), goals))
}

/// Issue: "A decision must not grow with its stream".
fn goals(name: &str) -> Vec<Goal> {
    match name {
        "hot-admission" | "hot-withdrawal" | "hot-late-admission" => vec![Goal::RatioAtMost(1.5)],
        "hot-visible-p99" => vec![Goal::Below(20.0)],
        "hot-import" => vec![Goal::RatioAtLeast(0.8)],
        _ => Vec::new(),
    }
}
