use parcours_model::{EventKey, Fact as AnyFact, History};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::*;
use crate::outcomes::VIEW;
use crate::sessions;
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
    let output = story.contributes(&VIEW);
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

#[test]
fn what_changes_on_the_day_of_opening_is_told_whatever_the_ids() {
    let mut history = sessions::opened("z");
    sessions::push(&mut history, "capacity.changed", 0, "a", &json!({"capacity": 8}));
    let dates = json!({"from": "2026-03-01", "to": "2026-07-31"});
    sessions::push(&mut history, "rescheduled", 0, "b", &dates);
    let expected = [
        (PlaceChange::Opened, 2),
        (PlaceChange::Capacity, 8),
        (PlaceChange::Rescheduled, 8),
    ];
    assert_eq!(told(&Story(history)), expected);
}

/// The definition: each fact, once it acts, makes of all that acted before it all that with it. A fact acts when it is
/// recorded, or at its time, if that is later.
fn naive(history: &History) -> Vec<(PlaceChange, u32)> {
    let records = history.records();
    let (mut heard, mut waiting) = (Vec::<EventKey>::new(), Vec::new());
    let in_order = |due: &dyn Fn(&EventKey) -> bool| {
        let facts = history.effective().map(|fact| fact.key().clone());
        facts.filter(due).collect::<Vec<_>>()
    };
    for record in records {
        let key = &record.event.key;
        let is_due = |waiting: &[(EventKey, DateTime<Utc>)], key: &EventKey| {
            waiting
                .iter()
                .any(|(one, time)| one == key && *time <= record.recorded)
        };
        heard.extend(in_order(&|key| is_due(&waiting, key)));
        waiting.retain(|(_, time)| *time > record.recorded);
        match record.event.time > record.recorded {
            true => waiting.push((key.clone(), record.event.time)),
            false => heard.push(key.clone()),
        }
    }
    heard.extend(in_order(&|key| waiting.iter().any(|(one, _)| one == key)));
    let mut told = Vec::new();
    for (number, key) in heard.iter().enumerate() {
        let (before, known) = (&heard[..number], &heard[..=number]);
        let (before, now) = (stands(history, before), stands(history, known));
        let AnyFact::Session(fact) = &history.find(key).unwrap().event.fact else {
            continue;
        };
        let says_it_last = |says: fn(&Fact) -> bool| {
            let told = history.effective().filter(|fact| match fact.fact {
                AnyFact::Session(other) => {
                    known.contains(fact.key()) && (says(other) || matches!(other, Fact::Opened(_)))
                }
                _ => false,
            });
            told.last().is_some_and(|last| last.key() == key)
        };
        let change = match fact {
            Fact::Opened(_) => before.is_none().then_some(PlaceChange::Opened),
            Fact::PlaceTaken(_) => (before > Some(0) && now == Some(0)).then_some(PlaceChange::Full),
            Fact::PlaceReleased(_) => (before == Some(0) && now > Some(0)).then_some(PlaceChange::Available),
            Fact::CapacityChanged(_) => {
                says_it_last(|fact| matches!(fact, Fact::CapacityChanged(_))).then_some(PlaceChange::Capacity)
            }
            Fact::Rescheduled(_) => {
                says_it_last(|fact| matches!(fact, Fact::Rescheduled(_))).then_some(PlaceChange::Rescheduled)
            }
            Fact::Cancelled(_) => Some(PlaceChange::Cancelled),
            Fact::NeedMet(_) => None,
        };
        told.extend(change.zip(now));
    }
    told
}

/// The places left by these facts.
fn stands(history: &History, known: &[EventKey]) -> Option<u32> {
    let (mut standing, mut taken) = (None, 0);
    for fact in history.effective().filter(|fact| known.contains(fact.key())) {
        let AnyFact::Session(fact) = fact.fact else {
            continue;
        };
        standing = crate::session::after(standing, fact);
        taken += match fact {
            Fact::PlaceTaken(_) => 1,
            Fact::PlaceReleased(_) => -1,
            _ => 0,
        };
    }
    standing.map(|standing| left(&standing, taken))
}

#[test]
fn a_capacity_ahead_is_told_at_its_time_and_until_then_places_are_as_they_are() {
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (known, then) = (at("2027-03-01T13:00:00.5Z"), at("2027-03-02T08:00:00.25Z"));
    let ahead = opened().tell_at(known, then, "capacity.changed", json!({"capacity": 1}));
    let full = |story: Story, recorded: &str, number: u128| {
        let time = at(recorded);
        story.tell_at(
            time,
            time,
            "place.taken",
            json!({"parcours": Uuid::from_u128(number)}),
        )
    };
    let expected = [(PlaceChange::Opened, 2), (PlaceChange::Capacity, 1)];
    assert_eq!(told(&ahead), expected);
    let taken = full(ahead, "2027-03-01T14:00:00Z", 1);
    let expected = [(PlaceChange::Opened, 2), (PlaceChange::Capacity, 0)];
    assert_eq!(told(&taken), expected);
    let told_at = |story: &Story| match &story.contributes(&VIEW).rows[1].1[..] {
        [crate::Value::Integer(told), crate::Value::Integer(position), _] => (*told, *position),
        other => panic!("{other:?} is no key"),
    };
    let moment = at("2027-03-02T08:00:01Z").timestamp_micros();
    assert_eq!(told_at(&taken), (moment, 30), "by the last record before");
    let later = full(taken, "2027-03-02T09:00:00Z", 2);
    assert_eq!(told_at(&later), (moment, 30), "for ever");
}

proptest! {
    #[test]
    fn a_session_that_is_taken_up_again_anywhere_ends_as_if_it_had_not_been_left(history in sessions::any()) {
        let begin = VIEW.runs(StreamKind::Session).unwrap();
        let whole = Story(history.clone()).contributes(&VIEW);
        for cut in 0..history.records().len() {
            let (before, after) = history.records().split_at(cut);
            let mut added = Output::new();
            let state = VIEW.take(begin(history.stream()), before, &mut added).unwrap();
            added.rows.extend(VIEW.run(&*state, after).unwrap().after.rows);
            prop_assert_eq!(&VIEW.checked(added).unwrap(), &whole);
        }
    }

    #[test]
    fn record_by_record_tells_what_the_whole_history_tells(history in sessions::any()) {
        prop_assert_eq!(told(&Story(history.clone())), naive(&history));
    }

    #[test]
    fn what_was_told_of_places_stays_however_the_session_goes_on(history in sessions::any()) {
        let whole = Story(history.clone()).contributes(&VIEW).rows;
        for cut in 1..history.records().len() {
            let mut earlier = history.clone();
            earlier.truncate(cut as u64);
            let told = Story(earlier).contributes(&VIEW).rows;
            let next = history.records()[cut].recorded.timestamp_micros();
            for row in told.iter().filter(|(_, key, _)| key[0] <= crate::Value::Integer(next)) {
                prop_assert!(whole.contains(row), "{row:?}");
            }
        }
    }
}
