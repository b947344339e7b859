use chrono::{DateTime, Utc};
use parcours_model::{History, StreamKind};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::catalogue::VIEW;
use crate::session::after;
use crate::sessions;
use crate::story::Story;

const COLUMN_UNTIL: usize = 0;
const COLUMN_ENROL: usize = 11;
const COLUMN_CAPACITY: usize = 13;
const COLUMN_TAKEN: usize = 14;

fn opened(entry: &str) -> Story {
    let opened = json!({"offer": Uuid::from_u128(5), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30", "entry": entry, "capacity": 12});
    Story::of(StreamKind::Session).tell("2026-01-01", "opened", opened)
}

fn columns(story: &Story) -> Vec<Value> {
    story.contributes(&VIEW).rows.remove(0).2
}

/// The definition: what the facts of the whole history that have happened by `now` say.
fn naive(history: &History, now: DateTime<Utc>) -> Option<Vec<Value>> {
    let happened = history.effective().filter(|fact| fact.time <= now);
    let (mut standing, mut taken) = (None, 0);
    for fact in happened {
        let parcours_model::Fact::Session(fact) = fact.fact else {
            continue;
        };
        standing = after(standing, fact);
        taken += match fact {
            Fact::PlaceTaken(_) => 1,
            Fact::PlaceReleased(_) => -1,
            _ => 0,
        };
    }
    Some(row(&standing?, 0, taken))
}

/// What the view answers at `now`.
fn answered(output: &Output, now: DateTime<Utc>) -> Option<Vec<Value>> {
    let now = Value::Integer(now.timestamp_micros());
    let stands = |key: &Vec<Value>, values: &Vec<Value>| key[1] <= now && now < values[COLUMN_UNTIL];
    let mut standing = output
        .rows
        .iter()
        .filter(|(_, key, values)| stands(key, values))
        .map(|(.., values)| values.clone());
    let mut found = standing.next()?;
    assert_eq!(standing.next(), None, "one row at any moment");
    let ahead: i64 = output
        .tallies
        .iter()
        .filter(|(_, key, _)| key[1] > now)
        .map(|(.., steps)| steps[0])
        .sum();
    let Value::Integer(taken) = found[COLUMN_TAKEN] else {
        panic!("a number of places")
    };
    found[COLUMN_TAKEN] = Value::Integer(taken - ahead);
    found[COLUMN_UNTIL] = Value::Integer(0);
    Some(found)
}

proptest! {
    #[test]
    fn record_by_record_is_what_the_whole_history_says_at_any_moment(history in sessions::any()) {
        let output = Story(history.clone()).contributes(&VIEW);
        for now in sessions::moments(&history) {
            prop_assert_eq!(answered(&output, now), naive(&history, now), "at {}", now);
        }
    }
}

#[test]
fn places_are_those_taken_and_not_released() {
    let place = |number: u128| json!({"parcours": Uuid::from_u128(number)});
    let record = |story: Story, name: &str, number| story.tell("2026-01-10", name, place(number));
    let story = record(record(opened("fixed"), "place.taken", 1), "place.taken", 2);
    let story =
        record(story, "place.released", 1).tell("2026-01-11", "capacity.changed", json!({"capacity": 8}));
    let columns = columns(&story);
    assert_eq!(
        (&columns[COLUMN_CAPACITY], &columns[COLUMN_TAKEN]),
        (&Value::Integer(8), &Value::Integer(1))
    );
}

#[test]
fn a_fixed_session_is_entered_until_it_begins_and_a_permanent_one_until_it_ends() {
    let day = |text: &str| Value::Integer(days(text.parse().unwrap()));
    assert_eq!(columns(&opened("fixed"))[COLUMN_ENROL], day("2026-02-01"));
    assert_eq!(columns(&opened("permanent"))[COLUMN_ENROL], day("2026-06-30"));
    let dates = json!({"from": "2026-03-01", "to": "2026-07-31", "enrol_until": "2026-02-15"});
    assert_eq!(
        columns(&opened("fixed").tell("2026-01-02", "rescheduled", dates))[COLUMN_ENROL],
        day("2026-02-15")
    );
}
