//! Events in a list.

use crate::journey::{eligibility, event, orientation, orientation_data, premature_start, up_to_start};
use crate::service::Service;
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
const LIST: [(&str, &str); 1] = [("content-type", "application/cloudevents-batch+json")];

fn statuses(results: &Value) -> Vec<&str> {
    results
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["status"].as_str().unwrap())
        .collect()
}

#[test]
fn the_events_of_a_list_are_decided_in_their_order() {
    let service = Service::start();
    let answer = service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let results = answer.json();
    let revisions: Vec<_> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["revision"].as_u64().unwrap())
        .collect();
    assert_eq!(revisions, [1, 2, 3, 4, 5, 6]);
    assert_eq!(answer.header("parcours-position"), Some("5"));

    let reversed: Vec<_> = up_to_start(TWO, "r").into_iter().rev().collect();
    let results = service.api.post_batch(&reversed).must_be(200).json();
    assert_eq!(
        statuses(&results),
        ["refused", "refused", "refused", "refused", "refused", "recorded"]
    );
}

#[test]
fn each_event_of_a_list_stands_for_itself() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let list = json!([
        orientation(ONE, "a"),
        premature_start(TWO, "b"),
        {"id": "c", "specversion": "1.0"},
        event(ONE, "a", "2026-01-05", "oriented", orientation_data(4)),
        17,
        eligibility(ONE, "d"),
    ]);
    let results = service
        .api
        .post("/v1/events", &LIST, list.to_string().as_bytes())
        .must_be(200)
        .json();
    assert_eq!(
        statuses(&results),
        [
            "duplicate",
            "refused",
            "refused",
            "refused",
            "refused",
            "recorded"
        ]
    );
    let told: Vec<_> = results
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (&result["id"], &result["problem"]["status"]))
        .collect();
    assert_eq!(
        told[1..5],
        [
            (&json!("b"), &json!(422)),
            (&json!("c"), &json!(400)),
            (&json!("a"), &json!(409)),
            (&Value::Null, &json!(400))
        ]
    );
    assert_eq!(results[5]["revision"], 2);
}

#[test]
fn an_empty_list_has_no_results_and_what_is_no_list_is_refused() {
    let service = Service::start();
    assert_eq!(
        service.api.post("/v1/events", &LIST, b"[]").must_be(200).json(),
        json!([])
    );
    for body in ["", "{}", "[", "[{}] and more"] {
        let problem = service
            .api
            .post("/v1/events", &LIST, body.as_bytes())
            .must_be(400)
            .json();
        assert_eq!(problem["code"], "malformed-body", "{body}");
    }
}
