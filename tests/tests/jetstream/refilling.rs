//! `parcours outcomes refill`.

use std::ffi::OsString;
use std::time::Duration;

use parcours_tests::{Database, NatsStream, Service, command_line, wait_until};
use serde_json::Value;

use super::{Audiences, delivery, one, publishing, record, wait_until_published};

fn refill(database: &Database, url: &str, options: &[&str]) -> Vec<OsString> {
    let mut arguments = vec!["outcomes".into(), "refill".into(), "--nats".into(), url.into()];
    arguments.extend(options.iter().map(Into::into));
    arguments.extend(database.options());
    arguments
}

fn stored(output: &str) -> u64 {
    serde_json::from_str::<Value>(output).unwrap()["messages"]
        .as_u64()
        .unwrap()
}

#[test]
fn a_refill_fills_an_empty_stream_and_refuses_another_until_told() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = Service::start(&database);
    record(&service.api(), 0..20);
    assert!(service.stop().success());

    let filled = command_line::run(refill(&database, &servers.url(), &["--json"])).succeeded();
    let stream = NatsStream::open(&servers.url());
    assert_eq!(stored(&filled), stream.size());
    let refused = command_line::run(refill(&database, &servers.url(), &[])).failed_with(1);
    assert!(
        refused.contains("--resume") && refused.contains("--replace"),
        "{refused}"
    );
    let resumed = command_line::run(refill(&database, &servers.url(), &["--resume", "--json"])).succeeded();
    assert_eq!(stored(&resumed), 0);
    let replaced = command_line::run(refill(&database, &servers.url(), &["--replace", "--json"])).succeeded();
    assert_eq!(stored(&replaced), stored(&filled));
    let service = Service::start(&database);
    partners.must_have_heard_everything(&service.api(), &stream);
}

/// Takes away the log and the views.
fn lose_everything(database: &Database) {
    for file in std::fs::read_dir(database.data()).unwrap() {
        let file = file.unwrap();
        if file.file_name().to_string_lossy().contains(".sqlite") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
}

#[test]
fn a_stream_of_another_history_is_not_gone_on_with_though_the_log_has_more() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..3);
    wait_until_published(&service.api());
    assert!(service.stop().success());
    lose_everything(&database);
    let service = Service::start(&database);
    record(&service.api(), 3..20);
    service.api().wait_for_views();
    assert!(service.stop().success());
    let stream = NatsStream::open(&servers.url());
    let published = stream.size();
    let service = publishing(&database, &servers.url());
    wait_until("it is told", Duration::from_secs(20), || {
        let detail = delivery(&service.api())["detail"].as_str().map(str::to_owned);
        detail.is_some_and(|detail| detail.contains("another history") && detail.contains("refill --replace"))
    });
    assert_eq!(stream.size(), published, "nothing is added to it");
    assert!(service.stop().success());
    command_line::run(refill(&database, &servers.url(), &["--replace"])).succeeded();
    let service = publishing(&database, &servers.url());
    wait_until_published(&service.api());
    partners.must_have_heard_everything(&service.api(), &NatsStream::open(&servers.url()));
}

#[test]
fn a_stream_that_tells_of_more_than_the_log_has_is_published_to_again_once_it_is_replaced() {
    let database = Database::sqlite();
    Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    record(&service.api(), 0..5);
    wait_until_published(&service.api());
    assert!(service.stop().success());
    lose_everything(&database);
    let service = publishing(&database, &servers.url());
    wait_until("it is told", Duration::from_secs(20), || {
        let detail = delivery(&service.api())["detail"].as_str().map(str::to_owned);
        detail.is_some_and(|detail| detail.contains("the log has 0") && detail.contains("refill --replace"))
    });
    record(&service.api(), 0..1);
    assert!(service.stop().success());
    command_line::run(refill(&database, &servers.url(), &["--replace"])).succeeded();
    let service = publishing(&database, &servers.url());
    record(&service.api(), 1..3);
    wait_until_published(&service.api());
}

#[test]
fn a_refill_that_is_interrupted_or_killed_is_gone_on_with() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = Service::start(&database);
    record(&service.api(), 0..150);
    service.api().wait_for_views();
    assert!(service.stop().success());
    let mut moment = Duration::from_millis(5);
    let mut ended_by_itself = false;
    for round in 0..12 {
        let mut running = command_line::start(refill(&database, &servers.url(), &["--resume"]), b"");
        // No condition is waited for: the moment is what is tried.
        if running.ends_within(moment) {
            ended_by_itself = true;
        } else if round % 2 == 0 {
            running.kill();
        } else {
            running.interrupt();
            let ended = running.end();
            assert!(
                matches!(ended.status.code(), Some(0 | 130) | None),
                "{}",
                ended.messages
            );
        }
        moment = moment * 3 / 2;
    }
    if !ended_by_itself {
        command_line::run(refill(&database, &servers.url(), &["--resume"])).succeeded();
    }
    let service = Service::start(&database);
    partners.must_have_heard_everything(&service.api(), &NatsStream::open(&servers.url()));
}
