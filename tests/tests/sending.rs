//! What `POST /v1/events` answers, in every mode.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::thread;
use std::time::Duration;

use parcours_tests::story::{Person, training};
use parcours_tests::{Answer, Api, EventStream, Service, Story, on_both_databases, wait_for};
use serde_json::{Value, json};
use uuid::Uuid;

const STRUCTURED: &str = "application/cloudevents+json";
const LIST: &str = "application/cloudevents-batch+json";

/// A new parcours and its first event.
fn orientation() -> (Story, Value) {
    let mut story = Story::parcours();
    let event = story.oriented("2024-01-08", &Person::default());
    (story, event)
}

/// Refused by a rule: nobody starts who was not oriented.
fn premature_start() -> Value {
    Story::parcours().started("2024-02-05")
}

/// Another fact under the id of `event`.
fn contradiction(event: &Value) -> Value {
    let mut other = event.clone();
    other["data"]["level"] = json!(7);
    other
}

#[track_caller]
fn problem(answer: Answer, status: u16, code: &str) -> Value {
    let answer = answer.must_be(status);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["code"], code, "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    assert!(
        problem["type"]
            .as_str()
            .is_some_and(|kind| kind.contains(code) || kind.ends_with("malformed-event"))
    );
    problem
}

/// The same event in the binary mode of the HTTP binding.
fn post_binary(api: &Api, event: &Value) -> Answer {
    let text = |name: &str| event[name].as_str().unwrap();
    let headers = [
        ("content-type", "application/json"),
        ("ce-specversion", text("specversion")),
        ("ce-id", text("id")),
        ("ce-source", text("source")),
        ("ce-type", text("type")),
        ("ce-subject", text("subject")),
        ("ce-time", text("time")),
    ];
    api.post("/v1/events", &headers, event["data"].to_string().as_bytes())
}

/// The status and the problem's code of each result.
fn told(results: &[Value]) -> Vec<(&str, &str)> {
    let results = results.iter();
    results
        .map(|result| {
            (
                result["status"].as_str().unwrap(),
                result["problem"]["code"].as_str().unwrap_or(""),
            )
        })
        .collect()
}

on_both_databases! {
    fn an_event_is_recorded_once_however_often_and_in_whichever_mode_it_is_sent(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (story, event) = orientation();
        let first = api.post_event(&event).must_be(201);
        assert_eq!(
            first.json(),
            json!({"id": event["id"], "status": "recorded", "position": 0, "revision": 1})
        );
        assert_eq!(first.header("etag"), Some("\"1\""));

        let again = json!({"id": event["id"], "status": "duplicate", "position": 0, "revision": 1});
        assert_eq!(api.post_event(&event).must_be(200).json(), again);
        assert_eq!(post_binary(&api, &event).must_be(200).json(), again);
        assert_eq!(
            api.post_batch(std::slice::from_ref(&event)).must_be(200).json(),
            json!([again])
        );
        assert_eq!(
            api.post_stream(event.to_string().as_bytes())
                .must_be(200)
                .json_lines(),
            [again]
        );
        assert_eq!(api.history(story.uuid()).len(), 1);
    }

    fn an_event_in_the_binary_mode_is_stored_as_in_the_structured_one(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, event) = orientation();
        post_binary(&api, &event).must_be(201);
        let next = story.eligible("2024-01-09");
        let answer = post_binary(&api, &next).must_be(201).json();
        assert_eq!((&answer["position"], &answer["revision"]), (&json!(1), &json!(2)));
        let stored = &api.history(story.uuid())[0];
        for name in ["id", "source", "type", "subject", "time", "data"] {
            assert_eq!(stored[name], event[name], "{name}");
        }
    }

    fn an_event_refused_by_a_rule_is_told_its_code_in_both_languages(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let event = premature_start();
        let told = problem(api.post_event(&event), 422, "orientation-first");
        assert_eq!(told["id"], event["id"]);
        assert_ne!(told["detail"], told["detail_fr"]);
        let french = api
            .post_event_with(&event, &[("accept-language", "fr")])
            .must_be(422)
            .json();
        assert_eq!(french["detail"], told["detail_fr"]);
        assert_eq!(api.log_size(), 0, "nothing of it is recorded");
    }

    fn another_fact_under_a_known_id_is_a_conflict(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (_, event) = orientation();
        api.post_event(&event).must_be(201);
        let told = problem(api.post_event(&contradiction(&event)), 409, "conflict");
        assert_eq!(told["position"], 0);
        // The same id under another subject, where the stream's own history does not know it.
        let mut elsewhere = event.clone();
        elsewhere["subject"] = json!(format!("parcours/{}", Uuid::now_v7()));
        problem(api.post_event(&elsewhere), 409, "conflict");
        assert_eq!(api.log_size(), 1);
    }

    fn a_malformed_event_is_told_which_field_is_wrong(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        for (field, wrong, told_field) in [
            ("/data/commune", json!("99999"), "data.commune"),
            ("/data/level", json!(9), "data.level"),
            ("/data/colour", json!("blue"), "data.colour"),
            ("/source", json!("urn:siret:19290076900015"), "source"),
            ("/subject", json!("parcours/1"), "subject"),
            ("/time", json!("yesterday"), "time"),
            ("/type", json!("parcours.invented.v1"), "type"),
        ] {
            let (_, mut event) = orientation();
            let (parent, name) = field.rsplit_once('/').unwrap();
            event.pointer_mut(parent).unwrap()[name] = wrong;
            let problem = api.post_event(&event).must_be(400).json();
            assert_eq!(problem["type"], "/problems/malformed-event", "{problem}");
            assert_eq!(problem["id"], event["id"], "{problem}");
            let seen = format!("{} {}", problem["field"], problem["detail"]);
            assert!(
                seen.contains(told_field) || seen.contains(name),
                "{field}: {problem}"
            );
        }
        assert_eq!(api.log_size(), 0);
    }

    fn personal_words_are_refused_until_they_can_be_sealed(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        api.post_batch(&story.enters("2024-02-05", &Person::default()))
            .must_be(200);
        let mut bilan = story.bilan("2024-02-12");
        bilan["data"]["notes"] = json!("is afraid of heights");
        let problem = api.post_event(&bilan).must_be(400).json();
        assert_eq!(problem["field"], "data.notes", "{problem}");
        assert!(
            !problem.to_string().contains("heights"),
            "what is personal is not repeated: {problem}"
        );
        assert_eq!(api.history(story.uuid()).len(), 6);
    }

    fn an_expected_revision_guards_an_event(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, event) = orientation();
        let wrong = problem(
            api.post_event_with(&event, &[("if-match", "\"3\"")]),
            412,
            "wrong-revision",
        );
        assert_eq!((&wrong["expected"], &wrong["actual"]), (&json!(3), &json!(0)));
        api.post_event_with(&event, &[("if-match", "\"0\"")]).must_be(201);
        let tag = api
            .get(&format!("/v1/parcours/{}?min_position=0", story.uuid()))
            .must_be(200);
        let tag = tag.header("etag").unwrap().to_owned();
        let next = story.eligible("2024-01-09");
        api.post_event_with(&next, &[("if-match", &tag)]).must_be(201);
        let late = story.tell("2024-01-10", "declined", json!({}));
        problem(
            api.post_event_with(&late, &[("if-match", &tag)]),
            412,
            "wrong-revision",
        );
    }

    fn each_event_of_a_list_is_answered_in_order_and_stands_for_itself(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, event) = orientation();
        api.post_event(&event).must_be(201);
        let eligible = story.eligible("2024-01-09");
        let list =
            json!([event, premature_start(), {"id": "x"}, contradiction(&event), 17, eligible, eligible]);
        let answer = api
            .post(
                "/v1/events",
                &[("content-type", LIST)],
                list.to_string().as_bytes(),
            )
            .must_be(200);
        let results = answer.json();
        let results = results.as_array().unwrap();
        assert_eq!(
            told(results),
            [
                ("duplicate", ""),
                ("refused", "orientation-first"),
                ("refused", "missing-attribute"),
                ("refused", "conflict"),
                ("refused", "malformed-json"),
                ("recorded", ""),
                ("duplicate", ""),
            ]
        );
        let statuses: Vec<_> = results[1..5]
            .iter()
            .map(|result| result["problem"]["status"].as_u64().unwrap())
            .collect();
        assert_eq!(statuses, [422, 400, 409, 400]);
        assert_eq!(
            json!([
                results[5]["position"],
                results[6]["position"],
                results[5]["revision"]
            ]),
            json!([1, 1, 2])
        );
        assert_eq!(results[1]["id"], list[1]["id"]);
        assert_eq!(api.log_size(), 2);
    }

    fn a_bad_line_of_a_stream_never_stops_the_good_ones(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, event) = orientation();
        let lines = format!(
            "{event}\n\nnot JSON\n{}\r\n{}\n{}",
            premature_start(),
            contradiction(&event),
            story.eligible("2024-01-09")
        );
        let answer = api.post_stream(lines.as_bytes()).must_be(200);
        assert_eq!(answer.header("content-type"), Some("application/x-ndjson"));
        let results = answer.json_lines();
        assert_eq!(
            told(&results),
            [
                ("recorded", ""),
                ("refused", "malformed-json"),
                ("refused", "orientation-first"),
                ("refused", "conflict"),
                ("recorded", ""),
            ]
        );
        let lines: Vec<_> = results[1..4]
            .iter()
            .map(|result| result["problem"]["line"].as_u64().unwrap())
            .collect();
        assert_eq!(lines, [3, 4, 5]);
        assert_eq!(api.history(story.uuid()).len(), 2);
    }

    fn results_of_a_stream_come_while_it_is_still_sent(database: Database) {
        let service = Service::start(&database);
        let (mut story, event) = orientation();
        let mut stream = EventStream::open(service.address()).unwrap();
        stream.send([&event]).unwrap();
        assert_eq!(stream.next_result().unwrap().unwrap()["status"], "recorded");
        assert_eq!(service.api().log_size(), 1);
        stream.send([&story.eligible("2024-01-09")]).unwrap();
        stream.finish().unwrap();
        assert_eq!(stream.next_result().unwrap().unwrap()["revision"], 2);
        assert_eq!(stream.next_result().unwrap(), None);
    }

    fn a_long_stream_is_recorded_in_its_order(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut lines = String::new();
        for _ in 0..500 {
            let mut story = Story::parcours();
            for event in story.enters("2024-02-05", &Person::default()) {
                lines.push_str(&format!("{event}\n"));
            }
        }
        let results = api.post_stream(lines.as_bytes()).must_be(200).json_lines();
        assert_eq!(results.len(), 3_000);
        for (index, result) in results.iter().enumerate() {
            // Each start has what the log writes with it behind it.
            assert_eq!(
                (&result["status"], &result["position"]),
                (&json!("recorded"), &json!(index + index / 6))
            );
            assert_eq!(result["revision"], index % 6 + 1);
        }
        api.wait_for_views();
        let region = api
            .get("/v1/territories/region/28?from=2024-01-01&to=2024-12-31")
            .must_be(200)
            .json();
        assert_eq!(region["figures"]["entries"], 500);
    }

    fn one_of_many_senders_of_the_same_event_records_it(database: Database) {
        let service = Service::start(&database);
        for _ in 0..10 {
            let (story, event) = orientation();
            let answers: Vec<Value> = thread::scope(|scope| {
                let senders: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| service.api().post_event(&event).json()))
                    .collect();
                senders.into_iter().map(|sender| sender.join().unwrap()).collect()
            });
            let recorded = answers
                .iter()
                .filter(|answer| answer["status"] == "recorded")
                .count();
            assert_eq!(recorded, 1, "{answers:?}");
            assert!(
                answers
                    .iter()
                    .all(|answer| answer["position"] == answers[0]["position"]),
                "{answers:?}"
            );
            assert_eq!(service.api().history(story.uuid()).len(), 1);
        }
    }

    fn no_more_places_are_taken_than_there_are_however_many_want_them_at_once(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(3);
        api.post_batch(&training.events).must_be(200);
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        let admissions: Vec<Value> = (0..12)
            .map(|_| {
                let mut story = Story::parcours();
                let before = [
                    story.oriented("2024-01-08", &person),
                    story.eligible("2024-01-09"),
                ];
                api.post_batch(&before).must_be(200);
                story.admitted("2024-01-10", &person)
            })
            .collect();
        let answers: Vec<Answer> = thread::scope(|scope| {
            let senders: Vec<_> = admissions
                .iter()
                .map(|event| scope.spawn(|| service.api().post_event(event)))
                .collect();
            senders.into_iter().map(|sender| sender.join().unwrap()).collect()
        });
        let (admitted, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.status == 201);
        assert_eq!((admitted.len(), refused.len()), (3, 9));
        for answer in refused {
            problem(answer, 422, "place-available");
        }
        api.wait_for_views();
        assert_eq!(
            api.sessions()[0]["places"],
            json!({"capacity": 3, "taken": 3, "waiting": 0, "offered": 0, "left": 0})
        );
    }

    fn a_read_with_min_position_sees_what_its_writer_was_told(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        for round in 1..=20 {
            let mut story = Story::parcours();
            let results = api
                .post_batch(&story.enters("2024-02-05", &Person::default()))
                .must_be(200)
                .json();
            let position = results[5]["position"].as_u64().unwrap();
            let told = api
                .get(&format!("/v1/parcours/{}?min_position={position}", story.uuid()))
                .must_be(200)
                .json();
            assert_eq!(
                (&told["status"], &told["revision"]),
                (&json!("in_training"), &json!(6))
            );
            let question = format!("from=2024-01-01&to=2024-12-31&min_position={position}");
            let region = api
                .get(&format!("/v1/territories/region/28?{question}"))
                .must_be(200)
                .json();
            assert_eq!(region["figures"]["entries"], round);
        }
    }

    fn a_read_of_what_is_not_written_yet_says_how_far_the_view_is(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (story, event) = orientation();
        api.post_event(&event).must_be(201);
        api.wait_for_views();
        let late = api.get(&format!("/v1/parcours/{}?min_position=7", story.uuid()));
        assert!(late.header("retry-after").is_some(), "{late:?}");
        assert_eq!(problem(late, 503, "view-behind")["checkpoint"], 1);
    }

    fn what_is_wrong_with_a_request_is_a_problem_with_a_stable_code(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let (_, event) = orientation();
        let body = event.to_string();
        let post = |path: &str, media: &str, body: &[u8]| api.post(path, &[("content-type", media)], body);

        let unknown = problem(
            post("/v1/events?atomic=perhaps", STRUCTURED, body.as_bytes()),
            400,
            "invalid-parameter",
        );
        assert_eq!(unknown["field"], "atomic");
        problem(api.get("/v1/catalogue?opne=true"), 400, "invalid-parameter");
        problem(
            api.get("/v1/territories/region/28?by=colour"),
            400,
            "invalid-parameter",
        );
        problem(
            api.get("/v1/territories/region/28?from=2024-02-30"),
            400,
            "invalid-parameter",
        );
        problem(
            api.get("/v1/territories/region/28?from=2024-12-31&to=2024-01-01"),
            400,
            "invalid-parameter",
        );
        problem(api.get("/v1/territories/region/99"), 404, "unknown-territory");
        problem(api.get("/v1/territories/village/28"), 404, "unknown-territory");
        problem(
            api.get(&format!("/v1/parcours/{}", Uuid::now_v7())),
            404,
            "unknown-parcours",
        );
        problem(
            api.get(&format!("/v1/parcours/{}/events", Uuid::now_v7())),
            404,
            "unknown-parcours",
        );
        problem(api.get("/v1/nothing"), 404, "unknown-address");
        problem(api.get("/v1/events"), 405, "method-not-allowed");
        problem(
            api.send("DELETE", "/v1/catalogue", &[], &b""[..]).unwrap(),
            405,
            "method-not-allowed",
        );
        problem(
            post("/v1/events", "text/plain", body.as_bytes()),
            415,
            "unsupported-media-type",
        );
        problem(post("/v1/events", LIST, b"{}"), 400, "malformed-body");
        problem(
            api.get_with("/v1/territories/region/28", &[("accept", "image/png")]),
            406,
            "not-acceptable",
        );
        assert_eq!(api.log_size(), 0, "nothing was recorded");
    }

    fn what_is_too_large_is_refused_whole_and_told_its_limit(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, event) = orientation();
        api.post_event(&event).must_be(201);
        let large = |story: &mut Story, bytes: usize| {
            story.tell(
                "2024-01-09",
                "eligibility.checked",
                json!({"eligible": true, "reasons": vec!["x".repeat(bytes / 200 - 3); 200]}),
            )
        };
        let too_large = problem(api.post_event(&large(&mut story, 70_000)), 413, "event-too-large");
        assert_eq!(too_large["limit"], 65_535);
        problem(api.post_event(&large(&mut story, 9 << 20)), 413, "body-too-large");
        let fits = large(&mut story, 60_000);
        api.post_event(&fits).must_be(201);
        let too_long = vec![event; 10_001];
        problem(api.post_batch(&too_long), 413, "batch-too-long");
        assert_eq!(api.log_size(), 2);
    }

    fn the_contract_of_every_event_is_served(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let document = api.get("/openapi.json").must_be(200).json();
        assert!(document["paths"]["/v1/events"]["post"].is_object());
        let listed = api.get("/schemas").must_be(200).json();
        assert!(listed.as_array().unwrap().len() > 50, "{listed}");
        let schema = api.get("/schemas/parcours.oriented.v1").must_be(200).json();
        assert!(schema.to_string().contains("commune"), "{schema}");
    }

    fn health_and_metrics_tell_how_far_the_log_and_the_views_are(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        api.get("/health/live").must_be(200);
        let (_, event) = orientation();
        api.post_event(&event).must_be(201);
        api.wait_for_views();
        // A view that was just built for the first time answers a moment before it is followed.
        let health = wait_for("every view is followed", Duration::from_secs(20), || {
            let health = api.get("/health/ready").must_be(200).json();
            let views = health["views"].as_array().unwrap();
            views.iter().all(|view| view["state"] == "live").then_some(health)
        });
        assert_eq!(
            (&health["ready"], &health["log"]["size"]),
            (&json!(true), &json!(1))
        );
        let views = health["views"].as_array().unwrap();
        let mut names: Vec<_> = views.iter().map(|view| view["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["catalogue", "cohorts", "outcomes", "people", "register", "territory", "timeline", "work"]);
        assert!(
            views
                .iter()
                .all(|view| view["state"] == "live" && view["checkpoint"] == 1),
            "{health}"
        );
        let metrics = api.get("/metrics").must_be(200).text();
        assert!(
            metrics.lines().any(|line| line.starts_with("parcours_log_size ")),
            "{metrics}"
        );
        assert!(
            metrics.contains("territory"),
            "the views' checkpoints are told:\n{metrics}"
        );
    }

    fn a_log_outlives_the_service_that_wrote_it(database: Database) {
        let service = Service::start(&database);
        let mut story = Story::parcours();
        service
            .api()
            .post_batch(&story.enters("2024-02-05", &Person::default()))
            .must_be(200);
        let before = service.api().everything(&[story.uuid()]);
        assert!(service.stop().success());
        let service = Service::start(&database);
        parcours_tests::answers::must_be_the_same(&before, &service.api().everything(&[story.uuid()]));
        let next = service
            .api()
            .post_event(&story.bilan("2024-02-12"))
            .must_be(201)
            .json();
        assert_eq!((&next["position"], &next["revision"]), (&json!(7), &json!(7)), "six events, and that the training began");
    }
}
