//! A type in two versions: both are taken and read, the older is never rewritten, and rules and views know the newer one.

use super::journey::*;
use parcours_model::streams::parcours::{Contract, EmploymentStartedV1, Fact};
use parcours_model::{Fact as AnyFact, History, Record, Submission};
use serde_json::{Value, json};
use uuid::Uuid;

fn older(months: u16) -> Value {
    json!({"employment": Uuid::from_u128(1), "contract": "fixed_term", "months": months, "weekly_minutes": 2100,
        "reported_by": "operator"})
}

fn told(months: u16) -> Fact {
    Fact::EmploymentStartedV1(Box::new(
        serde_json::from_value::<EmploymentStartedV1>(older(months)).unwrap(),
    ))
}

/// The employment of a history, as rules and views see it.
fn employment_of(history: &History) -> (&'static str, Value) {
    let started = |fact: &AnyFact| matches!(fact, AnyFact::Parcours(Fact::EmploymentStarted(_)));
    let fact = history
        .effective()
        .find(|fact| started(fact.fact))
        .expect("an employment");
    (fact.fact.type_name(), fact.fact.data())
}

#[test]
fn the_older_version_is_read_as_the_newer_and_kept_as_it_was_sent() {
    let mut journey = Journey::started();
    let id = journey.accepts("2026-05-01", told(6));
    let history = journey.world.stream(journey.stream);
    let newer = json!({"employment": Uuid::from_u128(1), "contract": {"kind": "fixed_term", "months": 6},
        "working_time": {"weekly_minutes": 2100}, "reported_by": "operator"});
    assert_eq!(employment_of(history), ("parcours.employment.started.v2", newer));
    let record = history.records().last().unwrap();
    assert_eq!(
        (record.event.fact.type_name(), record.event.fact.data()),
        ("parcours.employment.started.v1", older(6))
    );
    let entry = Submission::new(record.event.clone()).encode("test", record.recorded, 7);
    assert!(
        String::from_utf8(entry.clone())
            .unwrap()
            .contains("parcours.employment.started.v1")
    );
    assert_eq!(Record::decode(0, &entry).unwrap().event, record.event);
    // The rules know it under either name.
    journey.refuses("2026-05-02", employment(1), "outcome-after-start");
    journey.accepts("2026-06-01", employment_ended(1));
    assert_eq!(id, "e007");
}

#[test]
fn a_correction_is_in_the_version_of_what_it_corrects() {
    let mut journey = Journey::started();
    let id = journey.accepts("2026-05-01", told(6));
    let newer = journey.refuses(
        "2026-05-02",
        correction(&id, None, Some(&employment(1))),
        "amends-a-fact",
    );
    assert!(newer.english.contains("data.data"), "{newer}");
    let corrected = journey.accepts("2026-05-02", correction(&id, None, Some(&told(9))));
    let (_, data) = employment_of(journey.world.stream(journey.stream));
    assert_eq!(data["contract"], json!({"kind": "fixed_term", "months": 9}));
    journey.accepts("2026-05-03", annulment(&corrected));
    let (_, data) = employment_of(journey.world.stream(journey.stream));
    assert_eq!(data["contract"]["months"], 6);
    let kinds = [Contract::FixedTerm, Contract::Permanent].map(|kind| serde_json::to_value(kind).unwrap());
    assert_eq!(kinds[0], data["contract"]["kind"]);
}

#[test]
fn a_history_that_is_taken_back_forgets_the_newer_version_too() {
    let journey = Journey::started()
        .with("2026-05-01", told(6))
        .with("2026-05-02", module());
    let history = journey.world.stream(journey.stream);
    let mut shorter = history.clone();
    shorter.truncate(6);
    assert!(shorter.effective().all(|fact| fact.fact.upcast().is_none()));
    let again = history.records()[6..].iter().cloned();
    again.for_each(|record| shorter.push(record).unwrap());
    assert!(shorter.effective().eq(history.effective()));
    let rested = history.clone().rest().wake();
    assert!(rested.effective().eq(history.effective()));
}
