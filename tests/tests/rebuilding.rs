//! `parcours rebuild`: the same views from the log again, whatever else is going on.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use parcours_tests::answers::must_be_the_same;
use parcours_tests::story::{Person, training};
use parcours_tests::{Database, Service, Story, command_line, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

fn rebuild(database: &Database, views: &[&str]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["rebuild".into()];
    arguments.extend(views.iter().map(OsString::from));
    arguments.extend(database.options());
    arguments
}

/// A programme of many people, late and corrected facts included, as NDJSON.
fn programme(trainees: u32) -> String {
    let trainees = trainees.to_string();
    let arguments = [
        "simulate",
        "--from=2024-01-01",
        "--until=2025-12-01",
        "--seed=3",
        "--trainees",
        &trainees,
    ];
    let louder = ["--late-rate=0.2", "--correction-rate=0.1"];
    command_line::run(arguments.into_iter().chain(louder)).succeeded()
}

fn record(database: &Database, lines: &str) {
    let mut arguments: Vec<OsString> = vec!["import".into(), "-".into()];
    arguments.extend(database.options());
    command_line::run_with_input(arguments, lines.as_bytes()).succeeded();
}

/// The parcours that the lines tell of.
fn parcours(lines: &str) -> Vec<Uuid> {
    let events = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut parcours: Vec<Uuid> = events
        .filter_map(|event| event["subject"].as_str()?.strip_prefix("parcours/")?.parse().ok())
        .collect();
    parcours.sort_unstable();
    parcours.dedup();
    parcours
}

on_both_databases! {
    fn a_rebuild_gives_the_same_answers_byte_for_byte(database: Database) {
        let service = Service::start(&database);
        let lines = programme(150);
        // Told in pieces, so that the live views digest them in many batches.
        let lines_of: Vec<&str> = lines.lines().collect();
        for piece in lines_of.chunks(300) {
            service
                .api()
                .post_stream(piece.join("\n").as_bytes())
                .must_be(200);
        }
        let parcours = parcours(&lines);
        assert!(parcours.len() >= 150);
        let before = service.api().everything(&parcours);
        assert!(service.stop().success());

        let told = command_line::run(rebuild(&database, &[])).succeeded();
        for view in ["catalogue", "timeline", "territory"] {
            assert!(told.contains(view), "{told}");
        }
        let service = Service::start(&database);
        must_be_the_same(&before, &service.api().everything(&parcours));
    }

    fn views_that_were_never_kept_are_built_from_the_log(database: Database) {
        let lines = programme(40);
        record(&database, &lines);
        command_line::run(rebuild(&database, &["territory"])).succeeded();
        command_line::run(rebuild(&database, &[])).succeeded();
        let parcours = parcours(&lines);
        let service = Service::start(&database);
        let rebuilt = service.api().everything(&parcours);

        let other = if database.url().is_some() {
            Database::postgres()
        } else {
            Database::sqlite()
        };
        let live = Service::start(&other);
        record(&other, &lines);
        let live = live.api().everything(&parcours);
        // Everything but what the log itself says differently: when each event was recorded.
        assert_eq!(rebuilt.len(), live.len());
        for (request, told) in live
            .iter()
            .filter(|(request, _)| !request.contains("as_of") && !request.starts_with("/v1/parcours"))
        {
            assert_eq!(told, &rebuilt[request], "{request}");
        }
    }

    fn a_view_that_does_not_exist_is_named(database: Database) {
        let messages = command_line::run(rebuild(&database, &["weather"])).failed_with(1);
        assert!(
            messages.contains("weather") && messages.contains("catalogue"),
            "{messages}"
        );
    }

    fn a_service_answers_and_records_while_its_views_are_rebuilt_beside(database: Database) {
        let service = Service::start(&database);
        let training = training(1_000);
        service.api().post_batch(&training.events).must_be(200);
        let lines = programme(150);
        service.api().post_stream(lines.as_bytes()).must_be(200);
        service.api().wait_for_views();
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        let period = "from=2023-01-01&to=2026-10-31";
        let question = format!("/v1/territories/commune/14001?{period}");
        let before = service.api().get(&question).must_be(200).json()["figures"]["entries"]
            .as_u64()
            .unwrap();
        let (rebuilding, entered) = (AtomicBool::new(true), AtomicU64::new(0));
        let stories = thread::scope(|scope| {
            let writer = scope.spawn(|| {
                let api = service.api();
                let mut stories = Vec::new();
                while rebuilding.load(Ordering::Relaxed) {
                    let mut story = Story::parcours();
                    let events = story.enters(
                        "2024-02-05",
                        &Person {
                            commune: "14001",
                            ..person
                        },
                    );
                    let results = api.record(&events);
                    entered.fetch_add(1, Ordering::Relaxed);
                    // The live views go on: one reads one's own writes.
                    let position = &results[5]["position"];
                    let told = api
                        .get(&format!("/v1/parcours/{}?min_position={position}", story.uuid()))
                        .must_be(200)
                        .json();
                    assert_eq!(told["status"], "in_training");
                    stories.push(story.uuid());
                }
                stories
            });
            let reader = scope.spawn(|| {
                let api = service.api();
                let mut last = 0;
                while rebuilding.load(Ordering::Relaxed) {
                    let entries = api.get(&question).must_be(200).json()["figures"]["entries"]
                        .as_u64()
                        .unwrap();
                    assert!(entries >= last, "figures never go back: {entries} after {last}");
                    last = entries;
                    api.get("/v1/catalogue?limit=1").must_be(200);
                }
            });
            let ended = (0..3)
                .map(|_| command_line::run(rebuild(&database, &[])))
                .collect::<Vec<_>>();
            rebuilding.store(false, Ordering::Relaxed);
            let stories = writer.join().unwrap();
            reader.join().unwrap();
            ended.into_iter().for_each(|ended| drop(ended.succeeded()));
            stories
        });
        assert!(!stories.is_empty());
        let api = service.api();
        api.wait_for_views();
        let entries = api.get(&question).must_be(200).json()["figures"]["entries"]
            .as_u64()
            .unwrap();
        assert_eq!(entries, before + entered.load(Ordering::Relaxed));
        let page = api
            .get(&format!("/v1/catalogue?session={}", training.session))
            .must_be(200)
            .json();
        assert_eq!(page["sessions"][0]["places"]["taken"], json!(stories.len()));

        let parcours: Vec<Uuid> = parcours(&lines).into_iter().chain(stories).collect();
        let told = api.everything(&parcours);
        assert!(service.stop().success());
        command_line::run(rebuild(&database, &[])).succeeded();
        must_be_the_same(&told, &Service::start(&database).api().everything(&parcours));
    }

    fn an_interrupted_or_killed_rebuild_harms_nothing_and_the_next_one_ends_it(database: Database) {
        let lines = programme(200);
        record(&database, &lines);
        let parcours = parcours(&lines);
        let service = Service::start(&database);
        let before = service.api().everything(&parcours);
        // Later and later, until a rebuild comes to its end before it is stopped.
        let mut patience = Duration::from_millis(20);
        let (mut interrupted, mut killed) = (0, 0);
        for attempt in 0.. {
            let mut running = command_line::start(rebuild(&database, &[]), b"");
            let ended = running.ends_within(patience);
            patience = patience * 5 / 4;
            if attempt % 2 == 0 && !ended {
                killed += u32::from(running.kill());
                continue;
            }
            running.interrupt();
            let ended = running.end();
            match ended.status.code() {
                Some(130) => interrupted += 1,
                Some(0) => break,
                // Before it listens for signals, a process dies of them.
                None => {}
                Some(other) => panic!("ended with {other}: {}", ended.messages),
            }
            assert!(attempt < 40, "the rebuild never ends");
        }
        assert!(
            interrupted > 0 && killed > 0,
            "{interrupted} interrupted, {killed} killed"
        );
        must_be_the_same(&before, &service.api().everything(&parcours));
        assert!(service.stop().success());
        command_line::run(rebuild(&database, &[])).succeeded();
        must_be_the_same(&before, &Service::start(&database).api().everything(&parcours));
    }

    fn of_two_rebuilds_of_a_view_at_once_one_does_the_work(database: Database) {
        let lines = programme(60);
        record(&database, &lines);
        let parcours = parcours(&lines);
        let service = Service::start(&database);
        let before = service.api().everything(&parcours);
        for _ in 0..3 {
            let running = [(); 2].map(|()| command_line::start(rebuild(&database, &["territory"]), b""));
            let ended = running.map(command_line::Running::end);
            assert!(ended.iter().any(|ended| ended.status.success()), "{ended:?}");
            for ended in ended.iter().filter(|ended| !ended.status.success()) {
                assert!(ended.messages.contains("is being rebuilt already"), "{ended:?}");
            }
            must_be_the_same(&before, &service.api().everything(&parcours));
        }
    }
}
