//! One event at a time.

use crate::journey::{
    SENDER, eligibility, event, orientation, orientation_data, premature_start, up_to_start,
};
use crate::service::Service;
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

#[test]
fn an_event_is_recorded_and_answered_with_its_place() {
    let service = Service::start();
    let answer = service.api.post_event(&orientation(ONE, "a")).must_be(201);
    assert_eq!(
        answer.json(),
        json!({"id": "a", "status": "recorded", "position": 0, "revision": 1})
    );
    assert_eq!(answer.header("parcours-position"), Some("0"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    let second = service.api.post_event(&eligibility(ONE, "b")).must_be(201).json();
    assert_eq!(
        second,
        json!({"id": "b", "status": "recorded", "position": 1, "revision": 2})
    );
    assert_eq!(service.entries()[0]["actor"], "a test");
}

#[test]
fn the_same_event_again_is_answered_with_its_first_place() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    service.api.post_event(&eligibility(ONE, "b")).must_be(201);
    let again = service.api.post_event(&orientation(ONE, "a")).must_be(200);
    assert_eq!(
        again.json(),
        json!({"id": "a", "status": "duplicate", "position": 0, "revision": 1})
    );
    assert_eq!(service.entries().len(), 2);
}

#[test]
fn another_event_under_the_same_id_is_a_conflict() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let other = event(ONE, "a", "2026-01-05", "oriented", orientation_data(4));
    let answer = service.api.post_event(&other).must_be(409);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(
        (&problem["type"], &problem["code"]),
        (&json!("/problems/conflict"), &json!("conflict"))
    );
    assert_eq!((&problem["id"], &problem["position"]), (&json!("a"), &json!(0)));
}

#[test]
fn a_rule_refuses_by_its_code_in_both_languages() {
    let service = Service::start();
    let answer = service.api.post_event(&premature_start(ONE, "a")).must_be(422);
    let problem = answer.json();
    assert_eq!(problem["type"], "/problems/rule/orientation-first");
    assert_eq!(problem["code"], "orientation-first");
    assert_eq!((&problem["status"], &problem["id"]), (&json!(422), &json!("a")));
    assert_ne!(problem["detail"], problem["detail_fr"]);
    assert_eq!(answer.header("content-language"), Some("en"));

    let french = service
        .api
        .post_event_with(
            &premature_start(ONE, "a"),
            &[("accept-language", "fr-FR,fr;q=0.9")],
        )
        .must_be(422);
    assert_eq!(french.json()["detail"], problem["detail_fr"]);
    assert_eq!(french.header("content-language"), Some("fr"));
    assert_eq!(service.entries().len(), 0);
}

#[test]
fn a_rule_names_the_fact_that_stands_against_the_event() {
    let service = Service::start();
    for event in up_to_start(ONE, "e") {
        service.api.post_event(&event).must_be(201);
    }
    let twice = event(ONE, "again", "2026-02-02", "started", json!({}));
    let problem = service.api.post_event(&twice).must_be(422).json();
    assert_eq!(problem["code"], "start-once");
    assert_eq!(problem["conflicts_with"], json!({"source": SENDER, "id": "e6"}));
}

#[test]
fn a_malformed_event_is_told_where() {
    let service = Service::start();
    let mut invalid = orientation(ONE, "a");
    invalid["data"]["commune"] = json!("99999");
    let problem = service.api.post_event(&invalid).must_be(400).json();
    assert_eq!(problem["type"], "/problems/malformed-event");
    assert_eq!(
        (&problem["code"], &problem["field"], &problem["id"]),
        (&json!("invalid-data"), &json!("data.commune"), &json!("a"))
    );
    for (media, body, code) in [
        ("application/json", "{", "malformed-json"),
        ("application/json", "[", "malformed-body"),
        ("application/cloudevents+json", "[]", "malformed-json"),
        ("application/json", "{}", "missing-attribute"),
    ] {
        let headers = [("content-type", media)];
        let problem = service
            .api
            .post("/v1/events", &headers, body.as_bytes())
            .must_be(400)
            .json();
        assert_eq!(problem["code"], code, "{body}");
    }
}

#[test]
fn plain_json_is_one_event_or_a_list() {
    let service = Service::start();
    let media = [("content-type", "application/json")];
    let send = |body: Value, headers: &[(&str, &str)]| {
        let headers = [&media, headers].concat();
        service
            .api
            .post("/v1/events", &headers, body.to_string().as_bytes())
    };
    let (first, second) = (orientation(ONE, "a"), eligibility(ONE, "b"));
    assert_eq!(send(first.clone(), &[]).must_be(201).json()["status"], "recorded");
    let results = send(json!([first, second]), &[]).must_be(200).json();
    assert_eq!(
        (&results[0]["status"], &results[1]["status"]),
        (&json!("duplicate"), &json!("recorded"))
    );
    let problem = send(json!([first]), &[("if-match", "\"1\"")]).must_be(400).json();
    assert_eq!(problem["code"], "invalid-header", "a list has no one revision");
}

#[test]
fn an_expected_revision_that_is_not_the_stream_s_is_refused() {
    let service = Service::start();
    let first = |revision| {
        service
            .api
            .post_event_with(&orientation(ONE, "a"), &[("if-match", revision)])
    };
    let problem = first("\"3\"").must_be(412).json();
    assert_eq!(problem["type"], "/problems/wrong-revision");
    assert_eq!((&problem["expected"], &problem["actual"]), (&json!(3), &json!(0)));
    first("\"0\"").must_be(201);
    service
        .api
        .post_event_with(&eligibility(ONE, "b"), &[("if-none-match", "*")])
        .must_be(412);
    service
        .api
        .post_event_with(&eligibility(ONE, "b"), &[("if-match", "\"1\"")])
        .must_be(201);
}

#[test]
fn an_expectation_that_cannot_be_met_is_not_dropped_in_silence() {
    let service = Service::start();
    let unreadable = service
        .api
        .post_event_with(&orientation(ONE, "a"), &[("if-match", "3")])
        .must_be(400)
        .json();
    assert_eq!(
        (&unreadable["code"], &unreadable["field"]),
        (&json!("invalid-header"), &json!("if-match"))
    );
    for media in ["application/cloudevents-batch+json", "application/x-ndjson"] {
        service
            .api
            .post(
                "/v1/events",
                &[("content-type", media), ("if-match", "\"1\"")],
                b"",
            )
            .must_be(400);
    }
}

#[test]
fn the_binary_mode_says_the_same_as_the_structured_one() {
    let service = Service::start();
    let whole = orientation(ONE, "a");
    service.api.post_event(&whole).must_be(201);
    let text = |name: &str| whole[name].as_str().unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "%61"),
        ("ce-source", text("source")),
        ("ce-type", text("type")),
        ("ce-subject", text("subject")),
        ("ce-time", text("time")),
    ];
    let again = service
        .api
        .post("/v1/events", &headers, whole["data"].to_string().as_bytes())
        .must_be(200)
        .json();
    assert_eq!(again["status"], "duplicate");

    let without_id: Vec<_> = headers
        .iter()
        .copied()
        .filter(|(name, _)| *name != "ce-id")
        .collect();
    let problem = service
        .api
        .post("/v1/events", &without_id, b"{}")
        .must_be(400)
        .json();
    assert_eq!(problem["field"], "id");
}

#[test]
fn a_body_in_another_format_is_refused() {
    let service = Service::start();
    let body = orientation(ONE, "a").to_string();
    for headers in [
        vec![("content-type", "text/plain")],
        vec![("content-type", "application/cloudevents+json; charset=latin1")],
        vec![
            ("content-type", "application/cloudevents+json"),
            ("content-encoding", "br"),
        ],
    ] {
        let problem = service
            .api
            .post("/v1/events", &headers, body.as_bytes())
            .must_be(415)
            .json();
        assert_eq!(problem["code"], "unsupported-media-type");
    }
}

#[test]
fn an_unknown_parameter_is_refused_before_anything_is_recorded() {
    let service = Service::start();
    let body = orientation(ONE, "a").to_string();
    let headers = [("content-type", "application/cloudevents+json")];
    let problem: Value = service
        .api
        .post("/v1/events?colour=red", &headers, body.as_bytes())
        .must_be(400)
        .json();
    assert_eq!(
        (&problem["code"], &problem["field"]),
        (&json!("invalid-parameter"), &json!("colour"))
    );
    assert_eq!(service.entries().len(), 0);
}

#[test]
fn what_is_unlikely_is_recorded_with_a_remark_and_what_cannot_be_is_refused() {
    let service = Service::start();
    let oriented = |id: &str, born: u32| {
        let mut data = orientation_data(3);
        data["birth_year"] = json!(born);
        event(Uuid::now_v7(), id, "2026-01-05", "oriented", data)
    };
    let english = json!([{
        "field": "data.birth_year",
        "detail": "By the year of birth, the person is under 15 or over 75."
    }]);
    let child = oriented("child", 2020);
    let recorded = service.api.post_event(&child).must_be(201).json();
    assert_eq!(
        (&recorded["status"], &recorded["remarks"]),
        (&json!("recorded"), &english)
    );
    let again = service.api.post_event(&child).must_be(200).json();
    assert_eq!(
        (&again["status"], &again["remarks"]),
        (&json!("duplicate"), &english)
    );
    let french = service
        .api
        .post_event_with(&oriented("enfant", 2020), &[("accept-language", "fr")])
        .must_be(201)
        .json();
    assert_eq!(
        french["remarks"][0]["detail"],
        "D'après son année de naissance, la personne a moins de 15 ans ou plus de 75 ans."
    );
    let usual = service
        .api
        .post_event(&oriented("usual", 1990))
        .must_be(201)
        .json();
    assert!(usual.get("remarks").is_none());
    let refused = service
        .api
        .post_event(&oriented("ghost", 1850))
        .must_be(400)
        .json();
    assert_eq!(
        (&refused["code"], &refused["field"]),
        (&json!("invalid-data"), &json!("data.birth_year"))
    );
}
