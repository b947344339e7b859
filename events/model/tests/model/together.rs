//! Facts that are told together are judged together.

use super::journey::*;
use super::world::event;
use parcours_model::Event;
use parcours_model::streams::parcours::*;

fn suspension() -> Fact {
    Fact::Suspended(Interruption {
        reason: "health".into(),
    })
}

fn resumption() -> Fact {
    Fact::Resumed(Resumption { reason: None })
}

fn list(journey: &Journey, facts: &[(&str, Fact)]) -> Vec<Event> {
    let named = |(number, (day, fact)): (usize, &(&str, Fact))| {
        event(journey.stream, &format!("list-{number}"), day, fact.clone())
    };
    facts.iter().enumerate().map(named).collect()
}

#[test]
fn an_interruption_of_last_month_is_told_with_its_resumption() {
    let mut journey = Journey::with_bilan().with("2026-04-01", module());
    journey.refuses("2026-03-01", suspension(), "in-training");
    journey.refuses("2026-03-10", resumption(), "in-training");
    let facts = list(
        &journey,
        &[("2026-03-10", resumption()), ("2026-03-01", suspension())],
    );
    journey.world.submit_together(&facts).unwrap();
}

#[test]
fn an_immersion_is_told_whole_and_in_any_order() {
    let mut journey = Journey::with_bilan();
    let facts = list(
        &journey,
        &[
            ("2026-03-05", immersion_completed(1)),
            ("2026-03-01", immersion_started(1)),
            ("2026-02-20", immersion(1, "placement", COMPANY)),
        ],
    );
    journey.world.submit_together(&facts).unwrap();
}

#[test]
fn all_or_nothing_and_the_one_in_the_way_is_named() {
    let mut journey = Journey::with_bilan();
    let size = journey.world.size();
    let facts = list(
        &journey,
        &[
            ("2026-02-20", module()),
            ("2026-01-20", module()),
            ("2026-02-21", module()),
        ],
    );
    let refused = journey.world.submit_together(&facts).unwrap_err();
    assert_eq!((refused.index, refused.told().code), (1, "in-training"));
    assert_eq!(journey.world.size(), size);
    assert_eq!(
        refused.told().conflicts_with.as_ref().unwrap().id,
        "e006",
        "the start"
    );
}

#[test]
fn a_list_may_correct_what_it_brings() {
    let mut journey = Journey::with_bilan();
    let facts = list(
        &journey,
        &[
            ("2026-02-20", module()),
            ("2026-02-21", correction("list-0", Some("2026-02-19"), None)),
        ],
    );
    journey.world.submit_together(&facts).unwrap();
}

#[test]
fn every_rule_that_is_broken_is_named_once() {
    let mut journey = Journey::oriented();
    let refused = journey
        .world
        .submit_together(&list(
            &journey.clone(),
            &[
                ("2026-02-01", Fact::Started(Started {})),
                ("2026-02-02", review()),
            ],
        ))
        .unwrap_err();
    let codes: Vec<_> = refused.refusals.iter().map(|refusal| refusal.code).collect();
    assert_eq!(
        codes,
        [
            "commitment-before-start",
            "referent-before-start",
            "review-after-exit"
        ]
    );
}
