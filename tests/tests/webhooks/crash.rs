//! Nothing is lost when the service is killed while it calls.

use std::sync::Mutex;

use parcours_tests::receiver::Answer;
use parcours_tests::{Receiver, Service, on_both_databases};

use super::*;

/// Kills, each after a few more calls.
const KILLS: usize = 12;

on_both_databases! {
    fn killed_again_and_again_it_tells_everything_in_order_under_the_same_ids(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        // A third of the calls fail, so that there are people who wait at every kill.
        let count = Mutex::new(0);
        receiver.answers(move |_| {
            let mut count = count.lock().unwrap();
            *count += 1;
            match *count % 3 {
                0 => Answer::Status(503),
                _ => Answer::Status(200),
            }
        });
        let mut everybody: Vec<_> = (0..60).map(|_| journey()).collect();
        for kill in 0..KILLS {
            let service = Service::start_with(&database, QUICK);
            let api = service.api();
            for events in everybody.split_off(everybody.len() - 60 / KILLS) {
                api.post_batch(&events).must_be(200);
            }
            receiver.wait_for_calls((kill + 1) * 14);
            service.kill();
        }
        assert!(everybody.is_empty());
        let service = Service::start_with(&database, QUICK);
        let api = service.api();
        api.wait_for_views();
        let calls = wait_for_all(&receiver, &partner, &api);
        let listed = partner.outcomes(&api, "");
        assert_eq!(listed.len(), 240);
        assert_eq!(by_subject(&messages(&calls)), by_subject(&listed));
        let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for call in receiver.calls() {
            let first = bodies.entry(call.id().to_owned()).or_insert_with(|| call.body.clone());
            assert_eq!(*first, call.body, "one id is one message");
        }
        wait_for_standing(&database, "nobody waits", |standing| standing["waiting"] == 0 && standing["dead"] == 0);
    }
}
