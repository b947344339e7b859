//! Messages reach whoever can only receive calls.

use std::collections::BTreeSet;
use std::thread;
use std::time::Duration;

use parcours_tests::receiver::Answer;
use parcours_tests::story::training;
use parcours_tests::{Receiver, Service, Story, declare, on_both_databases, wait_until};
use serde_json::json;

use super::*;

on_both_databases! {
    fn what_a_partner_reads_is_what_it_is_called_with(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        record(&api, &training(3).events);
        for _ in 0..5 {
            record(&api, &journey());
        }
        let listed = partner.outcomes(&api, "");
        assert_eq!(listed.len(), 21);
        let calls = wait_for_all(&receiver, &partner, &api);
        assert_eq!(calls.len(), listed.len(), "each once, as long as nobody dies");
        for call in &calls {
            let message = call.message();
            assert!(listed.contains(&message), "{message}");
            assert_eq!(message["id"], call.id());
            assert_eq!(call.header("content-type"), "application/cloudevents+json");
            assert_eq!(call.path, "/outcomes");
        }
        assert_eq!(by_subject(&messages(&calls)), by_subject(&listed));
        let standing = wait_for_standing(&database, "all is accepted", |standing| standing["accepted"].is_string());
        assert_eq!(standing["state"], "delivering");
        assert_eq!((&standing["waiting"], &standing["dead"]), (&json!(0), &json!(0)));
        let counted = api.get("/metrics").text();
        assert!(
            counted.contains("parcours_webhook_attempts_total{partner=\"rouen\",result=\"accepted\"} 21"),
            "{counted}"
        );
    }

    fn who_is_to_be_told_what_is_new_is_not_told_what_was(database: Database) {
        let service = Service::start(&database);
        record(&service.api(), &journey());
        assert!(service.stop().success());
        let receiver = Receiver::start();
        let partner = ["--territory", "region/28", "--webhook", &receiver.url(), "--webhook-from-now"];
        let partner = declare(&database, "rouen", &partner);
        let service = Service::start_with(&database, QUICK);
        wait_for_standing(&database, "it is to be called", |standing| standing["state"] == "delivering");
        record(&service.api(), &journey());
        let known = partner.outcomes(&service.api(), "");
        assert_eq!(known.len(), 8);
        assert_eq!(messages(&receiver.wait_for_accepted(4)), known[4..]);
        assert!(service.stop().success());
        // The next service goes on there.
        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &journey());
        receiver.wait_for_accepted(8);
        assert!(service.stop().success());
        assert_eq!(receiver.calls().len(), 8);
    }

    fn each_partner_is_called_with_what_is_its_own(database: Database) {
        let receivers = [Receiver::start(), Receiver::start()];
        let rouen = declare_webhook(&database, "rouen", &receivers[0].url());
        let jobs = ["--territory", "region/28", "--kind", "employment", "--webhook", &receivers[1].url()];
        let jobs = declare(&database, "jobs", &jobs);
        declare(&database, "reader", &["--territory", "region/28"]);
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        record(&api, &journey());
        assert_eq!(wait_for_all(&receivers[0], &rouen, &api).len(), 4);
        let calls = wait_for_all(&receivers[1], &jobs, &api);
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].message()["type"], "outcome.employment.started.v1");
        let subjects: BTreeSet<_> = receivers
            .iter()
            .map(|receiver| subject(&receiver.accepted()[0].message()))
            .collect();
        assert_eq!(subjects.len(), 2, "one person under two names");
    }

    fn a_service_that_stops_lets_its_calls_end_and_goes_on_after_them(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        receiver.answers(|_| Answer::Held);
        let service = Service::start_with(&database, QUICK);
        let host = service.address().strip_prefix("http://").unwrap().to_owned();
        record(&service.api(), &agreed().1);
        receiver.wait_for_calls(1);
        thread::scope(|scope| {
            let stopping = scope.spawn(|| service.stop());
            wait_until("the service accepts nothing more", Duration::from_secs(20), || {
                std::net::TcpStream::connect(&host).is_err()
            });
            receiver.release();
            assert!(stopping.join().unwrap().success());
        });
        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &agreed().1);
        let calls = wait_for_all(&receiver, &partner, &service.api());
        assert_eq!(calls.len(), 2, "what was accepted while it stopped did not come again");
    }

    fn of_two_services_one_calls_and_the_other_takes_over(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        let first = Service::start_with(&database, QUICK);
        record(&first.api(), &agreed().1);
        receiver.wait_for_accepted(1);
        let second = Service::start_with(&database, QUICK);
        let api = second.api();
        for _ in 0..20 {
            record(&api, &agreed().1);
        }
        let calls = wait_for_all(&receiver, &partner, &api);
        assert_eq!(calls.len(), 21, "nobody is called by both");
        wait_for_standing(&database, "the cursor is kept", |standing| {
            let cursor = standing["cursor"].as_str().map(str::to_owned);
            cursor.and_then(|cursor| cursor.split_once('-')?.0.parse().ok()).is_some_and(|reached: u64| reached + 1 >= api.log_size())
        });
        first.kill();
        for _ in 0..5 {
            record(&api, &agreed().1);
        }
        assert_eq!(wait_for_all(&receiver, &partner, &api).len(), 26);
    }

    fn whoever_asks_to_be_forgotten_is_not_told_of_any_more_though_it_waited(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        receiver.answers(|_| Answer::Status(500));
        let service = Service::start_with(&database, ["--webhooks-allow", "127.0.0.0/8,::1", "--webhooks-schedule", "1h"]);
        let api = service.api();
        let (mut withdrawn, events) = agreed();
        record(&api, &events);
        let (erased, mut events) = agreed();
        let mut trainee = Story::of("trainee", erased.trainee());
        events.insert(0, trainee.tell("2024-01-02", "registered", json!({})));
        record(&api, &events);
        receiver.wait_for_calls(2);
        record(&api, &[withdrawn.withdraws("2024-03-01"), trainee.tell("2024-03-01", "erased", json!({}))]);
        assert_eq!(receiver.calls().len(), 2, "a notice waits for what it is about");

        receiver.answers(|_| Answer::Status(200));
        webhooks(&database, &["enable", "rouen"]).succeeded();
        let told = messages(&wait_for_all(&receiver, &partner, &api));
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told.iter().all(|message| message["type"] == "outcome.forget.v1"), "{told:?}");
    }
}
