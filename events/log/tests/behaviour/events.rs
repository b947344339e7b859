//! Events to append. Operators take any number of registrations, so they serve where the facts do not matter.

use parcours_log::{Append, Log, Receipt, Rejection};
use parcours_model::{Record, StreamId, StreamKind, Submission};
use serde_json::{Value, json};
use uuid::Uuid;

pub const SOURCE: &str = "urn:region:28";

pub fn stream(kind: StreamKind, n: u128) -> StreamId {
    StreamId {
        kind,
        uuid: Uuid::from_u128(n),
    }
}

pub fn operator(n: u128) -> StreamId {
    stream(StreamKind::Operator, n)
}

/// An event with a new id.
pub fn event(stream: StreamId, type_name: &str, time: &str, data: &Value) -> Submission {
    named(&Uuid::now_v7().to_string(), stream, type_name, time, data)
}

pub fn named(id: &str, stream: StreamId, type_name: &str, time: &str, data: &Value) -> Submission {
    let event = json!({
        "specversion": "1.0", "id": id, "source": SOURCE, "type": type_name,
        "subject": stream.to_string(), "time": time, "data": data,
    });
    Submission::parse(event.to_string().as_bytes()).unwrap()
}

/// An operator says its name.
pub fn registered(n: u128, name: &str) -> Submission {
    registered_as(&Uuid::now_v7().to_string(), n, name)
}

pub fn registered_as(id: &str, n: u128, name: &str) -> Submission {
    let data = json!({ "siret": "35600000000048", "name": name, "commune": "76540" });
    named(
        id,
        operator(n),
        "operator.registered.v1",
        "2026-01-05T08:00:00Z",
        &data,
    )
}

/// An operator's contract ends that never began: always refused.
pub fn impossible(n: u128) -> Submission {
    let data = json!({ "contract": Uuid::from_u128(9) });
    event(
        operator(n),
        "operator.contract.ended.v1",
        "2026-01-06T08:00:00Z",
        &data,
    )
}

pub fn session_opened(n: u128, capacity: u32) -> Submission {
    let data = json!({
        "offer": Uuid::from_u128(1), "commune": "76540", "from": "2026-02-01", "to": "2026-06-30",
        "entry": "permanent", "capacity": capacity,
    });
    event(
        stream(StreamKind::Session, n),
        "session.opened.v1",
        "2026-01-02T08:00:00Z",
        &data,
    )
}

/// A person comes, and may enter: two events of a parcours.
pub fn eligible(n: u128) -> Vec<Submission> {
    let parcours = stream(StreamKind::Parcours, n);
    let oriented = json!({
        "trainee": Uuid::from_u128(n), "channel": "direct", "commune": "76540",
        "situation": "without_job", "needs": ["skills"], "level": 3,
    });
    let checked = json!({ "eligible": true, "reasons": [] });
    vec![
        event(
            parcours,
            "parcours.oriented.v1",
            "2026-01-03T08:00:00Z",
            &oriented,
        ),
        event(
            parcours,
            "parcours.eligibility.checked.v1",
            "2026-01-04T08:00:00Z",
            &checked,
        ),
    ]
}

/// A place in a session is asked for.
pub fn admitted(n: u128, session: u128) -> Submission {
    let data = json!({ "operator": "35600000000048", "session": Uuid::from_u128(session) });
    event(
        stream(StreamKind::Parcours, n),
        "parcours.admitted.v1",
        "2026-01-05T08:00:00Z",
        &data,
    )
}

/// An append that expects nothing.
pub fn append(submissions: impl IntoIterator<Item = Submission>) -> Append {
    Append {
        submissions: submissions.into_iter().collect(),
        expected: vec![],
        actor: "agent-7".into(),
        dry_run: false,
    }
}

/// Appends one event.
pub async fn one(log: &Log, submission: Submission) -> Result<Receipt, Rejection> {
    log.append(append([submission]))
        .await
        .map(|receipts| receipts[0].clone())
}

/// Checks what always holds of a log, and answers its records.
pub async fn sound(log: &Log) -> Vec<Record> {
    let entries = crate::place::all(log).await;
    let mut revisions = std::collections::HashMap::<StreamId, u64>::new();
    let mut keys = std::collections::HashSet::new();
    let mut records = Vec::<Record>::new();
    for (position, entry) in (0..).zip(&entries) {
        assert_eq!(entry.position, position, "positions have no gap");
        let record = Record::decode(position, &entry.bytes).unwrap();
        let revision = revisions.entry(entry.stream).or_default();
        *revision += 1;
        assert_eq!(
            (entry.revision, record.revision),
            (*revision, *revision),
            "revisions have no gap"
        );
        assert_eq!(record.event.stream, entry.stream);
        assert!(
            keys.insert(record.event.key.clone()),
            "{} stands once",
            record.event.key
        );
        if let Some(before) = records.last() {
            assert!(before.recorded <= record.recorded, "recorded times never go back");
        }
        records.push(record);
    }
    let head = log.head().await.unwrap();
    assert_eq!(
        head.root,
        crate::tree::root_of(&entries),
        "the stored frontier is that of the entries"
    );
    records
}
