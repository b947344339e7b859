//! Lists that are one decision, and events that are only tried.

use crate::journey::{
    SENDER, eligibility, event, orientation, orientation_data, premature_start, up_to_start,
};
use crate::service::Service;
use parcours_tests::Answer;
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const TWO: Uuid = Uuid::from_u128(2);
const LIST: [(&str, &str); 1] = [("content-type", "application/cloudevents-batch+json")];
const ONE_EVENT: [(&str, &str); 1] = [("content-type", "application/cloudevents+json")];

fn list(service: &Service, query: &str, events: &[Value]) -> Answer {
    let body = json!(events).to_string();
    service
        .api
        .post(&format!("/v1/events?{query}"), &LIST, body.as_bytes())
}

/// Of each result the id, the status, and the code of the problem.
fn told(results: &Value) -> Vec<(String, String, Option<String>)> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    let result = |result: &Value| {
        let id = word(&result["id"]).unwrap_or_default();
        (
            id,
            word(&result["status"]).unwrap(),
            word(&result["problem"]["code"]),
        )
    };
    results.as_array().unwrap().iter().map(result).collect()
}

/// A month of training, then what was not told of it: an interruption, and its end.
fn interruption() -> Vec<Value> {
    vec![
        event(ONE, "back", "2026-02-20", "resumed", json!({})),
        event(
            ONE,
            "away",
            "2026-02-10",
            "suspended",
            json!({"reason": "health"}),
        ),
    ]
}

fn in_training() -> Service {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let module = json!({"domain": "french", "minutes": 60, "mode": "on_site"});
    service
        .api
        .post_event(&event(ONE, "module", "2026-02-25", "module.completed", module))
        .must_be(201);
    service
}

#[test]
fn facts_that_need_each_other_are_told_in_an_atomic_list() {
    let service = in_training();
    let alone = list(&service, "atomic=false", &interruption())
        .must_be(200)
        .json();
    assert!(
        told(&alone).iter().all(|(_, status, _)| status == "refused"),
        "{alone}"
    );
    let answer = list(&service, "atomic=true", &interruption()).must_be(200);
    assert_eq!(
        answer.json(),
        json!([
            {"id": "back", "status": "recorded", "position": 8, "revision": 8},
            {"id": "away", "status": "recorded", "position": 9, "revision": 9},
        ])
    );
    assert_eq!(answer.header("parcours-position"), Some("9"));
    let again = list(&service, "atomic=true", &interruption()).must_be(200).json();
    assert!(
        told(&again).iter().all(|(_, status, _)| status == "duplicate"),
        "{again}"
    );
}

#[test]
fn an_atomic_list_is_recorded_whole_or_not_at_all_and_says_what_stood_in_the_way() {
    let service = Service::start();
    let events = [
        orientation(ONE, "a"),
        premature_start(TWO, "b"),
        eligibility(ONE, "c"),
    ];
    let results = list(&service, "atomic=true", &events).must_be(200).json();
    let refused = "refused".to_owned();
    let with_others = Some("refused-with-others".to_owned());
    assert_eq!(
        told(&results),
        [
            ("a".into(), refused.clone(), with_others.clone()),
            ("b".into(), refused.clone(), Some("orientation-first".into())),
            ("c".into(), refused.clone(), with_others.clone()),
        ]
    );
    assert_eq!(results[0]["problem"]["status"], 424);
    assert!(
        results[0]["problem"]["detail"]
            .as_str()
            .unwrap()
            .contains("\"b\"")
    );
    let malformed = [orientation(ONE, "a"), json!({"id": "m", "specversion": "1.0"})];
    let results = list(&service, "atomic=true", &malformed).must_be(200).json();
    assert_eq!(
        told(&results),
        [
            ("a".into(), refused.clone(), with_others),
            ("m".into(), refused, Some("missing-attribute".into())),
        ]
    );
    assert_eq!(service.entries(), Vec::<Value>::new());
}

#[test]
fn what_is_tried_is_decided_and_not_recorded() {
    let service = Service::start();
    let path = "/v1/events?dry_run=true";
    let body = orientation(ONE, "a").to_string();
    let answer = service.api.post(path, &ONE_EVENT, body.as_bytes()).must_be(200);
    assert_eq!(answer.json(), json!({"id": "a", "status": "admitted"}));
    assert_eq!(answer.header("parcours-position"), None);
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let answer = service.api.post(path, &ONE_EVENT, body.as_bytes()).must_be(200);
    assert_eq!(answer.json()["status"], "duplicate");
    let events = [
        eligibility(ONE, "b"),
        event(ONE, "a", "2026-01-05", "oriented", orientation_data(4)),
    ];
    let results = list(&service, "dry_run=true", &events).must_be(200).json();
    assert_eq!(told(&results)[0], ("b".into(), "admitted".into(), None));
    assert_eq!(told(&results)[1].2.as_deref(), Some("conflict"));
    assert_eq!(service.entries().len(), 1);
}

#[test]
fn a_try_names_every_rule_that_is_broken() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let body = premature_start(ONE, "b").to_string();
    let french = [
        ("content-type", "application/cloudevents+json"),
        ("accept-language", "fr"),
    ];
    let problem = service
        .api
        .post("/v1/events?dry_run=true", &french, body.as_bytes())
        .must_be(422)
        .json();
    let broken = problem["broken"].as_array().unwrap();
    let codes: Vec<_> = broken.iter().map(|rule| rule["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["commitment-before-start", "referent-before-start"]);
    assert_eq!(problem["code"], codes[0]);
    assert_eq!(broken[1]["detail"], broken[1]["detail_fr"]);
    let recorded = service
        .api
        .post("/v1/events", &ONE_EVENT, body.as_bytes())
        .must_be(422)
        .json();
    assert_eq!(recorded["broken"], Value::Null, "only where all are asked for");
}

#[test]
fn a_correction_is_answered_with_the_one_it_supersedes() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let correction = |id: &str, level: u8| {
        let data = json!({"event": {"id": "a", "source": SENDER}, "data": orientation_data(level)});
        event(ONE, id, "2026-01-10", "event.corrected", data)
    };
    let first = service.api.post_event(&correction("c1", 4)).must_be(201).json();
    assert_eq!(first["supersedes"], Value::Null);
    let second = service.api.post_event(&correction("c2", 5)).must_be(201).json();
    assert_eq!(second["supersedes"], json!({"source": SENDER, "id": "c1"}));
}

#[test]
fn a_stream_is_no_single_decision() {
    let service = Service::start();
    let stream = [("content-type", "application/x-ndjson")];
    let problem = service
        .api
        .post("/v1/events?atomic=true", &stream, b"{}")
        .must_be(400)
        .json();
    assert_eq!(
        (&problem["code"], &problem["field"]),
        (&json!("invalid-parameter"), &json!("atomic"))
    );
    let lines = format!("{}\n", orientation(ONE, "a"));
    let answer = service
        .api
        .post("/v1/events?dry_run=true", &stream, lines.as_bytes())
        .must_be(200);
    assert_eq!(answer.text().trim(), r#"{"id":"a","status":"admitted"}"#);
    assert_eq!(service.entries(), Vec::<Value>::new());
}
