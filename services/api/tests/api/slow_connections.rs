//! Connections on which nothing is asked, or slowly; and more of them than there are places for.

use crate::journey::orientation;
use crate::raw::Raw;
use crate::service::Service;
use parcours_http::Limits;
use std::time::Duration;
use uuid::Uuid;

const QUESTION: &str = "GET /health/live HTTP/1.1\r\nhost: test\r\n\r\n";

/// So many connections of one client.
fn of_one_client(connections: usize) -> Service {
    Service::within(Limits {
        connections: 2 * connections,
        ..Limits::default()
    })
}

fn is_answered(raw: &mut Raw) {
    raw.send(QUESTION);
    let head = raw.head();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
}

/// A request that is under way until its body comes.
fn begun(service: &Service, length: usize) -> Raw {
    let mut raw = Raw::connect(service.address);
    raw.send(&format!(
        "POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {length}\r\n\r\n"
    ));
    assert!(raw.head().starts_with("HTTP/1.1 100"));
    raw
}

#[test]
fn a_head_that_does_not_come_whole_is_refused_and_its_connection_closed() {
    let service = Service::within(Limits {
        head_time: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut first = Raw::connect(service.address);
    first.send("POST /v1/events HTTP/1.1\r\n");
    let mut second = Raw::connect(service.address);
    is_answered(&mut second);
    second.send("GET /health");
    for raw in [&mut first, &mut second] {
        let head = raw.head();
        assert!(
            head.starts_with("HTTP/1.1 408") && head.contains("connection: close"),
            "{head}"
        );
        let problem = raw.rest();
        assert!(problem.contains(r#""code":"head-too-slow""#), "{problem}");
    }
}

#[test]
fn a_connection_on_which_nothing_is_asked_is_closed_without_a_word() {
    let service = Service::within(Limits {
        idle_time: Duration::from_millis(200),
        head_time: Duration::from_millis(1),
        ..Limits::default()
    });
    let mut never = Raw::connect(service.address);
    let mut once = Raw::connect(service.address);
    is_answered(&mut once);
    assert!(never.is_ended(), "nothing was ever asked on it");
    assert!(once.is_ended(), "nothing else was asked on it");
}

#[test]
fn a_new_connection_takes_the_place_of_the_one_that_is_idle_longest() {
    let service = of_one_client(3);
    let mut silent = Raw::connect(service.address);
    let mut slow = Raw::connect(service.address);
    slow.send("GET /health/live HTTP/1.1\r\n");
    let mut used = Raw::connect(service.address);
    is_answered(&mut used);
    let mut fourth = Raw::connect(service.address);
    is_answered(&mut fourth);
    assert!(silent.is_ended());
    let mut fifth = Raw::connect(service.address);
    is_answered(&mut fifth);
    assert!(slow.is_ended(), "part of a head is no request under way");
    is_answered(&mut used);
    is_answered(&mut fourth);
    let mut sixth = Raw::connect(service.address);
    is_answered(&mut sixth);
    assert!(fifth.is_ended(), "the others were used since");
}

#[test]
fn a_request_under_way_keeps_its_connection_and_health_is_told_all_the_same() {
    let service = of_one_client(1);
    let event = orientation(Uuid::from_u128(1), "a");
    let mut under_way = begun(&service, event.to_string().len());
    for path in ["/health/live", "/health/ready", "/metrics"] {
        service.api.get(path).must_be(200);
    }
    let other = orientation(Uuid::from_u128(2), "b");
    let answer = service.api.post_event(&other).must_be(503);
    assert_eq!(answer.json()["code"], "busy");
    assert_eq!(answer.header("connection"), Some("close"));
    under_way.send(&event.to_string());
    assert!(under_way.head().starts_with("HTTP/1.1 201"));
    // It has been answered, and is idle.
    service.api.post_event(&other).must_be(201);
}

#[test]
fn a_connection_stays_with_its_client_from_one_request_to_the_next() {
    let service = of_one_client(1);
    let mut raw = Raw::connect(service.address);
    for _ in 0..3 {
        is_answered(&mut raw);
    }
}
