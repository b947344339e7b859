use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outcomes::VIEW;
use crate::story::Story;
use parcours_model::StreamKind;

fn opened() -> Story {
    let opened = json!({"offer": Uuid::from_u128(5), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30", "entry": "fixed", "capacity": 2});
    Story::of(StreamKind::Session).tell("2026-01-01", "opened", opened)
}

fn place(story: Story, name: &str, number: u128) -> Story {
    story.tell("2026-01-10", name, json!({"parcours": Uuid::from_u128(number)}))
}

/// What is told: the change, and the places left.
fn told(story: &Story) -> Vec<(PlaceChange, u32)> {
    let output = (VIEW.fold)(&story.0).unwrap();
    let documents = output.rows.iter().map(|(_, _, values)| match values.last() {
        Some(crate::Value::Text(document)) => serde_json::from_str(document).unwrap(),
        other => panic!("{other:?} is no document"),
    });
    documents
        .map(|document| match document {
            Document::Place(place) => (place.change, place.left),
            other => panic!("{other:?} is not of a session"),
        })
        .collect()
}

#[test]
fn a_session_is_told_when_it_fills_and_when_it_has_places_again() {
    let full = place(place(opened(), "place.taken", 1), "place.taken", 2);
    assert_eq!(told(&full), [(PlaceChange::Opened, 2), (PlaceChange::Full, 0)]);
    let again = place(full, "place.released", 1);
    assert_eq!(told(&again)[2..], [(PlaceChange::Available, 1)]);
    let freer = place(again, "place.released", 2);
    assert_eq!(
        told(&freer).len(),
        3,
        "more places where there are some already is no news"
    );
}

#[test]
fn a_change_of_capacity_that_happened_before_the_last_known_is_no_news() {
    let changed =
        |story: Story, day, capacity: u32| story.tell(day, "capacity.changed", json!({"capacity": capacity}));
    let story = changed(changed(opened(), "2026-01-05", 8), "2026-01-04", 3);
    assert_eq!(
        told(&story),
        [(PlaceChange::Opened, 2), (PlaceChange::Capacity, 8)]
    );
}

#[test]
fn a_cancelled_session_has_no_places_whoever_leaves_it() {
    let story = place(opened(), "place.taken", 1).tell("2026-01-20", "cancelled", json!({}));
    assert_eq!(told(&story)[1..], [(PlaceChange::Cancelled, 0)]);
    assert_eq!(told(&place(story, "place.released", 1)).len(), 2);
}

#[test]
fn new_dates_are_told() {
    let dates = json!({"from": "2026-03-01", "to": "2026-07-31", "enrol_until": "2026-02-15"});
    let story = opened().tell("2026-01-02", "rescheduled", dates);
    assert_eq!(told(&story)[1..], [(PlaceChange::Rescheduled, 2)]);
}
