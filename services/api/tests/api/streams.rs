//! Events in a stream of lines.

use crate::journey::{eligibility, orientation, premature_start};
use crate::raw::Raw;
use crate::service::Service;
use parcours_api::{Limits, Pace};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);

fn lines(events: impl IntoIterator<Item = Value>) -> String {
    events.into_iter().map(|event| format!("{event}\n")).collect()
}

/// As many first events of as many parcours.
fn orientations(range: std::ops::Range<u128>) -> String {
    lines(range.map(|number| orientation(Uuid::from_u128(number), &format!("o{number}"))))
}

#[test]
fn a_bad_line_is_told_by_its_number_and_stops_no_good_one() {
    let service = Service::start();
    let stream = format!(
        "{}\n\nnot JSON\n{}\r\n  \n{}",
        orientation(ONE, "a"),
        premature_start(Uuid::from_u128(2), "b"),
        eligibility(ONE, "c"),
    );
    let answer = service.api.post_stream(stream.as_bytes()).must_be(200);
    assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
    let results = answer.json_lines();
    let told: Vec<_> = results
        .iter()
        .map(|result| (result["status"].as_str().unwrap(), &result["problem"]["line"]))
        .collect();
    assert_eq!(
        told,
        [
            ("recorded", &Value::Null),
            ("refused", &json!(3)),
            ("refused", &json!(4)),
            ("recorded", &Value::Null)
        ]
    );
    assert_eq!(results[1]["problem"]["code"], "malformed-json");
    assert_eq!(results[2]["problem"]["code"], "orientation-first");
    assert_eq!(results[3]["revision"], 2);
}

#[test]
fn a_long_stream_is_decided_in_order_with_one_result_a_line() {
    let service = Service::with(Limits {
        group: 100,
        ..Limits::default()
    });
    let results = service
        .api
        .post_stream(orientations(0..2_500).as_bytes())
        .must_be(200)
        .json_lines();
    assert_eq!(results.len(), 2_500);
    for (index, result) in results.iter().enumerate() {
        assert_eq!(
            (&result["id"], &result["position"]),
            (&json!(format!("o{index}")), &json!(index))
        );
    }
}

#[test]
fn results_come_while_the_stream_is_still_sent() {
    let service = Service::start();
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    raw.send_chunk(&lines([orientation(ONE, "a")]));
    assert!(raw.head().starts_with("HTTP/1.1 200"));
    let first: Value = serde_json::from_str(&raw.chunk().unwrap()).unwrap();
    assert_eq!(
        (&first["id"], &first["status"]),
        (&json!("a"), &json!("recorded"))
    );
    raw.send_chunk(&lines([eligibility(ONE, "b")]));
    raw.end_stream();
    let rest = raw.lines();
    assert_eq!(rest.len(), 1);
    assert_eq!(rest[0]["revision"], 2);
}

/// Twenty megabytes, each way, are more than the buffers between two sockets hold: a service that wants its results
/// read while it reads would wait for this client for ever, and this client for it.
#[test]
fn a_client_that_reads_only_at_the_end_is_served_as_well() {
    let service = Service::start();
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    for _ in 0..60 {
        raw.send_chunk(&format!("{}\n", "?".repeat(400)).repeat(1_000));
    }
    raw.send_chunk(&lines([orientation(ONE, "a")]));
    raw.end_stream();
    raw.head();
    let results = raw.lines();
    assert_eq!(results.len(), 60_001);
    assert_eq!(results[59_999]["problem"]["line"], 60_000);
    assert_eq!(results[60_000]["status"], "recorded");
}

#[test]
fn part_of_a_line_is_no_event_when_the_stream_breaks_off() {
    let service = Service::with(Limits {
        pace: Pace {
            rate: 1,
            pause: Duration::from_millis(300),
        },
        ..Limits::default()
    });
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    raw.send_chunk(&lines([orientation(ONE, "a")]));
    // All of the event but its line feed: it could go on.
    raw.send_chunk(&eligibility(ONE, "b").to_string());
    raw.head();
    let results = raw.lines();
    assert_eq!(results.len(), 2);
    assert_eq!(results[0]["status"], "recorded");
    assert_eq!(
        (&results[1]["problem"]["code"], &results[1]["problem"]["line"]),
        (&json!("not-read"), &json!(2))
    );
    assert_eq!(service.entries().len(), 1);
}

#[test]
fn a_line_that_is_too_long_is_told_and_passed_over() {
    let service = Service::with(Limits {
        line: 2_000,
        ..Limits::default()
    });
    let stream = format!(
        "{}\n{}\n{}\n",
        orientation(ONE, "a"),
        "x".repeat(1_000_000),
        eligibility(ONE, "b")
    );
    let results = service
        .api
        .post_stream(stream.as_bytes())
        .must_be(200)
        .json_lines();
    let problem = &results[1]["problem"];
    assert_eq!(
        (&problem["code"], &problem["line"], &problem["limit"]),
        (&json!("line-too-long"), &json!(2), &json!(2_000))
    );
    assert_eq!(results[2]["status"], "recorded");
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_length_of_a_stream() {
    let resident = || -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let service = Service::start();
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    let piece = format!("{}\n", "?".repeat(100_000)).repeat(10);
    raw.send_chunk(&piece);
    raw.head();
    let (before, mut most) = (resident(), 0);
    for _ in 0..300 {
        raw.send_chunk(&piece);
        most = most.max(resident());
    }
    raw.end_stream();
    assert_eq!(raw.lines().len(), 3_010);
    let grown = most.saturating_sub(before) / 1024;
    assert!(grown < 60, "{grown} MiB more in memory for 300 MB of body");
}

#[test]
fn a_sender_that_asks_first_is_told_to_go_on() {
    let service = Service::start();
    for packed in ["", "content-encoding: gzip\r\n"] {
        let mut raw = Raw::connect(service.address);
        raw.send(&format!(
            "POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/x-ndjson\r\n{packed}expect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
        ));
        assert!(raw.head().starts_with("HTTP/1.1 100"), "{packed}");
        assert!(raw.head().starts_with("HTTP/1.1 200"), "{packed}");
    }
}

#[test]
fn a_stream_that_breaks_off_says_nothing_of_gzip() {
    let service = Service::start();
    for content_type in ["application/x-ndjson", "application/json"] {
        let mut raw = Raw::connect(service.address);
        raw.send(&format!(
            "POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: {content_type}\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
        ));
        let told = raw.rest();
        assert!(
            told.contains("broke off") && !told.contains("gzip"),
            "{content_type}: {told}"
        );
    }
}
