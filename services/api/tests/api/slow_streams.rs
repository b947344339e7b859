//! Streams whose senders pause, dribble, or are too many.

use crate::journey::orientation;
use crate::raw::Raw;
use crate::service::Service;
use parcours_api::{Limits, Pace};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

fn line(number: u128) -> String {
    format!(
        "{}\n",
        orientation(Uuid::from_u128(number), &format!("e{number}"))
    )
}

/// A stream of which one line is decided and answered, and part of the next has come.
fn begun(service: &Service, number: u128) -> Raw {
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    raw.send_chunk(&line(number));
    raw.head();
    let told: Value = serde_json::from_str(&raw.chunk().unwrap()).unwrap();
    assert_eq!(told["status"], "recorded");
    raw.send_chunk("{");
    raw
}

fn of_one_client(streams: usize) -> Limits {
    Limits {
        streams: 2 * streams,
        groups: 1,
        ..Limits::default()
    }
}

#[test]
fn streams_that_wait_for_their_senders_keep_no_other_waiting() {
    let service = Service::with(of_one_client(12));
    let slow: Vec<Raw> = (0..8).map(|number| begun(&service, number)).collect();
    let many: String = (100..1_300).map(line).collect();
    let results = service.api.post_stream(many.as_bytes()).must_be(200).json_lines();
    assert_eq!(results.len(), 1_200);
    assert!(results.iter().all(|result| result["status"] == "recorded"));
    assert_eq!(slow.len(), 8, "all of them are still open");
}

#[test]
fn one_stream_too_many_takes_the_place_of_the_one_that_has_waited_longest() {
    let service = Service::with(of_one_client(2));
    let mut first = begun(&service, 1);
    let mut second = begun(&service, 2);
    service.api.post_stream(line(3).as_bytes()).must_be(200);
    let told = first.lines();
    assert_eq!(
        (&told[0]["problem"]["code"], &told[0]["problem"]["line"]),
        (&json!("not-read"), &json!(2))
    );
    second.send_chunk("}\n");
    second.end_stream();
    assert_eq!(second.lines()[0]["problem"]["status"], 400, "it went on");
}

#[test]
fn a_sender_may_pause_between_lines_for_longer_than_within_one() {
    let service = Service::with(Limits {
        pace: Pace {
            rate: 1_024,
            pause: Duration::from_millis(100),
        },
        ..Limits::default()
    });
    let mut patient = Raw::connect(service.address);
    patient.begin_stream();
    patient.send_chunk(&line(1));
    patient.head();
    patient.chunk();
    // The other has come later, and is over the pace by now.
    let mut slow = begun(&service, 2);
    let told = slow.lines();
    let problem = &told[0]["problem"];
    assert_eq!(
        (&problem["code"], &problem["line"]),
        (&json!("not-read"), &json!(2))
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("1024 bytes a second"),
        "{problem}"
    );
    patient.send_chunk(&line(3));
    patient.end_stream();
    assert_eq!(patient.lines()[0]["status"], "recorded");
}

#[test]
fn a_stream_that_is_quiet_for_too_long_is_told_where_to_go_on() {
    let service = Service::with(Limits {
        quiet: Duration::from_millis(200),
        ..Limits::default()
    });
    let mut raw = Raw::connect(service.address);
    raw.begin_stream();
    raw.send_chunk(&line(1));
    raw.head();
    let told = raw.lines();
    assert_eq!(told[0]["status"], "recorded");
    assert_eq!(
        (&told[1]["problem"]["code"], &told[1]["problem"]["line"]),
        (&json!("not-read"), &json!(2))
    );
}
