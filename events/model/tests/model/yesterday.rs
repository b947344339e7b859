//! A log written before a rule existed goes on: it takes every fact that makes it no worse.

use super::journey::*;
use super::world::event;
use parcours_model::rules;
use parcours_model::streams::parcours::*;
use serde_json::json;

/// A person in training withdraws, as was recorded once.
fn withdrawn_in_training() -> Journey {
    let mut journey = Journey::with_bilan();
    journey
        .world
        .keep(event(journey.stream, "old", "2026-03-01", withdrawn()));
    journey
}

#[test]
fn what_broke_no_rule_when_it_was_recorded_is_flagged() {
    let journey = withdrawn_in_training();
    let broken = rules::check(journey.world.stream(journey.stream));
    let codes: Vec<_> = broken.iter().map(|(rule, _)| rule.code).collect();
    assert_eq!(codes, ["withdrawn-before-start"]);
}

#[test]
fn it_still_takes_what_makes_it_no_worse() {
    let mut journey = withdrawn_in_training();
    journey.accepts("2026-03-02", module());
    journey.accepts("2026-04-01", correction("e007", Some("2026-02-11"), None));
    journey.accepts("2026-06-30", exit(ExitReason::Abandoned));
    journey.accepts("2026-07-01", review());
}

#[test]
fn it_takes_nothing_that_breaks_the_same_rule_again() {
    let mut journey = withdrawn_in_training();
    journey.refuses("2026-03-02", withdrawn(), "withdrawn-before-start");
    journey.refuses("2026-01-20", module(), "in-training");
}

#[test]
fn what_mends_it_is_taken() {
    let mut journey = withdrawn_in_training();
    journey.accepts("2026-04-01", annulment("old"));
    assert!(rules::check(journey.world.stream(journey.stream)).is_empty());
}

#[test]
fn a_month_told_twice_once_does_not_stand_in_the_way_of_others() {
    let attendance = |month: &str, attended: u32| {
        let data = json!({"month": month, "planned_minutes": 100, "attended_minutes": attended, "excused_minutes": 0});
        Fact::AttendanceRecorded(serde_json::from_value(data).unwrap())
    };
    let mut journey = Journey::with_bilan().with("2026-03-01", attendance("2026-02", 90));
    journey.world.keep(event(
        journey.stream,
        "old",
        "2026-03-02",
        attendance("2026-02", 500),
    ));
    journey.accepts("2026-04-01", attendance("2026-03", 100));
    journey.refuses("2026-04-02", attendance("2026-03", 50), "plausible");
    journey.refuses("2026-05-01", attendance("2026-04", 101), "plausible");
}
