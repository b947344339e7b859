//! What is to be forgotten goes from the stream, or it is told that it does not.

use parcours_tests::{Api, Database, NatsServers, NatsStream, Story, wait_until};
use serde_json::{Value, json};

use super::{
    Audiences, PUBLISHED_WITHIN, RELEASE, delivery, one, publishing, record, story, wait_until_published,
};

#[test]
fn what_is_to_be_forgotten_is_removed_from_the_stream() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    let servers = one(&database);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..6);
    let (mut leaving, _) = story(1);
    let mut erased = Story::of("trainee", story(3).0.trainee());
    wait_until_published(&api);
    let stream = NatsStream::open(&servers.url());
    let before = stream.stored();
    let notices = [
        leaving.withdraws("2024-06-01"),
        erased.tell("2024-01-02", "registered", json!({})),
        erased.tell("2024-06-02", "erased", json!({})),
    ];
    for event in &notices {
        api.post_event(event).must_be(201);
    }
    wait_until_published(&api);
    // Who withdrew had three messages, who is erased three, and both partners were told of each; two notices come.
    wait_until("what was told of them is gone", PUBLISHED_WITHIN, || {
        stream.size() == (before.len() - 2 * 6 + 2 * 2) as u64
    });
    partners.must_have_heard_everything(&api, &stream);

    // After a restart nothing more is removed, and what comes under a new consent stays.
    assert!(service.stop().success());
    let service = publishing(&database, &servers.url());
    service
        .api()
        .post_event(&leaving.consents("2024-07-01"))
        .must_be(201);
    wait_until_published(&service.api());
    partners.must_have_heard_everything(&service.api(), &stream);
}

/// The notices to forget, as the service tells of them.
fn waiting(api: &Api) -> Value {
    delivery(api)["forgetting"]["waiting"].clone()
}

#[test]
fn notices_that_are_worked_off_and_cannot_be_acknowledged_are_told_of() {
    let database = Database::sqlite();
    Audiences::declare(&database);
    let missing = "$JS.ACK.OUTCOMES.FORGET.>";
    let servers = NatsServers::forbidding(RELEASE, &database, missing);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..2);
    api.post_event(&story(1).0.withdraws("2024-06-01")).must_be(201);
    wait_until("the permission is named", PUBLISHED_WITHIN, || {
        let delivery = delivery(&api);
        let detail = delivery["detail"].as_str().unwrap_or_default();
        delivery["healthy"] == false && detail.contains(&format!("{missing:?}"))
    });
    servers.reload(&database);
    wait_until("they come again, and are acknowledged", PUBLISHED_WITHIN, || {
        waiting(&api) == 0
    });
    wait_until_published(&api);
}

#[test]
fn notices_that_cannot_be_worked_off_are_told_of_and_worked_off_as_soon_as_they_can_be() {
    let database = Database::sqlite();
    let partners = Audiences::declare(&database);
    // What reads a partner's messages; everything else is permitted.
    let missing = "$JS.API.CONSUMER.CREATE.OUTCOMES";
    let servers = NatsServers::forbidding(RELEASE, &database, missing);
    let service = publishing(&database, &servers.url());
    let api = service.api();
    record(&api, 0..6);
    wait_until_published(&api);
    let stream = NatsStream::open(&servers.url());
    let before = stream.size();
    api.post_event(&story(1).0.withdraws("2024-06-01")).must_be(201);
    wait_until(
        "the notice is told of as one that waits",
        PUBLISHED_WITHIN,
        || {
            let delivery = delivery(&api);
            let detail = delivery["detail"].as_str().unwrap_or_default();
            delivery["healthy"] == false
                && detail.contains("to be forgotten")
                && detail.contains(&format!("{missing:?}"))
                && detail.contains("`parcours outcomes nats-config`")
                && delivery["forgetting"]["waiting"] == 2
                && delivery["forgetting"]["oldest_seconds"].is_u64()
        },
    );
    // Partners hear of it all the same, and of everything else; the service does its work.
    record(&api, 6..8);
    let ready = api.get("/health/ready").must_be(200).json();
    assert_eq!(ready["ready"], true, "{ready}");
    wait_until("what came since is published", PUBLISHED_WITHIN, || {
        stream.size() == before + 2 + 2 * 3 + 3
    });
    let metrics = api.get("/metrics").must_be(200).text();
    for words in [
        "parcours_jetstream_notices_waiting 2",
        "parcours_jetstream_oldest_notice_seconds ",
        "parcours_jetstream_notices_total{result=\"failed\"} ",
    ] {
        assert!(metrics.contains(words), "{words}: {metrics}");
    }

    servers.reload(&database);
    wait_until("what was told of who withdrew is gone", PUBLISHED_WITHIN, || {
        waiting(&api) == 0
    });
    partners.must_have_heard_everything(&api, &stream);
    wait_until_published(&api);
    let metrics = api.get("/metrics").must_be(200).text();
    assert!(
        metrics.contains("parcours_jetstream_notices_total{result=\"done\"} 2"),
        "{metrics}"
    );
    assert!(
        metrics.contains("parcours_jetstream_oldest_notice_seconds 0"),
        "{metrics}"
    );
}
