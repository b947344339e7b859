//! What partners receive over NATS: the same as over HTTP, each message once and in order, whatever fails.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod ahead;
mod crash;
mod declared;
mod encrypted;
mod example;
mod forbidden;
mod forgetting;
mod permissions;
mod publishing;
mod refilling;
mod releases;

use std::collections::BTreeSet;
use std::time::Duration;

use parcours_tests::story::{CAEN, Person, training_of};
use parcours_tests::{
    Api, Database, NatsRelease, NatsServers, NatsStream, Partner, Service, Stored, Story, declare, wait_until,
};
use serde_json::Value;
use uuid::Uuid;

const PUBLISHED_WITHIN: Duration = Duration::from_secs(90);
/// What these tests run against. They are in two programs: see `jetstream_on_the_oldest_server`.
const RELEASE: NatsRelease = match module_path!().as_bytes() {
    b"jetstream" => NatsRelease::Newest,
    _ => NatsRelease::Oldest,
};

/// A server that lets in whom the service's own configuration lets in.
fn one(database: &Database) -> NatsServers {
    NatsServers::one(RELEASE, database)
}

/// A cluster of three such servers.
fn three(database: &Database) -> NatsServers {
    NatsServers::three(RELEASE, database)
}

/// Two partners, who hear of different people.
struct Audiences {
    normandie: Partner,
    calvados: Partner,
}

impl Audiences {
    fn declare(database: &Database) -> Audiences {
        let of = |name, territory| declare(database, name, &["--territory", territory, "--nats-key"]);
        Audiences {
            normandie: of("normandie", "region/28"),
            calvados: of("calvados", "departement/14"),
        }
    }

    /// Fails the test unless the stream holds what these and everybody may hear, each message once and in order: what
    /// the service lists for them.
    fn must_have_heard_everything(&self, api: &Api, stream: &NatsStream) {
        let stored = stream.stored();
        let ids: BTreeSet<&str> = stored.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(ids.len(), stored.len(), "no message is there twice");
        let public = api.get("/v1/outcomes?limit=1000").must_be(200).json();
        assert!(
            public["next"].is_null(),
            "one page holds the public messages of a test"
        );
        let expected = [
            ("public", public["outcomes"].as_array().unwrap().clone()),
            ("normandie", self.normandie.all_outcomes(api)),
            ("calvados", self.calvados.all_outcomes(api)),
        ];
        let total: usize = expected.iter().map(|(_, listed)| listed.len()).sum();
        for (audience, listed) in expected {
            let heard: Vec<&Value> = stored
                .iter()
                .filter(|message| message.audience() == audience)
                .map(|message| &message.outcome)
                .collect();
            let differ = heard
                .iter()
                .zip(&listed)
                .position(|(heard, listed)| *heard != listed);
            assert_eq!(differ, None, "{audience}: {heard:?}\n{listed:?}");
            assert_eq!(heard.len(), listed.len(), "{audience}");
        }
        assert_eq!(stored.len(), total, "nobody else hears anything");
    }
}

/// The parcours of a person.
fn parcours(number: u32) -> Uuid {
    Uuid::from_u128(0x5eed << 96 | u128::from(number) << 32)
}

/// The events of one more person, who lives in Rouen or in Caen, agrees, and finds work.
fn person(number: u32) -> Vec<Value> {
    story(number).1
}

/// The same, and the story, for a test that tells more.
fn story(number: u32) -> (Story, Vec<Value>) {
    let mut story = Story::of("parcours", parcours(number));
    let person = match number % 2 {
        0 => Person::default(),
        _ => Person {
            commune: CAEN,
            ..Person::default()
        },
    };
    let mut events = story.enters("2024-02-05", &person);
    events.push(story.consents("2024-02-06"));
    let employed = story.employed("2024-05-06");
    events.push(employed.clone());
    events.push(story.moved("2024-05-20", &employed, "2024-05-07"));
    (story, events)
}

/// Records the events of these people, and of a session that opens for each tenth.
fn record(api: &Api, numbers: impl IntoIterator<Item = u32>) {
    for number in numbers {
        let mut events = person(number);
        if number.is_multiple_of(10) {
            events.extend(training_of(Uuid::from_u128(0x7a << 96 | u128::from(number) << 32), 2).events);
        }
        let results = api.post_batch(&events).must_be(200).json();
        let results = results.as_array().unwrap();
        let refused = results
            .iter()
            .find(|result| result["status"] != "recorded" && result["status"] != "duplicate");
        assert!(refused.is_none(), "the log refused an append: {refused:?}");
    }
}

/// The delivery over NATS, as the service tells of it.
fn delivery(api: &Api) -> Value {
    let health = api.get("/health/ready").json();
    let deliveries = health["deliveries"].as_array().cloned().unwrap_or_default();
    deliveries
        .into_iter()
        .find(|delivery| delivery["name"] == "jetstream")
        .unwrap_or(Value::Null)
}

/// Waits until the outcomes of every event are in the stream, as the service sees it.
fn wait_until_published(api: &Api) {
    let last = api.wait_for_views().checked_sub(1);
    wait_until("all outcomes are published", PUBLISHED_WITHIN, || {
        let delivery = delivery(api);
        delivery["healthy"] == true && delivery["position"].as_u64() >= last
    });
}

/// A service that publishes to these servers.
fn publishing(database: &Database, url: &str) -> Service {
    Service::start_with(database, ["--nats", url])
}

/// The ids of an audience, in order.
fn ids<'a>(stored: &'a [Stored], audience: &str) -> Vec<&'a str> {
    let of = stored.iter().filter(|message| message.audience() == audience);
    of.map(|message| message.outcome["id"].as_str().unwrap())
        .collect()
}
