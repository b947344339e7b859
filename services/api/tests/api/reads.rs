//! What is read back.

use crate::journey::{eligibility, event, orientation, up_to_start};
use crate::service::Service;
use parcours_http::Limits as RequestLimits;
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

#[test]
fn the_raw_history_has_every_event_as_it_was_sent() {
    let service = Service::start();
    let sent = up_to_start(ONE, "e");
    service.api.post_batch(&sent).must_be(200);
    let annulment = event(
        ONE,
        "undo",
        "2026-02-02",
        "event.annulled",
        json!({"event": {"id": "e6", "source": crate::journey::SENDER}, "reason": "never was"}),
    );
    service.api.post_event(&annulment).must_be(201);
    let page = service
        .api
        .get(&format!("/v1/parcours/{ONE}/events"))
        .must_be(200)
        .json();
    let events = page["events"].as_array().unwrap();
    assert_eq!(page["next"], Value::Null);
    assert_eq!(events.len(), 7);
    for (index, sent) in sent.iter().chain([&annulment]).enumerate() {
        let told = &events[index];
        // After the start stands what the log wrote with it.
        let position = index + usize::from(index > 5);
        assert_eq!(
            (&told["position"], &told["revision"]),
            (&json!(position), &json!(index + 1))
        );
        assert_eq!(
            (&told["data"], &told["id"], &told["time"]),
            (&sent["data"], &sent["id"], &sent["time"])
        );
    }
}

#[test]
fn a_history_is_paged_by_cursor() {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = service
            .api
            .get(&format!("/v1/parcours/{ONE}/events?limit=4{cursor}"))
            .must_be(200)
            .json();
        ids.extend(
            page["events"]
                .as_array()
                .unwrap()
                .iter()
                .map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids, ["e1", "e2", "e3", "e4", "e5", "e6"]);
    service
        .api
        .get(&format!("/v1/parcours/{ONE}/events?limit=0"))
        .must_be(400);
}

#[test]
fn a_parcours_is_told_as_it_was_known_at_any_moment() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let recorded = service.entries()[0]["recordedtime"].as_str().unwrap().to_owned();
    service.api.post_event(&eligibility(ONE, "b")).must_be(201);
    let steps = |as_of: &str| {
        service
            .api
            .get(&format!("/v1/parcours/{ONE}?as_of={as_of}"))
            .must_be(200)
            .json()["steps"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(steps("0"), 1);
    assert_eq!(steps("1"), 2);
    assert_eq!(steps(&recorded), 1);
    service
        .api
        .get(&format!("/v1/parcours/{ONE}?as_of=2020-01-01T00:00:00Z"))
        .must_be(404);
    for wrong in ["2", "yesterday", "2999-01-01T00:00:00Z"] {
        let problem = service
            .api
            .get(&format!("/v1/parcours/{ONE}?as_of={wrong}"))
            .must_be(400)
            .json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!("invalid-parameter"), &json!("as_of")),
            "{wrong}"
        );
    }
}

#[test]
fn who_gives_the_position_of_a_write_reads_that_write() {
    let service = Service::start();
    let mut position = String::new();
    for event in up_to_start(ONE, "e") {
        let answer = service.api.post_event(&event).must_be(201);
        position = answer.header("parcours-position").unwrap().to_owned();
    }
    let told = service
        .api
        .get(&format!("/v1/parcours/{ONE}?min_position={position}"))
        .must_be(200)
        .json();
    assert_eq!(told["steps"].as_array().unwrap().len(), 6);
    let figures = service
        .api
        .get(&format!(
            "/v1/territories/region/28?from=2026-01-01&to=2026-12-31&min_position={position}"
        ))
        .must_be(200)
        .json();
    assert_eq!(figures["figures"]["entries"], 1);
    service
        .api
        .get(&format!("/v1/catalogue?min_position={position}"))
        .must_be(200);
}

#[test]
fn a_read_does_not_wait_for_ever_for_a_view() {
    let mut service = Service::within(RequestLimits {
        view: Duration::from_millis(100),
        ..RequestLimits::default()
    });
    service.stop_the_projector();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    for path in [
        format!("/v1/parcours/{ONE}"),
        "/v1/catalogue".into(),
        "/v1/territories/region/28".into(),
    ] {
        let answer = service.api.get(&format!("{path}?min_position=0")).must_be(503);
        assert_eq!(
            (&answer.json()["code"], &answer.json()["checkpoint"]),
            (&json!("view-behind"), &json!(0)),
            "{path}"
        );
        assert!(answer.header("retry-after").is_some());
    }
    let beyond = service.api.get("/v1/catalogue?min_position=1").must_be(503);
    let told = beyond.json()["detail"].as_str().unwrap().to_owned();
    assert!(told.contains("There is nothing at position 1 yet"), "{told}");
    let nothing_asked = service.api.get("/v1/catalogue?text=%22").must_be(400);
    assert_eq!(nothing_asked.json()["field"], "text");
    // The log itself is never behind, but nothing is there yet.
    service
        .api
        .get(&format!("/v1/parcours/{ONE}/events?min_position=0"))
        .must_be(200);
    service
        .api
        .get(&format!("/v1/parcours/{ONE}/events?min_position=1"))
        .must_be(503);
}

#[test]
fn a_timeline_has_the_revision_as_its_tag() {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let address = format!("/v1/parcours/{ONE}?min_position=5");
    let told = service.api.get(&address).must_be(200);
    assert_eq!(told.header("etag"), Some("\"6\""));
    service
        .api
        .get_with(&address, &[("if-none-match", "\"6\"")])
        .must_be(304);
    service
        .api
        .get_with(&address, &[("if-none-match", "\"5\"")])
        .must_be(200);
}

#[test]
fn what_is_told_now_is_what_is_told_as_of_the_last_event() {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let now = service
        .api
        .get(&format!("/v1/parcours/{ONE}?min_position=5"))
        .must_be(200);
    let then = service
        .api
        .get(&format!("/v1/parcours/{ONE}?as_of=5"))
        .must_be(200);
    assert_eq!(now.text(), then.text());
}

#[test]
fn an_unknown_parcours_is_not_found() {
    let service = Service::start();
    for path in ["", "/events", "?as_of=2026-01-01T00:00:00Z"] {
        assert_eq!(
            service
                .api
                .get(&format!("/v1/parcours/{ONE}{path}"))
                .must_be(404)
                .json()["code"],
            "unknown-parcours"
        );
    }
    assert_eq!(
        service.api.get("/v1/parcours/nobody").must_be(400).json()["code"],
        "invalid-parameter"
    );
}
