//! Facts known only by their day share its midnight, and are read as a person reads the entries of a day.

use super::journey::*;
use super::world::{event, session};
use parcours_model::rules::places;
use parcours_model::streams::parcours::*;
use parcours_model::streams::session;
use serde_json::json;
use uuid::Uuid;

const A: Uuid = Uuid::from_u128(0xa);
const B: Uuid = Uuid::from_u128(0xb);

/// Found eligible, with two sessions to enter.
fn before_admission() -> Journey {
    let mut journey = Journey::oriented().with("2026-01-06", eligible(true));
    for uuid in [A, B] {
        let opened = json!({"offer": Uuid::from_u128(1), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30",
            "entry": "fixed", "capacity": 3});
        let opened = session::Fact::Opened(serde_json::from_value(opened).unwrap());
        let opened = event(session(uuid.as_u128()), &format!("s{uuid}"), "2025-12-01", opened);
        journey.world.submit(opened).unwrap();
    }
    journey
}

fn placement(session: Uuid) -> Placement {
    Placement {
        session: Some(session),
        reason: None,
    }
}

/// The types of a day's facts in order, and the place held at its end.
fn read(journey: &Journey, day: &str) -> (Vec<String>, Option<Uuid>) {
    let history = journey.world.stream(journey.stream);
    let day = super::world::instant(day);
    let types = history.effective().filter(|fact| fact.time == day).map(|fact| {
        let name = fact.fact.type_name();
        name.trim_start_matches("parcours.")
            .trim_end_matches(".v1")
            .to_owned()
    });
    (types.collect(), places::held(history))
}

/// The facts told on one day in every order give one reading.
fn told(journey: &Journey, day: &str, facts: &[Fact]) -> (Vec<String>, Option<Uuid>) {
    let mut readings = Vec::new();
    for turn in 0..facts.len() {
        for order in [false, true] {
            let mut journey = journey.clone();
            let mut facts: Vec<Fact> = facts.to_vec();
            facts.rotate_left(turn);
            if order {
                facts.reverse();
            }
            let events: Vec<_> = facts
                .iter()
                .enumerate()
                .map(|(number, fact)| event(journey.stream, &format!("day-{number}"), day, fact.clone()))
                .collect();
            journey.world.submit_together(&events).unwrap();
            readings.push(read(&journey, day));
        }
    }
    let first = readings[0].clone();
    assert!(readings.iter().all(|reading| *reading == first), "{readings:?}");
    first
}

#[test]
fn a_wait_comes_before_an_admission() {
    let (types, held) = told(
        &before_admission(),
        "2026-01-07",
        &[admitted(Some(A)), Fact::Waitlisted(placement(A))],
    );
    assert_eq!(
        (types, held),
        (vec!["waitlisted".into(), "admitted".into()], Some(A))
    );
}

#[test]
fn a_withdrawal_comes_before_an_admission_elsewhere_and_after_one_to_what_it_names() {
    let journey = before_admission().with("2026-01-07", admitted(Some(A)));
    let (types, held) = told(
        &journey,
        "2026-01-08",
        &[admitted(Some(B)), Fact::Withdrawn(placement(A))],
    );
    assert_eq!(
        (types, held),
        (vec!["withdrawn".into(), "admitted".into()], Some(B))
    );
    let (types, held) = told(
        &journey,
        "2026-01-08",
        &[admitted(Some(B)), Fact::Withdrawn(placement(B))],
    );
    assert_eq!((types, held), (vec!["admitted".into(), "withdrawn".into()], None));
    let (types, held) = told(
        &journey,
        "2026-01-08",
        &[admitted(Some(B)), Fact::Declined(placement(A))],
    );
    assert_eq!(
        (types, held),
        (vec!["declined".into(), "admitted".into()], Some(B))
    );
}

#[test]
fn the_order_follows_when_the_admission_of_the_day_is_annulled_or_corrected() {
    let mut journey = before_admission().with("2026-01-07", admitted(Some(A)));
    let elsewhere = journey.accepts("2026-01-08", admitted(Some(B)));
    journey.accepts("2026-01-08", Fact::Withdrawn(placement(B)));
    assert_eq!(read(&journey, "2026-01-08").0, ["admitted", "withdrawn"]);
    let mut annulled = journey.clone();
    annulled.accepts("2026-01-09", annulment(&elsewhere));
    assert_eq!(read(&annulled, "2026-01-08"), (vec!["withdrawn".into()], Some(A)));
    journey.accepts("2026-01-09", correction(&elsewhere, None, Some(&admitted(None))));
    assert_eq!(read(&journey, "2026-01-08").0, ["withdrawn", "admitted"]);
}

#[test]
fn a_resumption_comes_before_the_days_work_and_a_suspension_after_it() {
    let suspension = || {
        Fact::Suspended(Interruption {
            reason: "health".into(),
        })
    };
    let journey = Journey::with_bilan().with("2026-03-01", suspension());
    let resumption = Fact::Resumed(Resumption { reason: None });
    let (types, _) = told(&journey, "2026-03-10", &[suspension(), module(), resumption]);
    assert_eq!(types, ["resumed", "module.completed", "suspended"]);
}

#[test]
fn a_consent_withdrawn_comes_after_one_given() {
    let (types, _) = told(
        &Journey::oriented(),
        "2026-01-10",
        &[
            Fact::ConsentWithdrawn(consent(Purpose::Partners)),
            Fact::ConsentGiven(consent(Purpose::Partners)),
        ],
    );
    assert_eq!(types, ["consent.given", "consent.withdrawn"]);
}

#[test]
fn two_facts_of_which_one_would_undo_the_other_are_refused() {
    let mut journey = before_admission();
    journey.refuses("2026-01-06", eligible(false), "one-at-an-instant");
    journey.accepts("2026-01-07", admitted(Some(A)));
    journey.refuses("2026-01-07", admitted(Some(B)), "one-at-an-instant");
    let mut journey = Journey::started();
    journey.refuses("2026-01-08", referent(2), "one-referent");
    let plan = || {
        let data = json!({"goals": [], "modules": [], "mode": "mixed", "weekly_minutes": 2000, "alongside_job": false});
        Fact::PlanAgreed(serde_json::from_value(data).unwrap())
    };
    journey.accepts("2026-02-02", plan());
    journey.refuses("2026-02-02", plan(), "one-at-an-instant");
}

#[test]
fn an_offer_of_a_place_comes_after_the_wait_and_before_the_admission_of_its_day() {
    let offer = Fact::PlaceOffered(PlaceOffered {
        session: A,
        until: "2026-01-14".parse().unwrap(),
    });
    let (types, held) = told(
        &before_admission(),
        "2026-01-07",
        &[admitted(Some(A)), offer, Fact::Waitlisted(placement(A))],
    );
    assert_eq!(
        types,
        ["waitlisted", "place.offered", "admitted"].map(String::from)
    );
    assert_eq!(held, Some(A));
}
