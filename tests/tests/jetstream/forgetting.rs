//! What is to be forgotten goes from the stream.

use parcours_tests::{Database, NatsStream, Story, wait_until};
use serde_json::json;

use super::{Audiences, PUBLISHED_WITHIN, one, publishing, record, story, wait_until_published};

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
