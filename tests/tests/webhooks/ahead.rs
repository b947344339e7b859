//! Messages that wait for their time.

use chrono::{TimeDelta, Utc};
use parcours_tests::story::at;
use parcours_tests::{Receiver, Service, on_both_databases};

use super::*;

on_both_databases! {
    fn whoever_is_called_is_called_at_its_time_once_though_a_service_was_killed_meanwhile(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, QUICK);
        let (mut story, events) = agreed();
        record(&service.api(), &events);
        receiver.wait_for_accepted(1);
        // Its cursor is kept, so that what follows a kill is not what it was told before.
        wait_for_standing(&database, "the first is accepted", |standing| standing["accepted"].is_string());
        let time = Utc::now() + TimeDelta::seconds(5);
        record(&service.api(), &[at(story.exited("2024-03-01", "abandoned"), &time.to_rfc3339())]);
        service.kill();
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        let calls = receiver.wait_for_accepted(2);
        assert!(Utc::now() >= time, "called before its time");
        assert_eq!(messages(&calls), partner.outcomes(&api, ""));

        // What comes after it is told after it, and nothing again by who is next.
        assert!(service.stop().success());
        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &[story.employed("2024-04-02")]);
        let calls = receiver.wait_for_accepted(3);
        assert_eq!(messages(&calls), partner.outcomes(&service.api(), ""));
        assert!(service.stop().success());
        assert_eq!(receiver.calls().len(), 3);
    }
}
