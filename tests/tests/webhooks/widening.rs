//! A partner that is declared to hear more, or less, than when it was called last.

use parcours_tests::receiver::Answer;
use parcours_tests::story::CAEN;
use parcours_tests::{Receiver, Service, declare_otherwise, on_both_databases};
use serde_json::json;

use super::*;

/// Somebody who lives in Caen, and agreed to be told of: one message.
fn in_caen() -> Vec<Value> {
    let mut story = Story::parcours();
    let person = Person {
        commune: CAEN,
        ..Person::default()
    };
    let mut events = story.enters("2024-02-05", &person);
    events.push(story.consents("2024-02-06"));
    events
}

on_both_databases! {
    fn whoever_may_hear_more_is_called_from_the_beginning_again_and_whoever_may_hear_less_is_not(database: Database) {
        let receiver = Receiver::start();
        let partner = declare(&database, "ouest", &["--territory", "departement/14", "--webhook", &receiver.url()]);
        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &journey());
        record(&service.api(), &in_caen());
        record(&service.api(), &in_caen());
        receiver.wait_for_accepted(2);
        assert!(service.stop().success());

        declare_otherwise(&database, "ouest", &["departement/14", "departement/76"]);
        // Some of it cannot be delivered at first, and waits.
        receiver.answers(|call| match call.message()["type"] == "outcome.exit.v1" {
            true => Answer::Status(500),
            false => Answer::Status(204),
        });
        let service = Service::start_with(&database, QUICK);
        receiver.wait_for_accepted(2 + 4);
        receiver.answers(|_| Answer::Status(204));
        let calls = wait_for_all(&receiver, &partner, &service.api());
        let listed = partner.outcomes(&service.api(), "");
        assert_eq!(listed.len(), 6);
        assert_eq!(calls.len(), 2 + 6, "each of them anew once");
        assert_eq!(by_subject(&messages(&calls)), by_subject(&listed));
        assert!(service.stop().success());

        // Once: neither the next start nor a narrower declaration has anybody called again.
        for territories in [&["departement/76", "departement/14"][..], &["departement/14"]] {
            declare_otherwise(&database, "ouest", territories);
            let service = Service::start_with(&database, QUICK);
            let before = receiver.accepted().len();
            record(&service.api(), &in_caen());
            receiver.wait_for_accepted(before + 1);
            assert!(service.stop().success());
            assert_eq!(receiver.accepted().len(), before + 1);
        }
        let standing = webhooks_json(&database, &["list"])[0].clone();
        assert_eq!((&standing["waiting"], &standing["dead"]), (&json!(0), &json!(0)));
    }

    fn whoever_was_spared_what_there_was_is_spared_it_in_a_new_territory_as_well(database: Database) {
        let receiver = Receiver::start();
        let options = ["--territory", "departement/14", "--webhook", &receiver.url(), "--webhook-from-now"];
        declare(&database, "ouest", &options);
        let service = Service::start_with(&database, QUICK);
        wait_for_standing(&database, "it is to be called", |standing| standing["state"] == "delivering");
        record(&service.api(), &journey());
        record(&service.api(), &in_caen());
        let called = receiver.wait_for_accepted(1).len();
        assert!(service.stop().success());
        declare_otherwise(&database, "ouest", &["departement/14", "departement/76"]);
        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &agreed().1);
        receiver.wait_for_accepted(called + 1);
        assert!(service.stop().success());
        assert_eq!(receiver.accepted().len(), called + 1);
    }
}
