//! Events as senders write them.

use chrono::{TimeDelta, Utc};
use parcours_model::Submission;
use serde_json::{Value, json};
use uuid::Uuid;

pub const SENDER: &str = "urn:siret:19290076900014";
pub const OPERATOR: &str = "19290076900014";

/// The subject of a parcours.
pub fn parcours(number: u128) -> String {
    format!("parcours/{}", Uuid::from_u128(number))
}

/// An event of the stream `subject`; `name` without its kind and version. A day that is written `+90.5` is so many seconds
/// ahead of the clock.
pub fn event(subject: &str, id: &str, day: &str, name: &str, data: &Value) -> Submission {
    let kind = subject.split_once('/').unwrap().0;
    let time = match day.strip_prefix('+') {
        Some(seconds) => {
            let ahead = (seconds.parse::<f64>().unwrap() * 1e3) as i64;
            (Utc::now() + TimeDelta::milliseconds(ahead)).to_rfc3339()
        }
        None => format!("{day}T00:00:00+01:00"),
    };
    let event = json!({
        "specversion": "1.0", "id": id, "source": SENDER, "type": format!("{kind}.{name}.v1"), "subject": subject,
        "time": time, "data": data
    });
    Submission::parse(event.to_string().as_bytes()).unwrap()
}

pub fn orientation() -> Value {
    json!({
        "trainee": Uuid::from_u128(0x7e), "channel": "counsellor", "commune": "76540", "situation": "without_job",
        "needs": ["skills"], "level": 3
    })
}

/// The first event of a parcours.
pub fn oriented(number: u128) -> Submission {
    event(
        &parcours(number),
        &format!("p{number}-oriented"),
        "2025-01-05",
        "oriented",
        &orientation(),
    )
}

/// A step that is possible for anybody oriented, as often as one likes, in one's words.
pub fn declined(number: u128, id: &str, day: &str, reason: &str) -> Submission {
    event(
        &parcours(number),
        &format!("p{number}-{id}"),
        day,
        "declined",
        &json!({ "reason": reason }),
    )
}

pub fn annulled(number: u128, id: &str, of: &str) -> Submission {
    let data = json!({"event": {"id": format!("p{number}-{of}"), "source": SENDER}, "reason": "never was"});
    event(
        &parcours(number),
        &format!("p{number}-{id}"),
        "2025-06-30",
        "event.annulled",
        &data,
    )
}

pub fn corrected(number: u128, id: &str, of: &str, day: &str) -> Submission {
    let event_named = json!({"id": format!("p{number}-{of}"), "source": SENDER});
    let data = json!({"event": event_named, "time": format!("{day}T00:00:00+01:00")});
    event(
        &parcours(number),
        &format!("p{number}-{id}"),
        "2025-06-30",
        "event.corrected",
        &data,
    )
}
