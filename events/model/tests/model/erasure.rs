//! Erasure: never refused, and nothing gets behind it.

use super::journey::*;
use super::world::{event, instant, parcours};
use parcours_model::streams::parcours::*;
use parcours_model::streams::trainee;
use parcours_model::{StreamId, StreamKind};
use serde_json::json;
use uuid::Uuid;

fn trainee(uuid: Uuid) -> StreamId {
    StreamId::new(StreamKind::Trainee, uuid)
}

fn erased(mut journey: Journey, whom: Uuid, day: &str) -> Journey {
    let erasure = trainee::Fact::Erased(trainee::Erased { reason: None });
    let id = format!("erasure-{}", journey.world.size());
    journey
        .world
        .submit(event(trainee(whom), &id, day, erasure))
        .unwrap();
    journey
}

/// The orientation of the tests, of somebody else.
fn orientation_of(whom: Uuid) -> Fact {
    let data = json!({"trainee": whom, "channel": "counsellor", "commune": "76540", "situation": "without_job",
        "needs": ["skills"], "level": 3});
    Fact::Oriented(serde_json::from_value(data).unwrap())
}

const SOMEBODY: Uuid = Uuid::from_u128(0xbeef);

#[test]
fn an_erasure_is_taken_of_whoever_it_is_and_as_often_as_it_is_told() {
    let journey = erased(Journey::new(), SOMEBODY, "2026-03-01");
    let journey = erased(journey, SOMEBODY, "2026-03-05");
    let journey = erased(journey, SOMEBODY, "2026-02-01");
    assert_eq!(journey.world.stream(trainee(SOMEBODY)).revision(), 3);
    let late = erased(Journey::exited(), TRAINEE, "2026-02-15");
    assert_eq!(
        late.world.stream(trainee(TRAINEE)).revision(),
        2 + 1,
        "what stands behind it does not matter"
    );
}

#[test]
fn nobody_is_registered_after_an_erasure_nor_twice() {
    let mut journey = erased(Journey::new(), SOMEBODY, "2026-03-01");
    let registered = || trainee::Fact::Registered(trainee::Registered {});
    let late = event(trainee(SOMEBODY), "t1", "2026-03-02", registered());
    assert_eq!(journey.world.submit(late).unwrap_err().code, "erased");
    journey
        .world
        .submit(event(trainee(SOMEBODY), "t2", "2026-02-01", registered()))
        .unwrap();
    let again = event(trainee(SOMEBODY), "t3", "2026-02-02", registered());
    assert_eq!(journey.world.submit(again).unwrap_err().code, "registered-first");
}

#[test]
fn nothing_of_a_parcours_is_dated_after_the_erasure_of_its_trainee() {
    let mut journey = erased(Journey::with_bilan(), TRAINEE, "2026-03-01");
    journey.accepts("2026-02-28", module());
    let refusal = journey.refuses("2026-03-01", module(), "erased");
    assert_eq!(refusal.conflicts_with.unwrap().id, "erasure-8");
    journey.refuses(
        "2026-03-02",
        correction("e007", Some("2026-02-11"), None),
        "erased",
    );
    journey.refuses("2026-03-02", annulment("e007"), "erased");
}

#[test]
fn no_correction_carries_a_fact_behind_an_erasure() {
    let mut journey = erased(Journey::with_bilan(), TRAINEE, "2026-03-01");
    journey.refuses(
        "2026-02-20",
        correction("e007", Some("2026-03-01"), None),
        "erased",
    );
    journey.accepts("2026-02-20", correction("e007", Some("2026-02-28"), None));
}

#[test]
fn an_annulled_correction_carries_nothing_behind_an_erasure_either() {
    let mut journey = Journey::with_bilan();
    let moved = journey.accepts("2026-02-10", module());
    journey.accepts("2026-02-12", correction(&moved, Some("2026-04-01"), None));
    let back = journey.accepts("2026-02-12", correction(&moved, Some("2026-02-11"), None));
    let mut journey = erased(journey, TRAINEE, "2026-03-01");
    journey.refuses("2026-02-20", annulment(&back), "erased");
}

#[test]
fn what_stands_behind_an_erasure_already_may_be_brought_forward() {
    let journey = Journey::with_bilan().with("2026-04-01", module());
    let mut journey = erased(journey, TRAINEE, "2026-03-01");
    journey.accepts("2026-02-20", correction("e008", Some("2026-02-15"), None));
}

#[test]
fn a_parcours_passes_neither_to_nor_from_somebody_erased() {
    let other = orientation_of(SOMEBODY);
    let mut from = erased(Journey::oriented(), TRAINEE, "2026-03-01");
    from.refuses("2026-02-20", correction("e001", None, Some(&other)), "erased");
    let mut to = erased(Journey::oriented(), SOMEBODY, "2026-03-01");
    to.refuses("2026-02-20", correction("e001", None, Some(&other)), "erased");
    let mut free = Journey::oriented();
    free.accepts("2026-02-20", correction("e001", None, Some(&other)));
}

#[test]
fn a_parcours_of_somebody_erased_is_told_late_up_to_the_erasure() {
    let mut journey = erased(Journey::new(), TRAINEE, "2026-03-01");
    journey.accepts("2026-02-01", orientation());
    journey.stream = parcours(2);
    journey.refuses("2026-03-01", orientation(), "erased");
    assert!(instant("2026-03-01") > instant("2026-02-28"));
}

#[test]
fn an_erasure_stands_against_what_is_told_together_with_it_in_whatever_order() {
    let erasure = |whom| {
        let fact = trainee::Fact::Erased(trainee::Erased { reason: None });
        event(trainee(whom), "erasure", "2026-03-01", fact)
    };
    let journey = Journey::with_bilan();
    let told = |day, fact: Fact| event(journey.stream, "told", day, fact);
    let given_away = || correction("e001", None, Some(&orientation_of(SOMEBODY)));
    let lists = [
        (TRAINEE, told("2026-03-02", module())),
        (
            TRAINEE,
            told("2026-02-20", correction("e007", Some("2026-03-05"), None)),
        ),
        (TRAINEE, told("2026-02-20", given_away())),
        (SOMEBODY, told("2026-02-20", given_away())),
    ];
    for (whom, other) in lists {
        for reversed in [false, true] {
            let mut together = vec![erasure(whom), other.clone()];
            if reversed {
                together.reverse();
            }
            let refused = Journey::with_bilan()
                .world
                .submit_together(&together)
                .unwrap_err();
            assert_eq!(refused.told().code, "erased", "{together:?}");
            assert_eq!(together[refused.index].key, other.key);
        }
    }
    let before = [erasure(TRAINEE), told("2026-02-20", module())];
    Journey::with_bilan().world.submit_together(&before).unwrap();
}

#[test]
fn an_amendment_that_is_misdirected_names_what_took_its_target_away_and_never_the_target() {
    let mut journey = Journey::with_bilan();
    let fact = journey.accepts("2026-02-20", module());
    let annulled = journey.accepts("2026-02-21", annulment(&fact));
    let corrects = correction(&fact, Some("2026-02-19"), None);
    let gone = journey.refuses("2026-02-22", corrects, "amends-a-fact");
    assert_eq!(gone.conflicts_with.as_ref().unwrap().id, annulled.as_str());
    assert!(
        gone.french.contains(&format!("{annulled} de urn:")),
        "{}",
        gone.french
    );
    let amendment = journey.refuses(
        "2026-02-22",
        correction(&annulled, Some("2026-02-19"), None),
        "amends-a-fact",
    );
    assert_eq!(amendment.conflicts_with, None);
}
