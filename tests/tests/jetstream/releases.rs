//! Servers of other releases: one that is too old, and what differs between those that are not.

use async_nats::{ConnectOptions, HeaderMap};
use parcours_tests::{Database, NatsRelease, NatsServers, NatsStream, command_line, wait_until};

use super::{Audiences, PUBLISHED_WITHIN, RELEASE, delivery, one, publishing, record, wait_until_published};

#[test]
fn a_server_that_is_too_old_is_refused_with_both_versions_until_it_is_upgraded() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let mut servers = NatsServers::one(NatsRelease::TooOld, &database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..6);
    let refused = |words: &str| words.contains("version 2.12.0") && words.contains("2.12.1 or later");
    wait_until("the versions are told", PUBLISHED_WITHIN, || {
        let delivery = delivery(&api);
        delivery["healthy"] == false && refused(delivery["detail"].as_str().unwrap_or_default())
    });
    api.get("/health/ready").must_be(200);
    let mut arguments = ["outcomes", "refill", "--nats", &servers.url()]
        .map(Into::into)
        .to_vec();
    arguments.extend(database.options());
    let said = command_line::run(arguments).failed_with(1);
    assert!(refused(&said), "{said}");

    servers.kill(0);
    servers.upgrade(RELEASE);
    servers.restart(0);
    wait_until_published(&api);
    partners.must_have_heard_everything(&api, &NatsStream::open(&servers.url()));

    // And back again: what takes messages now is looked at each time.
    servers.kill(0);
    servers.upgrade(NatsRelease::TooOld);
    servers.restart(0);
    wait_until("the older one is refused again", PUBLISHED_WITHIN, || {
        refused(delivery(&api)["detail"].as_str().unwrap_or_default())
    });
}

#[test]
fn batches_that_nobody_finishes_hold_publishing_up_for_no_longer_than_they_live() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..2);
    wait_until_published(&api);
    // As many as a stream takes, begun by publishers that have died since.
    let seed = std::fs::read_to_string(database.data().join("nats.nk")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = ConnectOptions::with_nkey(seed.trim().to_owned());
        let client = options.connect(servers.url()).await.unwrap();
        for number in 0..60 {
            let mut headers = HeaderMap::new();
            headers.insert("Nats-Batch-Id", format!("unfinished-{number}").as_str());
            headers.insert("Nats-Batch-Sequence", "1");
            let sent = client.publish_with_headers("outcomes.public.place.76.-", headers, "{}".into());
            sent.await.unwrap();
        }
        client.flush().await.unwrap();
    });
    record(&api, 2..8);
    wait_until("it is told why nothing is published", PUBLISHED_WITHIN, || {
        let delivery = delivery(&api);
        delivery["healthy"] == false
            && delivery["detail"]
                .as_str()
                .unwrap_or_default()
                .contains("too many others are unfinished")
    });
    wait_until_published(&api);
    partners.must_have_heard_everything(&api, &NatsStream::open(&servers.url()));
}
