//! Two services on one database: one log, and views that one of them keeps.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use parcours_tests::story::{Person, training};
use parcours_tests::{Api, Service, Story, on_both_databases, wait_until};
use serde_json::{Value, json};
use uuid::Uuid;

const SENDERS: u32 = 4;
const MODULES: u32 = 30;

/// Everybody's modules of one parcours: ids of their own, so that the order of arrival is free.
fn modules(parcours: Uuid, sender: u32) -> Vec<Value> {
    let mut story = Story::of("parcours", parcours);
    (0..MODULES)
        .map(|number| {
            let mut event = story.module("2024-03-04");
            event["id"] = json!(format!("{parcours}-{sender}-{number}"));
            event
        })
        .collect()
}

/// The states of the views of a service, by name.
fn states(api: &Api) -> BTreeMap<String, String> {
    let health = api.get("/health/ready").json();
    let views = health["views"].as_array().unwrap().iter();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    views
        .map(|view| (word(&view["name"]), word(&view["state"])))
        .collect()
}

fn all_are(api: &Api, state: &str) -> bool {
    states(api).values().all(|found| found == state)
}

#[track_caller]
fn must_be_gapless(history: &[Value]) {
    for (index, event) in history.iter().enumerate() {
        assert_eq!(event["revision"], index + 1, "{event}");
    }
    let positions: Vec<_> = history
        .iter()
        .map(|event| event["position"].as_u64().unwrap())
        .collect();
    assert!(positions.is_sorted_by(|one, next| one < next), "{positions:?}");
}

on_both_databases! {
    fn both_take_events_of_the_same_streams_and_none_is_lost_or_doubled(database: Database) {
        let services = [Service::start(&database), Service::start(&database)];
        let [one, other] = services.each_ref().map(Service::api);
        let mut stories: Vec<_> = (0..3).map(|_| Story::parcours()).collect();
        for (index, story) in stories.iter_mut().enumerate() {
            // Each event to the other service than the one before: each sees what the other wrote.
            for (turn, event) in story.enters("2024-02-05", &Person::default()).iter().enumerate() {
                let api = if (index + turn) % 2 == 0 { &one } else { &other };
                assert_eq!(api.post_event(event).must_be(201).json()["revision"], turn + 1);
            }
        }
        let parcours: Vec<Uuid> = stories.iter().map(Story::uuid).collect();
        // Every sender sends every event of its own to both services at about the same time.
        let receipts: Vec<(Value, Value)> = thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .flat_map(|sender| [(sender, &one), (sender, &other)])
                .map(|(sender, api)| {
                    let parcours = &parcours;
                    scope.spawn(move || {
                        let events: Vec<Value> = parcours
                            .iter()
                            .flat_map(|parcours| modules(*parcours, sender))
                            .collect();
                        let answers = events.chunks(7).flat_map(|list| {
                            let answer = api.post_batch(list).must_be(200).json();
                            answer.as_array().unwrap().clone()
                        });
                        answers
                            .map(|answer| (answer["id"].clone(), answer))
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            senders
                .into_iter()
                .flat_map(|sender| sender.join().unwrap())
                .collect()
        });

        let mut by_id: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for (id, answer) in &receipts {
            by_id.entry(id.as_str().unwrap()).or_default().push(answer);
        }
        assert_eq!(by_id.len() as u32, SENDERS * MODULES * 3);
        for (id, answers) in by_id {
            let mut statuses: Vec<_> = answers
                .iter()
                .map(|answer| answer["status"].as_str().unwrap())
                .collect();
            statuses.sort_unstable();
            assert_eq!(statuses, ["duplicate", "recorded"], "{id}");
            assert_eq!(answers[0]["position"], answers[1]["position"], "{id}");
        }
        for parcours in &parcours {
            let history = one.history(*parcours);
            assert_eq!(history.len() as u32, 6 + SENDERS * MODULES);
            must_be_gapless(&history);
            assert_eq!(history, other.history(*parcours));
        }
        // With each start the log wrote to its trainee that a training began.
        let begun = stories.iter().flat_map(|story| {
            let events = one.get(&format!("/v1/streams/trainee/{}/events", story.trainee())).must_be(200);
            events.json()["events"].as_array().unwrap().clone()
        });
        let mut positions: Vec<u64> = parcours
            .iter()
            .flat_map(|parcours| one.history(*parcours))
            .chain(begun)
            .map(|event| event["position"].as_u64().unwrap())
            .collect();
        positions.sort_unstable();
        assert!(
            positions.into_iter().eq(0..one.log_size()),
            "positions are gapless"
        );
    }

    fn places_are_never_oversold_by_two_services(database: Database) {
        let services = [Service::start(&database), Service::start(&database)];
        let apis = services.each_ref().map(Service::api);
        let training = training(5);
        apis[0].post_batch(&training.events).must_be(200);
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        let statuses: Vec<u16> = thread::scope(|scope| {
            let people: Vec<_> = (0..16)
                .map(|number| {
                    let api = &apis[number % 2];
                    scope.spawn(move || {
                        let mut story = Story::parcours();
                        api.post_event(&story.oriented("2024-01-08", &person))
                            .must_be(201);
                        api.post_event(&story.eligible("2024-01-09")).must_be(201);
                        api.post_event(&story.admitted("2024-01-10", &person)).status
                    })
                })
                .collect();
            people.into_iter().map(|person| person.join().unwrap()).collect()
        });
        assert_eq!(
            statuses.iter().filter(|status| **status == 201).count(),
            5,
            "{statuses:?}"
        );
        assert_eq!(
            statuses.iter().filter(|status| **status == 422).count(),
            11,
            "{statuses:?}"
        );
        for api in &apis {
            api.wait_for_views();
            assert_eq!(api.sessions()[0]["places"]["taken"], 5);
        }
    }

    fn each_reads_in_its_views_what_the_other_wrote(database: Database) {
        let services = [Service::start(&database), Service::start(&database)];
        let apis = services.each_ref().map(Service::api);
        for turn in 0..6 {
            let mut story = Story::parcours();
            let results = apis[turn % 2]
                .post_batch(&story.enters("2024-02-05", &Person::default()))
                .must_be(200)
                .json();
            let position = &results[5]["position"];
            for api in &apis {
                let told = api
                    .get(&format!("/v1/parcours/{}?min_position={position}", story.uuid()))
                    .must_be(200)
                    .json();
                assert_eq!(told["status"], "in_training");
            }
        }
    }

    fn when_the_service_that_keeps_the_views_is_killed_the_other_takes_over(database: Database) {
        let first = Service::start(&database);
        wait_until("the first keeps the views", Duration::from_secs(20), || {
            all_are(&first.api(), "live")
        });
        let second = Service::start(&database);
        wait_until("the second stands by", Duration::from_secs(20), || {
            all_are(&second.api(), "standby")
        });
        let mut story = Story::parcours();
        let events = story.enters("2024-02-05", &Person::default());
        second.api().post_batch(&events[..3]).must_be(200);
        let told = second
            .api()
            .get(&format!("/v1/parcours/{}?min_position=2", story.uuid()))
            .must_be(200)
            .json();
        assert_eq!(told["status"], "admitted");
        assert_eq!(
            second.api().get("/health/ready").must_be(200).json()["ready"],
            true
        );

        first.kill();
        let api = second.api();
        api.record(&events[3..]);
        wait_until("the second takes over", Duration::from_secs(30), || {
            all_are(&api, "live")
        });
        let told = api
            .get(&format!("/v1/parcours/{}?min_position=5", story.uuid()))
            .must_be(200)
            .json();
        assert_eq!(told["status"], "in_training");
        let third = Service::start(&database);
        wait_until("the third stands by", Duration::from_secs(20), || {
            all_are(&third.api(), "standby")
        });
        assert!(second.stop().success());
        wait_until("the third takes over", Duration::from_secs(30), || {
            all_are(&third.api(), "live")
        });
    }

    fn views_are_kept_by_a_process_that_answers_nothing_beside_one_that_only_answers(database: Database) {
        let answering = Service::start_with(&database, ["--only", "api"]);
        let api = answering.api();
        let mut story = Story::parcours();
        api.post_batch(&story.enters("2024-02-05", &Person::default()))
            .must_be(200);
        let mut arguments: Vec<std::ffi::OsString> = ["serve", "--only", "views"].map(Into::into).into();
        arguments.extend(database.options());
        let keeping = parcours_tests::command_line::start(arguments, b"");
        api.wait_for_views();
        let told = api
            .get(&format!("/v1/parcours/{}", story.uuid()))
            .must_be(200)
            .json();
        assert_eq!(told["status"], "in_training");
        keeping.kill();
        assert!(answering.stop().success());
    }
}
