//! What the server forbids the publisher is known by its name.

use std::fs::{self, File};

use parcours_tests::{Database, NatsServers, NatsStream, Service, wait_until};

use super::{Audiences, PUBLISHED_WITHIN, RELEASE, delivery, record, wait_until_published};

#[test]
fn what_is_forbidden_is_named_with_what_to_do_and_publishing_begins_once_it_is_permitted() {
    for (missing, verb) in [
        ("$JS.API.STREAM.CREATE.OUTCOMES", "publish"),
        ("$JS.API.CONSUMER.*.OUTCOMES.>", "publish"),
        ("outcomes.>", "publish"),
        ("_INBOX_PUBLISHER.>", "subscribe"),
    ] {
        let database = Database::sqlite();
        let partners = Audiences::declare(&database);
        let servers = NatsServers::forbidding(RELEASE, &database, missing);
        let file = database.data().join("messages");
        let messages = File::create(&file).unwrap();
        let service = Service::start_writing(&database, ["--nats", &servers.url()], messages);
        let api = service.api();
        record(&api, 0..6);
        wait_until("what is forbidden is told", PUBLISHED_WITHIN, || {
            let delivery = delivery(&api);
            let detail = delivery["detail"].as_str().unwrap_or_default();
            delivery["healthy"] == false
                && detail.contains(&format!("permit the publisher to {verb} on {missing:?}"))
                && detail.contains("`parcours outcomes nats-config`")
        });
        // It was tried several times by now.
        let failures = || {
            let metrics = api.get("/metrics").must_be(200).text();
            let line = metrics
                .lines()
                .find_map(|line| line.strip_prefix("parcours_jetstream_failures_total "));
            line.map_or(0, |number| number.parse::<u64>().unwrap())
        };
        wait_until("it is tried again and again", PUBLISHED_WITHIN, || {
            failures() >= 4
        });
        let told = fs::read_to_string(&file).unwrap();
        let lines = told.lines().filter(|line| {
            line.contains("WARN") && line.contains("outcomes are published to NATS as soon as it will do")
                || line.contains("outcomes cannot be published to NATS now")
        });
        assert_eq!(lines.count(), 1, "told once: {told}");
        assert!(!servers.forbidden().is_empty());

        servers.reload(&database);
        wait_until_published(&api);
        partners.must_have_heard_everything(&api, &NatsStream::open(&servers.url()));
    }
}
