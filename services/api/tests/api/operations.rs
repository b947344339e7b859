//! What those who run the service look at.

use crate::journey::{orientation, premature_start};
use crate::raw::Raw;
use crate::service::Service;
use parcours_api::Limits;
use serde_json::json;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

#[test]
fn a_service_that_can_do_its_work_is_ready() {
    let service = Service::start();
    service.api.get("/health/live").must_be(200);
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let health = service.api.get("/health/ready").must_be(200).json();
    assert_eq!(health["ready"], true);
    assert_eq!(health["log"]["size"], 1);
}

#[test]
fn whoever_comes_with_nothing_but_the_address_is_told_what_this_is() {
    let service = Service::start();
    let told = service.api.get("/").must_be(200);
    assert_eq!(told.header("content-language"), Some("en"));
    let told = told.json();
    assert_eq!(told["service"], "Parcours");
    let links = told["links"].as_object().unwrap();
    assert!(
        links.len() > 5 && !links.contains_key("outcomes"),
        "what this process answers: {told}"
    );
    for link in links.values().filter_map(|link| link.as_str()) {
        if !link.contains('{') && link != "/v1/events" {
            service.api.get(link).must_be(200);
        }
    }
    let french = service
        .api
        .get_with("/", &[("accept-language", "fr-FR")])
        .must_be(200)
        .json();
    assert!(
        french["description"].as_str().unwrap().contains("organismes"),
        "{french}"
    );
}

#[test]
fn a_request_that_does_not_say_for_which_host_it_is_is_refused() {
    let service = Service::start();
    for hosts in ["", "host: a\r\nhost: b\r\n"] {
        let mut raw = Raw::connect(service.address);
        raw.send(&format!("GET /health/live HTTP/1.1\r\n{hosts}\r\n"));
        assert!(raw.head().starts_with("HTTP/1.1 400 "));
    }
    let mut old = Raw::connect(service.address);
    old.send("GET /health/live HTTP/1.0\r\n\r\n");
    assert!(old.head().starts_with("HTTP/1.0 200 "));
}

#[test]
fn events_refusals_and_latencies_are_counted() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    service
        .api
        .post_event(&premature_start(Uuid::from_u128(2), "b"))
        .must_be(422);
    let counted = service.api.get("/metrics").must_be(200);
    assert!(
        counted
            .header("content-type")
            .unwrap()
            .starts_with("text/plain; version=0.0.4")
    );
    let text = counted.text();
    for line in [
        "parcours_log_size ",
        "parcours_view_lag{view=\"timeline\"} ",
        "parcours_events_total{status=\"recorded\"} ",
        "parcours_refusals_total{code=\"orientation-first\"} ",
        "parcours_http_request_seconds_bucket{method=\"POST\",route=\"/v1/events\",status=\"422\",le=",
    ] {
        assert!(
            text.lines().any(|found| found.starts_with(line)),
            "{line:?} is not in\n{text}"
        );
    }
}

#[test]
fn a_service_whose_views_are_not_built_is_not_ready_and_says_so() {
    let service = Service::without_projector(Limits::default(), parcours_http::Limits::default());
    let health = service.api.get("/health/ready").must_be(503).json();
    assert_eq!(
        (&health["ready"], &health["log"]["reachable"]),
        (&json!(false), &json!(true))
    );
    let problems = health["problems"].as_array().unwrap();
    assert!(
        problems
            .iter()
            .any(|problem| problem.as_str().unwrap().contains("\"timeline\"")),
        "{health}"
    );
    service.api.get("/health/live").must_be(200);
    let unbuilt = service.api.get("/v1/catalogue").must_be(503).json();
    assert_eq!(unbuilt["code"], "view-unavailable");
}
