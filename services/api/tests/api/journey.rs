//! Events of one trainee's journey, as a sender writes them.

use serde_json::{Value, json};
use uuid::Uuid;

pub const SENDER: &str = "urn:siret:19290076900014";

/// An event of a parcours, on a day.
pub fn event(parcours: Uuid, id: &str, day: &str, kind: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": SENDER, "type": format!("parcours.{kind}.v1"),
        "subject": format!("parcours/{parcours}"), "time": format!("{day}T10:00:00+01:00"),
        "datacontenttype": "application/json", "data": data,
    })
}

/// The first event of a parcours.
pub fn orientation(parcours: Uuid, id: &str) -> Value {
    event(parcours, id, "2026-01-05", "oriented", orientation_data(3))
}

pub fn orientation_data(level: u8) -> Value {
    json!({
        "trainee": Uuid::from_u128(0x7e), "channel": "counsellor", "commune": "76540",
        "situation": "without_job", "needs": ["skills"], "level": level
    })
}

/// The second.
pub fn eligibility(parcours: Uuid, id: &str) -> Value {
    event(
        parcours,
        id,
        "2026-01-06",
        "eligibility.checked",
        json!({"eligible": true, "reasons": []}),
    )
}

/// From orientation to the start: six events, ids from `prefix`1 on.
pub fn up_to_start(parcours: Uuid, prefix: &str) -> Vec<Value> {
    let operator = "19290076900014";
    vec![
        orientation(parcours, &format!("{prefix}1")),
        eligibility(parcours, &format!("{prefix}2")),
        event(
            parcours,
            &format!("{prefix}3"),
            "2026-01-07",
            "admitted",
            json!({"operator": operator}),
        ),
        event(
            parcours,
            &format!("{prefix}4"),
            "2026-01-08",
            "commitment.signed",
            json!({"contract_version": "2026"}),
        ),
        event(
            parcours,
            &format!("{prefix}5"),
            "2026-01-09",
            "referent.named",
            json!({"referent": Uuid::from_u128(1), "organisation": operator}),
        ),
        event(
            parcours,
            &format!("{prefix}6"),
            "2026-02-01",
            "started",
            json!({}),
        ),
    ]
}

/// Refused by a rule as the first event of a parcours: nobody starts before being oriented.
pub fn premature_start(parcours: Uuid, id: &str) -> Value {
    event(parcours, id, "2026-02-01", "started", json!({}))
}
