//! That a simulation shows the whole vocabulary, in plausible amounts.

use super::service::{Service, settings};
use parcours_model::{StreamKind, schema};
use parcours_simulate::simulate;
use std::collections::BTreeMap;

/// Written by the log itself, with the event that causes them; and what nobody new sends.
const BY_THE_LOG: [&str; 11] = [
    "parcours.employment.started.v1",
    "session.place.taken.v1",
    "session.place.released.v1",
    "session.need.met.v1",
    "offer.requested.v1",
    "trainee.absorbed.v1",
    "trainee.released.v1",
    "trainee.training.begun.v1",
    "trainee.training.ended.v1",
    "envelope.aid.reserved.v1",
    "envelope.aid.released.v1",
];

#[test]
fn every_type_of_event_that_a_sender_may_write_occurs() {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for submission in simulate(&settings("--trainees 2000")) {
        *counts.entry(submission.event.fact.type_name()).or_default() += 1;
    }
    for (type_name, count) in &counts {
        println!("{count:>7} {type_name}");
    }
    let missing: Vec<_> = schema::types()
        .map(|(_, spec)| spec.name)
        .filter(|name| !counts.contains_key(name) && !BY_THE_LOG.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?} never occur");
}

#[test]
fn a_parcours_has_25_to_40_events_on_average() {
    let (mut parcours, mut events) = (0_u32, 0_u32);
    for history in Service::trusting("--trainees 2000").streams() {
        if history.stream().kind == StreamKind::Parcours {
            parcours += 1;
            events += history.revision() as u32;
        }
    }
    let mean = f64::from(events) / f64::from(parcours);
    println!("{events} events, {parcours} parcours, {mean:.1} on average");
    assert!((25.0..40.0).contains(&mean), "{mean}");
}

#[test]
fn waiting_places_and_places_left_both_exist() {
    let service = Service::after("--trainees 2000");
    let (mut full, mut sessions, mut taken, mut places) = (0, 0, 0, 0);
    for history in service
        .streams()
        .filter(|history| history.stream().kind == StreamKind::Session)
    {
        let (mut capacity, mut most, mut held) = (0_i64, 0_i64, 0_i64);
        for fact in history.effective() {
            use parcours_model::streams::session::Fact;
            match fact.fact {
                parcours_model::Fact::Session(Fact::Opened(opened)) => capacity = opened.capacity.into(),
                parcours_model::Fact::Session(Fact::CapacityChanged(changed)) => {
                    capacity = changed.capacity.into();
                }
                parcours_model::Fact::Session(Fact::PlaceTaken(_)) => held += 1,
                parcours_model::Fact::Session(Fact::PlaceReleased(_)) => held -= 1,
                _ => {}
            }
            most = most.max(held);
        }
        (sessions, taken, places) = (sessions + 1, taken + most, places + capacity);
        full += i32::from(most == capacity);
    }
    println!(
        "{sessions} sessions, {full} full at some time, {taken} of {places} places taken at the fullest"
    );
    assert!(full > sessions / 20 && full < sessions * 19 / 20);
}
