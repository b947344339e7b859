//! Bodies that come slowly, or not at all.

use crate::journey::{eligibility, orientation};
use crate::raw::Raw;
use crate::service::Service;
use parcours_api::{Limits, Pace};
use serde_json::json;
use std::time::{Duration, Instant};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
/// Less than any slow body is waited for.
const AT_ONCE: Duration = Duration::from_secs(10);

fn head(length: usize) -> String {
    format!(
        "POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
    )
}

/// A request of which the service has begun to read the body.
fn begun(service: &Service, length: usize) -> Raw {
    let mut raw = Raw::connect(service.address);
    raw.send(&format!("{}expect: 100-continue\r\n\r\n", head(length)));
    assert!(raw.head().starts_with("HTTP/1.1 100"));
    raw
}

#[test]
fn a_body_that_does_not_come_is_refused_and_its_connection_closed() {
    let service = Service::with(Limits {
        pace: Pace {
            rate: 1_024,
            pause: Duration::from_millis(200),
        },
        ..Limits::default()
    });
    let mut raw = Raw::connect(service.address);
    raw.send(&format!("{}\r\n{{", head(100)));
    let answer = raw.head();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("connection: close"), "{answer}");
    let problem = raw.rest();
    assert!(
        problem.contains(r#""code":"body-too-slow""#) && problem.contains("1024 bytes a second"),
        "{problem}"
    );
}

#[test]
fn a_body_has_its_time_at_whatever_pace_it_comes() {
    let service = Service::with(Limits {
        body_time: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut raw = begun(&service, 100);
    raw.send("{");
    assert!(raw.head().starts_with("HTTP/1.1 408"));
}

#[test]
fn announced_bodies_that_do_not_come_take_no_room() {
    let limits = Limits::default();
    let announced = limits.body;
    let service = Service::with(limits);
    let mut slow: Vec<Raw> = (0..8).map(|_| begun(&service, announced)).collect();
    slow.iter_mut().for_each(|raw| raw.send("["));
    let before = Instant::now();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    service.api.record(&[eligibility(ONE, "b")]);
    assert!(before.elapsed() < AT_ONCE);
}

#[test]
fn where_room_is_short_a_list_takes_it_from_a_slow_one_which_is_asked_to_come_back() {
    const BODY: usize = 1 << 20;
    let service = Service::with(Limits {
        body: BODY,
        bodies: BODY,
        brisk: Pace {
            rate: 64 << 10,
            pause: Duration::from_millis(100),
        },
        ..Limits::default()
    });
    let mut slow = begun(&service, BODY);
    slow.send(&" ".repeat(500 << 10));
    let blank = " ".repeat(700 << 10);
    let list = format!("[{blank}{}]", orientation(ONE, "a"));
    let before = Instant::now();
    let media = [("content-type", "application/cloudevents-batch+json")];
    service
        .api
        .post("/v1/events", &media, list.as_bytes())
        .must_be(200);
    assert!(before.elapsed() < AT_ONCE);
    let answer = slow.head();
    assert!(
        answer.starts_with("HTTP/1.1 503") && answer.contains("retry-after"),
        "{answer}"
    );
    assert_eq!(service.entries().len(), 1);
}

#[test]
fn an_event_takes_the_room_of_the_slowest() {
    const ROOM: usize = 256 << 10;
    let service = Service::with(Limits {
        body: ROOM,
        bodies: ROOM,
        ..Limits::default()
    });
    let mut slow: Vec<Raw> = (0..8).map(|_| begun(&service, 60 << 10)).collect();
    slow.iter_mut().for_each(|raw| raw.send(&" ".repeat(50 << 10)));
    let before = Instant::now();
    for number in 0..20 {
        let event = orientation(Uuid::from_u128(number), &format!("e{number}"));
        let padded = format!("{}{event}", " ".repeat(40 << 10));
        let media = [("content-type", "application/json")];
        service
            .api
            .post("/v1/events", &media, padded.as_bytes())
            .must_be(201);
    }
    assert!(before.elapsed() < AT_ONCE);
    assert_eq!(service.entries().len(), 20);
}

#[test]
fn slow_bodies_are_counted() {
    let service = Service::with(Limits {
        pace: Pace {
            rate: 1_024,
            pause: Duration::from_millis(200),
        },
        ..Limits::default()
    });
    begun(&service, 100).head();
    let text = service.api.get("/metrics").must_be(200).text();
    assert!(
        text.contains(r#"parcours_clients_cut_off_total{what="body"}"#),
        "{text}"
    );
    assert_eq!(json!(service.entries()), json!([]));
}
