//! A person is in training in one parcours at a time, whatever uuids the person has (R4).

use super::journey::*;
use super::world::{event, parcours};
use parcours_model::streams::parcours::{ExitReason, Fact, Started};
use parcours_model::streams::trainee;
use parcours_model::{Refusal, StreamId, StreamKind};
use serde_json::json;
use uuid::Uuid;

const OTHER: Uuid = Uuid::from_u128(0xbeef);

fn start() -> Fact {
    Fact::Started(Started {})
}

/// Another parcours in the same world, of this person, about to start.
fn ready(journey: &Journey, number: u128, whom: Uuid) -> Journey {
    let mut other = journey.clone();
    other.stream = parcours(number);
    let mut oriented = serde_json::to_value(orientation()).unwrap();
    oriented["trainee"] = json!(whom);
    other
        .with(
            "2026-01-05",
            Fact::Oriented(serde_json::from_value(oriented).unwrap()),
        )
        .with("2026-01-06", eligible(true))
        .with("2026-01-07", admitted(None))
        .with("2026-01-08", commitment())
        .with("2026-01-08", referent(1))
}

/// Something told of a trainee.
fn tell(journey: &mut Journey, whom: Uuid, day: &str, fact: trainee::Fact) -> Result<(), Refusal> {
    let id = format!("p{}", journey.world.size());
    let stream = StreamId::new(StreamKind::Trainee, whom);
    journey.world.submit(event(stream, &id, day, fact))
}

fn merged(into: Uuid) -> trainee::Fact {
    trainee::Fact::Merged(trainee::Merged { into })
}

#[test]
fn nobody_is_in_training_in_two_parcours_at_a_time() {
    let first = Journey::started();
    let mut second = ready(&first, 2, TRAINEE);
    let refusal = second.refuses("2026-03-01", start(), "one-parcours");
    let other = parcours(1).to_string();
    assert!(
        refusal.english.contains(&format!("{other} from 2026-02-01 on.")),
        "{refusal}"
    );
    assert_eq!(
        refusal.conflicts_with.unwrap().id,
        "e006",
        "the start of the other one can be looked up"
    );
    // Before it began, too, as long as it does not end before.
    second.refuses("2026-01-15", start(), "one-parcours");
    ready(&first, 2, OTHER).accepts("2026-03-01", start());
}

#[test]
fn the_next_starts_the_day_after_the_exit_of_the_last() {
    let first = Journey::exited();
    let mut second = ready(&first, 2, TRAINEE);
    second.refuses("2026-06-30", start(), "one-parcours");
    second.accepts("2026-07-01", start());
    // Then the exit of the first cannot be put off any more, nor be taken back.
    second.stream = parcours(1);
    let refusal = second.refuses(
        "2026-07-02",
        correction("e008", Some("2026-07-01"), None),
        "one-parcours",
    );
    assert!(refusal.english.contains(&parcours(2).to_string()), "{refusal}");
    second.refuses("2026-07-02", annulment("e008"), "one-parcours");
    second.accepts("2026-07-02", correction("e008", Some("2026-06-15"), None));
}

#[test]
fn a_start_that_was_wrong_leaves_the_person_free() {
    let mut first = Journey::started();
    first.accepts("2026-02-02", annulment("e006"));
    ready(&first, 2, TRAINEE).accepts("2026-02-10", start());
}

#[test]
fn a_parcours_that_passes_to_somebody_in_training_is_refused() {
    let first = Journey::started();
    let mut second = ready(&first, 2, OTHER).with("2026-03-01", start());
    let mut oriented = serde_json::to_value(orientation()).unwrap();
    oriented["trainee"] = json!(TRAINEE);
    let oriented = Fact::Oriented(serde_json::from_value(oriented).unwrap());
    second.refuses(
        "2026-03-02",
        correction("e007", None, Some(&oriented)),
        "one-parcours",
    );
    second.stream = parcours(1);
    second.accepts("2026-02-20", exit(ExitReason::Abandoned));
    second.stream = parcours(2);
    second.accepts("2026-03-02", correction("e007", None, Some(&oriented)));
}

#[test]
fn two_uuids_of_one_person_are_judged_as_one_until_they_are_separated() {
    let mut journey = ready(&Journey::started(), 2, OTHER);
    tell(&mut journey, OTHER, "2026-02-05", merged(TRAINEE)).unwrap();
    let refusal = journey.refuses("2026-03-01", start(), "one-parcours");
    assert!(refusal.english.contains(&parcours(1).to_string()), "{refusal}");
    let separated = trainee::Fact::Separated(trainee::Separated { from: TRAINEE });
    tell(&mut journey, OTHER, "2026-02-06", separated).unwrap();
    journey.accepts("2026-03-01", start());
    let refusal = tell(&mut journey, OTHER, "2026-03-05", merged(TRAINEE)).unwrap_err();
    assert_eq!(refusal.code, "one-parcours");
    assert!(refusal.english.contains("parcours/"), "{refusal}");
}

#[test]
fn a_merge_has_two_ends_and_one_of_each() {
    let mut journey = Journey::oriented();
    tell(&mut journey, OTHER, "2026-02-05", merged(TRAINEE)).unwrap();
    let told = journey.world.stream(StreamId::new(StreamKind::Trainee, TRAINEE));
    assert_eq!(told.records()[0].event.fact.type_name(), "trainee.absorbed.v1");
    for (whom, fact, code) in [
        (OTHER, merged(Uuid::from_u128(3)), "merged-once"),
        (TRAINEE, merged(TRAINEE), "merged-once"),
        (
            OTHER,
            trainee::Fact::Separated(trainee::Separated {
                from: Uuid::from_u128(3),
            }),
            "merged-once",
        ),
        (
            TRAINEE,
            trainee::Fact::Absorbed(trainee::Absorbed { trainee: OTHER }),
            "training-by-parcours",
        ),
        (
            TRAINEE,
            trainee::Fact::TrainingBegun(trainee::Training {
                parcours: Uuid::from_u128(1),
            }),
            "training-by-parcours",
        ),
    ] {
        let refusal = tell(&mut journey, whom, "2026-02-06", fact).unwrap_err();
        assert_eq!(refusal.code, code, "{refusal}");
    }
}

#[test]
fn an_erasure_follows_a_merge_and_nobody_erased_is_merged() {
    let erased = || trainee::Fact::Erased(trainee::Erased { reason: None });
    let mut journey = Journey::with_bilan();
    tell(&mut journey, OTHER, "2026-02-12", merged(TRAINEE)).unwrap();
    tell(&mut journey, OTHER, "2026-03-01", erased()).unwrap();
    journey.refuses("2026-03-02", module(), "erased");
    let third = Uuid::from_u128(3);
    for (whom, into) in [(third, OTHER), (third, TRAINEE)] {
        let refusal = tell(&mut journey, whom, "2026-02-20", merged(into)).unwrap_err();
        assert_eq!(refusal.code, "erased", "{refusal}");
    }
    tell(&mut journey, TRAINEE, "2026-03-01", erased()).expect("an erasure is never refused");
}
