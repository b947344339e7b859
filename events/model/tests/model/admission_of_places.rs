//! Places of sessions follow the parcours that hold them, in one append.

use super::journey::*;
use super::world::{World, event, parcours};
use parcours_model::streams::parcours::{ExitReason, Fact, Placement, Started};
use parcours_model::streams::session;
use parcours_model::{History, StreamId, StreamKind, rules};
use serde_json::json;
use uuid::Uuid;

const SESSION: Uuid = Uuid::from_u128(0x5e);

fn session() -> StreamId {
    StreamId::new(StreamKind::Session, SESSION)
}

fn opened(capacity: u32) -> Journey {
    let mut journey = Journey::oriented().with("2026-01-06", eligible(true));
    let opened = json!({"offer": Uuid::from_u128(1), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30", "entry": "fixed", "capacity": capacity});
    let opened = session::Fact::Opened(serde_json::from_value(opened).unwrap());
    journey
        .world
        .submit(event(session(), "s1", "2025-12-01", opened))
        .unwrap();
    journey
}

fn taken(world: &World) -> usize {
    let count = |wanted: fn(&session::Fact) -> bool| {
        let history: &History = world.stream(session());
        history
            .records()
            .iter()
            .filter(
                |record| matches!(&record.event.fact, parcours_model::Fact::Session(fact) if wanted(fact)),
            )
            .count()
    };
    count(|fact| matches!(fact, session::Fact::PlaceTaken(_)))
        - count(|fact| matches!(fact, session::Fact::PlaceReleased(_)))
}

/// A second person, ready to be admitted.
fn another(journey: &Journey) -> Journey {
    let mut other = journey.clone();
    other.stream = parcours(2);
    other
        .with("2026-01-05", orientation())
        .with("2026-01-06", eligible(true))
}

#[test]
fn an_admission_takes_a_place_and_a_withdrawal_releases_it() {
    let mut journey = opened(1);
    let before = journey.world.size();
    journey.accepts("2026-01-07", admitted(Some(SESSION)));
    assert_eq!(journey.world.size(), before + 2, "the admission and the place");
    assert_eq!(taken(&journey.world), 1);
    journey.accepts("2026-01-09", withdrawn());
    assert_eq!(taken(&journey.world), 0);
}

#[test]
fn a_full_session_refuses_an_admission_and_keeps_no_trace_of_it() {
    let journey = opened(1).with("2026-01-07", admitted(Some(SESSION)));
    let mut other = another(&journey);
    other.refuses("2026-01-08", admitted(Some(SESSION)), "place-available");
    other.refuses("2026-01-01", admitted(Some(SESSION)), "orientation-first");
    // The place was free before it was taken, but would be taken twice afterwards.
    other.refuses("2026-01-06", admitted(Some(SESSION)), "place-available");
}

#[test]
fn an_unknown_session_has_no_places() {
    let mut journey = opened(1);
    journey.refuses(
        "2026-01-07",
        admitted(Some(Uuid::from_u128(404))),
        "place-available",
    );
}

#[test]
fn a_place_passes_to_the_next_person_in_one_instant() {
    let journey = opened(1)
        .with("2026-01-07", admitted(Some(SESSION)))
        .with("2026-01-09", withdrawn());
    another(&journey).accepts("2026-01-09", admitted(Some(SESSION)));
}

#[test]
fn the_exit_and_an_admission_elsewhere_release_the_place() {
    let journey = opened(1).with("2026-01-07", admitted(Some(SESSION)));
    let moved = journey.clone().with("2026-01-08", admitted(None));
    assert_eq!(taken(&moved.world), 0);
    let left = journey
        .with("2026-01-08", commitment())
        .with("2026-01-08", referent(1))
        .with("2026-02-01", Fact::Started(Started {}))
        .with("2026-03-01", exit(ExitReason::Abandoned));
    assert_eq!(taken(&left.world), 0);
}

#[test]
fn declining_another_session_keeps_the_place() {
    let other = Fact::Declined(Placement {
        session: Some(Uuid::from_u128(77)),
        reason: None,
    });
    let journey = opened(1)
        .with("2026-01-07", admitted(Some(SESSION)))
        .with("2026-01-08", other);
    assert_eq!(taken(&journey.world), 1);
}

#[test]
fn an_annulled_admission_gives_its_place_back_as_if_it_had_never_been_taken() {
    let mut journey = opened(1);
    let admission = journey.accepts("2026-01-07", admitted(Some(SESSION)));
    journey.accepts("2026-01-10", annulment(&admission));
    assert_eq!(taken(&journey.world), 0);
    another(&journey).accepts("2026-01-07", admitted(Some(SESSION)));
}

#[test]
fn a_corrected_admission_moves_its_place_in_time() {
    let mut journey = opened(1);
    let admission = journey.accepts("2026-01-20", admitted(Some(SESSION)));
    journey.accepts("2026-01-21", correction(&admission, Some("2026-01-07"), None));
    assert_eq!(taken(&journey.world), 1);
    journey.accepts("2026-01-22", correction(&admission, Some("2026-01-15"), None));
    assert_eq!(taken(&journey.world), 1);
    assert_eq!(
        rules::places::held(journey.world.stream(journey.stream)),
        Some(SESSION)
    );
    assert!(rules::check(journey.world.stream(session())).is_empty());
}

#[test]
fn a_capacity_never_falls_below_the_places_taken() {
    let mut journey = opened(2).with("2026-01-07", admitted(Some(SESSION)));
    let changed = |capacity| session::Fact::CapacityChanged(session::CapacityChanged { capacity });
    let refusal = journey
        .world
        .submit(event(session(), "s2", "2026-01-08", changed(0)))
        .unwrap_err();
    assert_eq!(refusal.code, "place-available");
    journey
        .world
        .submit(event(session(), "s3", "2026-01-08", changed(1)))
        .unwrap();
    another(&journey).refuses("2026-01-09", admitted(Some(SESSION)), "place-available");
}

#[test]
fn a_cancelled_session_takes_nobody() {
    let mut journey = opened(2);
    let cancelled = session::Fact::Cancelled(session::Cancelled { reason: None });
    journey
        .world
        .submit(event(session(), "s2", "2026-01-06", cancelled))
        .unwrap();
    journey.refuses("2026-01-07", admitted(Some(SESSION)), "session-cancelled");
}

#[test]
fn nobody_takes_a_place_but_the_log() {
    let mut journey = opened(2);
    let place = session::Fact::PlaceTaken(session::Place {
        parcours: journey.stream.uuid,
    });
    let refusal = journey
        .world
        .submit(event(session(), "s2", "2026-01-06", place))
        .unwrap_err();
    assert_eq!(refusal.code, "place-by-admission");
}
