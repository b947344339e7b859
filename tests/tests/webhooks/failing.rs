//! Receivers that are down, slow, or answer anything but well.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use parcours_tests::receiver::Answer;
use parcours_tests::{Receiver, Service, on_both_databases, wait_until};
use serde_json::json;

use super::*;

/// Allows calls to this machine, and has failures tried again after so long.
fn schedule(pauses: &'static str) -> [&'static str; 4] {
    [
        "--webhooks-allow",
        "127.0.0.0/8,::1",
        "--webhooks-schedule",
        pauses,
    ]
}

on_both_databases! {
    fn health_tells_how_the_calls_go_and_the_service_stays_ready(database: Database) {
        let receiver = Receiver::start();
        receiver.answers(|_| Answer::Status(500));
        declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        record(&api, &journey());
        wait_until("it is told that calls fail", Duration::from_secs(20), || {
            let health = health(&api, "rouen");
            health["healthy"] == false && health["detail"] == "answered 500 Internal Server Error"
        });
        receiver.answers(|_| Answer::Status(200));
        let last = api.wait_for_views() - 1;
        wait_until("it is told that all is delivered", Duration::from_secs(20), || {
            let health = health(&api, "rouen");
            health["healthy"] == true && health["position"] == last && health["detail"].is_null()
        });
        // The other process takes over when this one dies.
        let other = Service::start_with(&database, QUICK);
        wait_until("it is told who calls", Duration::from_secs(20), || {
            health(&other.api(), "rouen")["detail"] == "another process calls"
        });
    }

    fn each_person_is_told_of_in_order_however_often_calls_fail(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        // Each message is refused as often as the first byte of its id says, 0 to 3 times, in several ways.
        let seen: Mutex<BTreeMap<String, usize>> = Mutex::default();
        receiver.answers(move |call| {
            let mut seen = seen.lock().unwrap();
            let times = seen.entry(call.id().to_owned()).or_default();
            *times += 1;
            match (*times > usize::from(call.id().as_bytes()[0] % 4), *times) {
                (true, _) => Answer::Status(200),
                (false, 1) => Answer::Status(500),
                (false, 2) => Answer::Nothing,
                (false, _) => Answer::Status(404),
            }
        });
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        let everybody: Vec<_> = (0..12).map(|_| journey()).collect();
        // All first steps, then all second ones: everybody's messages are among everybody else's.
        for step in 0..everybody[0].len() {
            let events: Vec<_> = everybody.iter().map(|events| events[step].clone()).collect();
            record(&api, &events);
        }
        let calls = wait_for_all(&receiver, &partner, &api);
        let listed = partner.outcomes(&api, "");
        assert_eq!(calls.len(), 48);
        assert_eq!(by_subject(&messages(&calls)), by_subject(&listed));
        // No call for a message before the one before it was accepted.
        let mut accepted: BTreeSet<String> = BTreeSet::new();
        let orders = by_subject(&listed);
        for call in receiver.calls() {
            let message = call.message();
            let before = orders[&subject(&message)].iter().take_while(|one| **one != message);
            for one in before {
                assert!(accepted.contains(one["id"].as_str().unwrap()), "{message} before {one}");
            }
            if call.is_accepted() {
                accepted.insert(call.id().to_owned());
            }
        }
        let failures = receiver.calls().len() - calls.len();
        assert!(failures >= 12, "only {failures} failures");
    }

    fn whoever_waits_holds_up_nobody_else(database: Database) {
        let receiver = Receiver::start();
        declare_webhook(&database, "rouen", &receiver.url());
        let refused: Mutex<Option<String>> = Mutex::default();
        receiver.answers(move |call| {
            let subject = subject(&call.message());
            let mut refused = refused.lock().unwrap();
            match *refused.get_or_insert(subject.clone()) == subject {
                true => Answer::Status(500),
                false => Answer::Status(200),
            }
        });
        let service = Service::start_with(&database, schedule("1h"));
        let api = service.api();
        for _ in 0..6 {
            record(&api, &journey());
        }
        receiver.wait_for_accepted(20);
        let refused: Vec<_> = receiver.calls().into_iter().filter(|call| !call.is_accepted()).collect();
        assert_eq!(refused.len(), 1, "the later messages of this person wait, too");
        let standing = wait_for_standing(&database, "one waits", |standing| standing["waiting"] == 1 && standing["failure"].is_string());
        assert_eq!((&standing["dead"], &standing["failure"]), (&json!(0), &json!("answered 500 Internal Server Error")));
        let waiting = webhooks_json(&database, &["show", "rouen"])["waiting"].clone();
        assert_eq!(waiting.as_array().unwrap().len(), 1);
        assert_eq!((&waiting[0]["id"], &waiting[0]["attempts"]), (&json!(refused[0].id()), &json!(1)));
        wait_until("it is counted", Duration::from_secs(20), || {
            api.get("/metrics").text().contains("parcours_webhook_waiting{partner=\"rouen\"} 1")
        });
    }

    fn a_receiver_that_was_down_is_told_everything_when_it_is_back(database: Database) {
        let receiver = Receiver::start();
        let (address, url) = (receiver.address(), receiver.url());
        drop(receiver);
        let partner = declare_webhook(&database, "rouen", &url);
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        let everybody: Vec<_> = (0..8).map(|_| journey()).collect();
        for events in &everybody[..4] {
            record(&api, events);
        }
        let standing = wait_for_standing(&database, "four wait", |standing| standing["waiting"] == 4 && standing["failure"].is_string());
        assert_eq!(standing["state"], "failing");
        assert!(standing["failure"].as_str().unwrap().contains("refused"), "{standing}");
        // Its state outlives the service.
        assert!(service.stop().success());
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        let receiver = Receiver::at(address);
        for events in &everybody[4..] {
            record(&api, events);
        }
        let calls = wait_for_all(&receiver, &partner, &api);
        assert_eq!(calls.len(), 32);
        assert_eq!(by_subject(&messages(&calls)), by_subject(&partner.outcomes(&api, "")));
        wait_for_standing(&database, "nobody waits", |standing| standing["waiting"] == 0);
    }

    fn when_somebody_answers_again_those_who_waited_for_that_are_told_at_once(database: Database) {
        let receiver = Receiver::start();
        let (address, url) = (receiver.address(), receiver.url());
        drop(receiver);
        let partner = declare_webhook(&database, "rouen", &url);
        let service = Service::start_with(&database, schedule("1h"));
        let api = service.api();
        for _ in 0..3 {
            record(&api, &journey());
        }
        wait_for_standing(&database, "three wait", |standing| standing["waiting"] == 3);
        let receiver = Receiver::at(address);
        record(&api, &journey());
        assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 16);
    }

    fn a_slow_receiver_slows_no_append_and_no_other_partner(database: Database) {
        let (slow, quick) = (Receiver::start(), Receiver::start());
        let partner = declare_webhook(&database, "slow", &slow.url());
        declare_webhook(&database, "quick", &quick.url());
        slow.answers(|_| Answer::Held);
        let service = Service::start_with(&database, [QUICK, &["--webhooks-timeout", "400ms"]].concat());
        let api = service.api();
        for _ in 0..30 {
            record(&api, &journey());
        }
        quick.wait_for_accepted(120);
        wait_until("calls to the slow one are given up", Duration::from_secs(20), || {
            let list = webhooks_json(&database, &["list"]);
            let slow = list.as_array().unwrap().iter().find(|standing| standing["partner"] == "slow").unwrap();
            slow["failure"].as_str().is_some_and(|failure| failure.contains("no answer within 400ms"))
        });
        assert!(slow.accepted().is_empty());
        slow.answers(|_| Answer::Status(200));
        let calls = wait_for_all(&slow, &partner, &api);
        assert_eq!(by_subject(&messages(&calls)), by_subject(&partner.outcomes(&api, "")));
    }

    fn a_receiver_that_wants_no_more_is_not_called_until_it_is_enabled(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        receiver.answers(|_| Answer::Status(410));
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        record(&api, &agreed().1);
        let standing = wait_for_standing(&database, "it is disabled", |standing| standing["state"] == "disabled");
        assert!(standing["disabled"].is_string());
        assert!(service.stop().success());
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        record(&api, &journey());
        // The next look at what was ordered finds it disabled still.
        wait_until("it is seen to be disabled", Duration::from_secs(20), || {
            api.get("/metrics").text().contains("parcours_webhook_disabled{partner=\"rouen\"} 1")
        });
        assert_eq!(receiver.calls().len(), 1);
        receiver.answers(|_| Answer::Status(204));
        let said = webhooks(&database, &["enable", "rouen"]).succeeded();
        assert!(said.contains("rouen"), "{said}");
        assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 5);
        assert_eq!(webhooks_json(&database, &["list"])[0]["state"], "delivering");
    }
}

#[test]
fn garbage_is_no_acceptance_and_a_redirect_is_not_followed() {
    let database = Database::sqlite();
    let (receiver, elsewhere) = (Receiver::start(), Receiver::start());
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    let target = elsewhere.url();
    let answers = [
        Answer::Bytes(b"\x16\x03\x01 what?\r\n\r\n".to_vec()),
        Answer::Bytes(b"200 OK\r\n\r\n".to_vec()),
        Answer::Bytes(format!("HTTP/1.1 200 OK\r\nx-long: {}\r\n\r\n", "x".repeat(1 << 20)).into_bytes()),
        Answer::Bytes(Vec::new()),
        Answer::With(301, "location", target.clone()),
        Answer::With(307, "location", target),
        Answer::Status(304),
        Answer::Status(100),
    ];
    let count = answers.len();
    let next = Mutex::new(answers.into_iter());
    receiver.answers(move |_| next.lock().unwrap().next().unwrap_or(Answer::Status(202)));
    let service = Service::start_with(&database, [QUICK, &["--webhooks-timeout", "2s"]].concat());
    let api = service.api();
    record(&api, &agreed().1);
    assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 1);
    assert_eq!(receiver.calls().len(), count + 1);
    let ids: BTreeSet<_> = receiver.calls().iter().map(|call| call.id().to_owned()).collect();
    assert_eq!(ids.len(), 1, "one message under one id");
    assert_eq!(elsewhere.connections(), 0);
}

#[test]
fn a_body_that_never_ends_is_not_read() {
    let database = Database::sqlite();
    let receiver = Receiver::start();
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    receiver.answers(|_| Answer::Endless);
    let service = Service::start_with(&database, QUICK);
    let api = service.api();
    for _ in 0..4 {
        record(&api, &agreed().1);
    }
    assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 4);
    wait_for_standing(&database, "all are accepted", |standing| standing["waiting"] == 0);
    assert!(service.stop().success());
    // What the sockets hold, and what is read to see whether the end is near.
    let sent = receiver.sent();
    assert!(sent < 64 << 20, "{sent} bytes were taken");
}

#[test]
fn a_receiver_is_left_alone_for_as_long_as_it_asks_within_bounds() {
    let database = Database::sqlite();
    let receiver = Receiver::start();
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    let asked = Mutex::new(["1", "86400", "86400"].into_iter());
    receiver.answers(move |_| match asked.lock().unwrap().next() {
        Some(seconds) => Answer::With(503, "retry-after", seconds.to_owned()),
        None => Answer::Status(200),
    });
    let service = Service::start_with(&database, schedule("10ms,10ms,10ms,2s"));
    let api = service.api();
    record(&api, &agreed().1);
    receiver.wait_for_calls(1);
    let began = Instant::now();
    record(&api, &agreed().1);
    wait_for_all(&receiver, &partner, &api);
    let calls = receiver.calls();
    assert_eq!(calls.len(), 5);
    let pause = |after: usize, before: usize| calls[after].at - calls[before].at;
    assert!(
        pause(1, 0) >= Duration::from_secs(1),
        "nobody's message is sent meanwhile"
    );
    assert!(pause(3, 2) >= Duration::from_secs(2), "so long at most");
    assert!(began.elapsed() < Duration::from_secs(30));
}
