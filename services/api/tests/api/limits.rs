//! Too much, too long: each has its own error.

use crate::journey::{event, orientation};
use crate::raw::Raw;
use crate::service::Service;
use parcours_api::Limits;
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

/// An event with data of about so many bytes.
fn large(bytes: usize) -> serde_json::Value {
    event(
        ONE,
        "large",
        "2026-01-06",
        "eligibility.checked",
        json!({"eligible": true, "reasons": vec!["x".repeat(1_000); bytes / 1_003]}),
    )
}

#[test]
fn a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() {
    let service = Service::with(Limits {
        body: 10_000,
        ..Limits::default()
    });
    let problem = service.api.post_event(&large(20_000)).must_be(413).json();
    assert_eq!(
        (&problem["code"], &problem["limit"]),
        (&json!("body-too-large"), &json!(10_000))
    );

    let mut raw = Raw::connect(service.address);
    raw.send("POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n");
    raw.send_chunk(&"x".repeat(20_000));
    raw.end_stream();
    assert!(raw.head().starts_with("HTTP/1.1 413"));
}

#[test]
fn an_event_that_no_entry_can_hold_is_refused() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let problem = service.api.post_event(&large(70_000)).must_be(413).json();
    assert_eq!(
        (&problem["code"], &problem["limit"]),
        (&json!("event-too-large"), &json!(65_535))
    );
    let results = service.api.post_batch(&[large(70_000)]).must_be(200).json();
    assert_eq!(results[0]["problem"]["status"], 413);
    assert_eq!(service.entries().len(), 1);
}

#[test]
fn a_list_that_is_too_long_is_refused_whole() {
    let service = Service::with(Limits {
        batch: 2,
        ..Limits::default()
    });
    let events: Vec<_> = (0..3)
        .map(|number| orientation(Uuid::from_u128(number), &format!("e{number}")))
        .collect();
    let problem = service.api.post_batch(&events).must_be(413).json();
    assert_eq!(
        (&problem["code"], &problem["limit"]),
        (&json!("batch-too-long"), &json!(2))
    );
    assert_eq!(service.entries().len(), 0);
    service.api.post_batch(&events[..2]).must_be(200);
}

#[test]
fn a_log_that_does_not_answer_in_time_leaves_the_outcome_unknown_and_is_not_asked_again_for_the_same_list() {
    let service = Service::with(Limits {
        append: Duration::from_millis(200),
        group: 2,
        ..Limits::default()
    });
    let held = service.hold_the_log();
    let answer = service.api.post_event(&orientation(ONE, "a")).must_be(503);
    assert_eq!(answer.header("retry-after"), Some("1"));
    let problem = answer.json();
    assert_eq!(
        (&problem["type"], &problem["id"]),
        (&json!("/problems/outcome-unknown"), &json!("a"))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("never recorded twice"),
        "{problem}"
    );
    let events: Vec<_> = (2..5)
        .map(|number| orientation(Uuid::from_u128(number), &format!("e{number}")))
        .collect();
    let list = service.api.post_batch(&events).must_be(200).json();
    let codes = [0, 1, 2].map(|place: usize| list[place]["problem"]["code"].clone());
    assert_eq!(codes, ["outcome-unknown", "outcome-unknown", "log-unavailable"]);
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    let stream = service.api.post_stream(lines.join("\n").as_bytes()).must_be(200);
    assert_eq!(stream.json_lines()[0]["problem"]["code"], "outcome-unknown");
    let list = service
        .api
        .post(
            "/v1/events?atomic=true",
            &[("content-type", "application/cloudevents-batch+json")],
            json!(events).to_string().as_bytes(),
        )
        .must_be(200)
        .json();
    assert_eq!(list[0]["problem"]["code"], "outcome-unknown");
    drop(held);
}
