//! A PostgreSQL that does not answer: nobody waits for ever, nothing is lost or doubled, and the service stops in time.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::{self, File};
use std::thread;
use std::time::{Duration, Instant};

use parcours_tests::story::Person;
use parcours_tests::{Answer, Api, Database, PrivatePostgres, Service, Story, wait_until};
use postgres::{Client, NoTls};
use serde_json::{Value, json};
use uuid::Uuid;

/// Whoever sends an event is answered within this time, whatever the database does.
const ANSWERED_WITHIN: Duration = Duration::from_secs(25);
/// Two seconds, and what a busy machine takes.
const STOPPED_WITHIN: Duration = Duration::from_secs(5);
const BACK_WITHIN: Duration = Duration::from_secs(60);

fn start(database: &Database, postgres: &PrivatePostgres) -> Service {
    Service::start_with(database, ["--database", &postgres.url()])
}

/// Somebody who has entered the programme, in six events.
fn in_training(api: &Api) -> Story {
    let mut story = Story::parcours();
    api.record(&story.enters("2024-02-05", &Person::default()));
    story
}

fn until_ready(api: &Api) {
    wait_until("the service is ready again", BACK_WITHIN, || {
        api.get("/health/ready").status == 200
    });
}

fn modules(parcours: Uuid, count: usize) -> Vec<Value> {
    let mut story = Story::of("parcours", parcours);
    let module = |number| {
        let mut event = story.module("2024-03-04");
        event["id"] = json!(format!("{parcours}-module-{number}"));
        event
    };
    (0..count).map(module).collect()
}

fn stream(api: &Api, events: &[Value]) -> Answer {
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    api.post(
        "/v1/events",
        &[("content-type", "application/x-ndjson")],
        lines.join("\n").as_bytes(),
    )
}

/// The codes of the problems of these results, or their statuses where they have none.
fn told(results: &[Value]) -> Vec<String> {
    let word = |result: &Value| {
        let word = result["problem"]["code"].as_str().or(result["status"].as_str());
        word.unwrap().to_owned()
    };
    results.iter().map(word).collect()
}

/// Whether a problem's code says that the log did not answer, or not in time.
fn is_away(code: &str) -> bool {
    ["outcome-unknown", "log-unavailable"].contains(&code)
}

/// A session of somebody else's that holds the lock of the log's head.
fn hold_head(postgres: &PrivatePostgres) -> Client {
    let mut holder = Client::connect(&postgres.url(), NoTls).unwrap();
    let hold = "BEGIN; SELECT size FROM parcours_log.head FOR UPDATE";
    holder.batch_execute(hold).unwrap();
    holder
}

fn until_somebody_waits(watcher: &mut Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    wait_until("the event waits for the head", BACK_WITHIN, || {
        watcher.query_one(waiting, &[]).unwrap().get::<_, i64>(0) > 0
    });
}

#[track_caller]
fn must_stop_in_time(service: Service) {
    let began = Instant::now();
    let status = service.stop();
    let took = began.elapsed();
    assert_eq!(status.code(), Some(0), "{status}");
    assert!(took < STOPPED_WITHIN, "{took:?}");
}

#[test]
fn what_is_sent_to_a_frozen_database_is_answered_in_time_and_in_the_end_recorded_once() {
    let postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let service = start(&database, &postgres);
    let api = service.api();
    let stories: Vec<Story> = (0..3).map(|_| in_training(&api)).collect();
    let [single, listed, streamed]: [Vec<Value>; 3] =
        std::array::from_fn(|n| modules(stories[n].uuid(), [1, 5, 5][n]));
    // The commit is under way when the database freezes: it waits for the head there.
    let mut watcher = Client::connect(&postgres.url(), NoTls).unwrap();
    let mut holder = hold_head(&postgres);
    let began = Instant::now();
    thread::scope(|scope| {
        let one = scope.spawn(|| api.post_event(&single[0]));
        until_somebody_waits(&mut watcher);
        postgres.freeze();
        let list = scope.spawn(|| api.post_batch(&listed));
        let lines = scope.spawn(|| stream(&api, &streamed));
        let one = one.join().unwrap().must_be(503);
        assert_eq!(one.header("retry-after"), Some("1"));
        let problem = one.json();
        assert_eq!(problem["type"], "/problems/outcome-unknown");
        let detail = problem["detail"].as_str().unwrap();
        assert!(
            detail.contains("recorded or not") && detail.contains("never recorded twice"),
            "{detail}"
        );
        let list = list.join().unwrap().must_be(200).json();
        let lines = lines.join().unwrap().must_be(200).json_lines();
        for results in [list.as_array().unwrap(), &lines] {
            let codes = told(results);
            assert!(codes.iter().all(|code| is_away(code)), "{codes:?}");
        }
    });
    assert!(began.elapsed() < ANSWERED_WITHIN, "{:?}", began.elapsed());
    let health = api.get("/health/ready").must_be(503).json();
    assert_eq!(health["ready"], false);

    postgres.thaw();
    holder.batch_execute("ROLLBACK").unwrap();
    until_ready(&api);
    let again = api.post_event(&single[0]);
    assert!([200, 201].contains(&again.status), "{again:?}");
    for events in [&listed, &streamed] {
        let results = stream(&api, events).must_be(200).json_lines();
        let there = |word: &String| ["recorded", "duplicate"].contains(&word.as_str());
        assert!(told(&results).iter().all(there), "{results:?}");
    }
    for (story, events) in stories.iter().zip([&single, &listed, &streamed]) {
        assert_eq!(api.history(story.uuid()).len(), 6 + events.len());
    }
    must_stop_in_time(service);
}

#[test]
fn what_no_standby_has_confirmed_is_not_acknowledged_and_is_there_once_when_the_wait_is_over() {
    let postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let service = start(&database, &postgres);
    let api = service.api();
    let mut story = in_training(&api);
    let mut console = Client::connect(&postgres.url(), NoTls).unwrap();
    let mut standbys = |change: &str, standbys: &str| {
        console.execute(change, &[]).unwrap();
        console.execute("SELECT pg_reload_conf()", &[]).unwrap();
        wait_until("the server goes by it", BACK_WITHIN, || {
            let told = console.query_one("SHOW synchronous_standby_names", &[]).unwrap();
            told.get::<_, String>(0) == standbys
        });
    };
    standbys("ALTER SYSTEM SET synchronous_standby_names = 'away'", "away");
    let event = story.module("2024-03-04");
    let problem = api.post_event(&event).must_be(503).json();
    assert_eq!(problem["code"], "outcome-unknown", "{problem}");
    api.get("/health/ready").must_be(503);
    standbys("ALTER SYSTEM RESET synchronous_standby_names", "");
    until_ready(&api);
    let again = api.post_event(&event);
    assert!([200, 201].contains(&again.status), "{again:?}");
    assert_eq!(api.history(story.uuid()).len(), 7);
    must_stop_in_time(service);
}

#[test]
fn a_service_stops_in_time_though_its_database_is_frozen() {
    let postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let service = start(&database, &postgres);
    let api = service.api();
    let mut story = in_training(&api);
    let event = story.module("2024-03-04");
    postgres.freeze();
    thread::scope(|scope| {
        let sent = scope.spawn(|| api.post_event(&event));
        // Asked later, answered after a while: the event is under way by then.
        api.get("/health/ready").must_be(503);
        must_stop_in_time(service);
        // Told before the end, and not cut off.
        let problem = sent.join().unwrap().must_be(503).json();
        assert!(is_away(problem["code"].as_str().unwrap()), "{problem}");
    });
}

#[test]
fn a_service_stops_in_time_though_its_database_is_down() {
    let mut postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let service = start(&database, &postgres);
    let mut story = Story::parcours();
    let events = story.enters("2024-02-05", &Person::default());
    service.api().record(&events);
    postgres.kill();
    service.api().post_event(&story.module("2024-03-04")).must_be(503);
    must_stop_in_time(service);
}

#[test]
fn a_service_stops_in_time_though_another_session_holds_the_head_of_its_log() {
    let postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let service = start(&database, &postgres);
    let api = service.api();
    let mut story = in_training(&api);
    let _holder = hold_head(&postgres);
    let event = story.module("2024-03-04");
    thread::scope(|scope| {
        let sent = scope.spawn(|| api.post_event(&event));
        until_somebody_waits(&mut Client::connect(&postgres.url(), NoTls).unwrap());
        must_stop_in_time(service);
        let problem = sent.join().unwrap().must_be(503).json();
        assert_eq!(problem["code"], "outcome-unknown");
    });
}

#[test]
fn while_its_database_is_away_a_service_says_so_once_and_not_for_every_request() {
    let mut postgres = PrivatePostgres::start();
    let database = Database::sqlite();
    let messages = database.data().join("messages");
    let service = Service::start_writing(
        &database,
        ["--database", &postgres.url()],
        File::create(&messages).unwrap(),
    );
    let api = service.api();
    let mut story = in_training(&api);
    postgres.kill();
    let before = fs::read_to_string(&messages).unwrap().len();
    let event = story.module("2024-03-04");
    for _ in 0..200 {
        api.post_event(&event).must_be(503);
        api.get(&format!("/v1/parcours/{}/events", story.uuid()))
            .must_be(503);
    }
    let said = fs::read_to_string(&messages).unwrap();
    let lines: Vec<&str> = said[before..].lines().collect();
    assert!(
        lines
            .iter()
            .any(|line| line.contains("events cannot be appended")),
        "{lines:?}"
    );
    assert!(lines.len() < 40, "{lines:?}");
    postgres.restart();
    until_ready(&api);
    api.post_event(&event).must_be(201);
    wait_until("the service says that it is over", BACK_WITHIN, || {
        fs::read_to_string(&messages)
            .unwrap()
            .contains("no longer: events cannot be appended")
    });
    must_stop_in_time(service);
}
