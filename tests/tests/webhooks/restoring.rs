//! A log that was restored to an earlier state, or exchanged for another: who knows of more than it has says so.

use std::fs;

use ::postgres::{Client, NoTls};
use parcours_tests::{Receiver, Service, on_both_databases};
use serde_json::json;

use super::*;

/// Takes the log away, and nothing else.
fn lose_log(database: &Database) {
    if let Some(url) = database.url() {
        let mut client = Client::connect(url, NoTls).unwrap();
        client.batch_execute("DROP SCHEMA parcours_log CASCADE").unwrap();
        return;
    }
    for file in fs::read_dir(database.data()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().starts_with("log.sqlite") {
            fs::remove_file(file.path()).unwrap();
        }
    }
}

/// Takes away what is remembered of webhooks, as the message says.
fn forget_webhooks(database: &Database) {
    if let Some(url) = database.url() {
        let mut client = Client::connect(url, NoTls).unwrap();
        client
            .batch_execute("DROP SCHEMA parcours_webhooks CASCADE")
            .unwrap();
    } else {
        fs::remove_file(database.data().join("webhooks.sqlite")).unwrap();
    }
}

fn on(database: &Database, command: &[&str]) -> command_line::Ended {
    let mut arguments: Vec<OsString> = command.iter().map(Into::into).collect();
    arguments.extend(database.options());
    command_line::run(arguments)
}

on_both_databases! {
    fn views_and_webhooks_of_another_log_stop_the_start_until_they_are_made_anew(database: Database) {
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

        let serve = [&["serve", "--listen", "127.0.0.1:0"], QUICK].concat();
        let said = on(&database, &serve).failed_with(1);
        assert!(said.contains("the log has 0") && said.contains("`parcours rebuild`"), "{said}");
        on(&database, &["rebuild"]).succeeded();
        let said = on(&database, &serve).failed_with(1);
        assert!(said.contains("\"rouen\"") && said.contains("the log has 0") && said.contains("webhooks.sqlite"), "{said}");
        forget_webhooks(&database);

        let service = Service::start_with(&database, QUICK);
        record(&service.api(), &journey());
        assert_eq!(partner.outcomes(&service.api(), "").len(), 4, "of the new log alone");
        receiver.wait_for_accepted(told + 4);
        assert!(service.stop().success());
        assert_eq!(receiver.accepted().len(), told + 4);
        let standing = webhooks_json(&database, &["list"])[0].clone();
        assert_eq!((&standing["waiting"], &standing["dead"]), (&json!(0), &json!(0)));
    }
}
