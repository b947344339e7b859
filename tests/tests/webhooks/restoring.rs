//! A log that was restored to an earlier state, or exchanged for another: who knows of more than it has says so.

use std::fs;

use ::postgres::{Client, NoTls};
use parcours_tests::{Receiver, Service, on_both_databases, wait_until};
use serde_json::json;

use super::*;

/// Takes the log away, and the views of it, without which a new one may be begun: what remains is what webhooks remember.
fn lose_log(database: &Database) {
    if let Some(url) = database.url() {
        let mut client = Client::connect(url, NoTls).unwrap();
        client
            .batch_execute("DROP SCHEMA parcours_log, parcours_views CASCADE")
            .unwrap();
        return;
    }
    for file in fs::read_dir(database.data()).unwrap() {
        let file = file.unwrap();
        let name = file.file_name().to_string_lossy().into_owned();
        if name.starts_with("log.sqlite") || name.starts_with("views.sqlite") {
            fs::remove_file(file.path()).unwrap();
        }
    }
}

on_both_databases! {
    fn a_webhook_of_another_history_is_told_nothing_until_it_is_reset(database: Database) {
        let receiver = Receiver::start();
        let partner = declare_webhook(&database, "rouen", &receiver.url());
        let service = Service::start_with(&database, QUICK);
        for _ in 0..3 {
            record(&service.api(), &journey());
        }
        wait_for_all(&receiver, &partner, &service.api());
        assert!(service.stop().success());
        let told = receiver.accepted().len();
        lose_log(&database);

        let service = Service::start_with(&database, QUICK);
        for _ in 0..5 {
            record(&service.api(), &journey());
        }
        let stopped = |service: &Service| {
            wait_until("the deliveries stop", Duration::from_secs(30), || {
                let health = health(&service.api(), "rouen");
                health["healthy"] == false && health["detail"].as_str().unwrap().contains("parcours webhooks reset rouen")
            });
        };
        stopped(&service);
        assert!(service.stop().success());
        let service = Service::start_with(&database, QUICK);
        stopped(&service);
        assert_eq!(receiver.accepted().len(), told, "nothing was sent");
        webhooks(&database, &["reset", "rouen"]).succeeded();
        receiver.wait_for_accepted(told + 20);
        record(&service.api(), &journey());
        assert_eq!(partner.outcomes(&service.api(), "").len(), 24, "of the new log alone");
        receiver.wait_for_accepted(told + 24);
        assert!(service.stop().success());
        assert_eq!(receiver.accepted().len(), told + 24);
        let standing = webhooks_json(&database, &["list"])[0].clone();
        assert_eq!((&standing["waiting"], &standing["dead"]), (&json!(0), &json!(0)));
    }
}

#[test]
fn nothing_is_delivered_on_the_word_of_a_file_that_was_removed() {
    let database = Database::sqlite();
    let receiver = Receiver::start();
    let partner = declare_webhook(&database, "rouen", &receiver.url());
    let service = Service::start_with(&database, QUICK);
    record(&service.api(), &journey());
    wait_for_all(&receiver, &partner, &service.api());
    fs::remove_file(database.data().join("webhooks.sqlite")).unwrap();
    wait_until("the deliveries stop", Duration::from_secs(30), || {
        let health = health(&service.api(), "rouen");
        health["detail"]
            .as_str()
            .is_some_and(|detail| detail.contains("webhooks.sqlite was removed"))
    });
    let told = receiver.accepted().len();
    record(&service.api(), &journey());
    assert!(service.stop().success());
    assert_eq!(receiver.accepted().len(), told);
    let service = Service::start_with(&database, QUICK);
    receiver.wait_for_accepted(told + 8);
    assert!(service.stop().success());
}
