//! A graceful stop: what is under way is finished, what was acknowledged is in the log.

use crate::journey::{eligibility, orientation};
use crate::raw::Raw;
use crate::service::Service;
use parcours_http::{Limits as RequestLimits, Stopped};
use serde_json::json;
use std::net::TcpStream;
use std::time::Duration;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

#[test]
fn a_stream_under_way_is_answered_for_and_says_where_to_go_on() {
    let mut service = Service::start();
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    raw.send_chunk(&format!("{}\n{}\n", orientation(ONE, "a"), eligibility(ONE, "b")));
    raw.head();
    let mut told = raw.chunk().unwrap();
    service.begin_to_stop();
    while let Some(more) = raw.chunk() {
        told.push_str(&more);
    }
    let results: Vec<serde_json::Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(results.len(), 3);
    assert_eq!(results[1]["status"], "recorded");
    assert_eq!(
        (&results[2]["problem"]["code"], &results[2]["problem"]["line"]),
        (&json!("not-read"), &json!(3))
    );
    assert_eq!(service.stopped(), Stopped { cut_off: 0 });
    assert_eq!(service.entries().len(), 2);
}

#[test]
fn a_request_under_way_is_finished_and_no_new_one_is_taken() {
    let mut service = Service::start();
    let event = orientation(ONE, "a").to_string();
    let mut raw = Raw::connect(service.address);
    raw.send(&format!(
        "POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: {}\r\n\r\n",
        event.len()
    ));
    // The service has begun to read the body: the request is under way.
    assert!(raw.head().starts_with("HTTP/1.1 100"));
    service.begin_to_stop();
    parcours_tests::wait_until("the listener is closed", Duration::from_secs(10), || {
        TcpStream::connect(service.address).is_err()
    });
    raw.send(&event);
    assert!(raw.head().starts_with("HTTP/1.1 201"));
    assert_eq!(service.stopped(), Stopped { cut_off: 0 });
    assert_eq!(service.entries().len(), 1);
}

#[test]
fn a_request_that_never_ends_does_not_keep_the_service_from_stopping() {
    let mut service = Service::within(RequestLimits {
        stop: Duration::from_millis(200),
        ..RequestLimits::default()
    });
    let mut raw = Raw::connect(service.address);
    raw.send("POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n");
    raw.head();
    service.begin_to_stop();
    assert_eq!(service.stopped(), Stopped { cut_off: 1 });
}

#[test]
fn a_body_that_does_not_come_whole_is_told_to_be_sent_again() {
    let mut service = Service::start();
    let mut raw = Raw::connect(service.address);
    raw.send("POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\nexpect: 100-continue\r\ncontent-length: 10\r\n\r\n");
    assert!(raw.head().starts_with("HTTP/1.1 100"));
    raw.send("{");
    service.begin_to_stop();
    assert!(raw.head().starts_with("HTTP/1.1 503"));
    assert_eq!(service.stopped(), Stopped { cut_off: 0 });
}
