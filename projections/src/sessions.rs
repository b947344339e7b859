//! Random histories of a session, for the tests that hold a fold record by record equal to one of the whole history: late
//! facts and facts recorded ahead of their time, several of one instant, places taken and given back.

use chrono::{DateTime, TimeDelta, Utc};
use parcours_model::{Event, EventKey, Fact, History, Record, StreamId, StreamKind};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

/// When the session opens.
fn opening() -> DateTime<Utc> {
    "2026-01-01T23:00:00Z".parse().unwrap()
}

/// Any session that the log could hold, and more: it is opened first, and then anything happens.
pub(crate) fn any() -> impl Strategy<Value = History> {
    let act = (0..10u8, 0..6i64, 0..=255u8, 0..4u32);
    proptest::collection::vec(act, 0..40).prop_map(|acts| {
        let mut history = opened("80");
        for (what, day, salt, number) in acts {
            let place = json!({"parcours": Uuid::from_u128(number.into())});
            let (name, data) = match what {
                0 => (
                    "rescheduled",
                    json!({"from": "2026-03-01", "to": format!("2026-07-0{}", number + 1)}),
                ),
                1 | 2 => ("capacity.changed", json!({"capacity": number})),
                3 if number == 0 => ("cancelled", json!({})),
                3..7 => ("place.taken", place),
                _ => ("place.released", place),
            };
            push(&mut history, name, day, &format!("{salt:02x}"), &data);
        }
        history
    })
}

/// A session that has opened; the event's id begins with `salt`.
pub(crate) fn opened(salt: &str) -> History {
    let opened = json!({
        "offer": Uuid::from_u128(5), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30", "entry": "fixed",
        "capacity": 2
    });
    let mut history = History::new(StreamId::new(StreamKind::Session, Uuid::from_u128(1)));
    push(&mut history, "opened", 0, salt, &opened);
    history
}

/// Adds a fact that happened some days after the opening; it is recorded six hours after the one before.
pub(crate) fn push(history: &mut History, name: &str, day: i64, salt: &str, data: &Value) {
    let revision = history.revision() + 1;
    let type_name = format!("session.{name}.v1");
    let fact = Fact::read(StreamKind::Session, &type_name, &data.to_string());
    let record = Record {
        position: revision * 10,
        revision,
        recorded: opening() + TimeDelta::hours(6 * revision.cast_signed()),
        actor: "test".into(),
        event: Event {
            key: EventKey::new("urn:region:28", format!("{salt}-{revision}")),
            stream: history.stream(),
            time: opening() + TimeDelta::days(day),
            fact: fact.unwrap().unwrap(),
        },
    };
    history.push(record).unwrap();
}

/// Instants around which something may change, none before everything was recorded.
pub(crate) fn moments(history: &History) -> Vec<DateTime<Utc>> {
    let last = history.records().last().unwrap().recorded;
    let days = (0..7).map(|day| opening() + TimeDelta::days(day));
    let around = days.flat_map(|day| [day - TimeDelta::microseconds(1), day]);
    around.filter(|moment| *moment >= last).chain([last]).collect()
}
