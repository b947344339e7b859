//! What is told of a request that is wrong: where in the body as it was sent, and in whose language.

use crate::journey::{event, orientation};
use crate::service::Service;
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const EVENT: (&str, &str) = ("content-type", "application/cloudevents+json");
const LIST: (&str, &str) = ("content-type", "application/cloudevents-batch+json");
const LINES: (&str, &str) = ("content-type", "application/x-ndjson");
const FRENCH: (&str, &str) = ("accept-language", "fr-FR,fr;q=0.9,en;q=0.5");

/// An orientation without its level, of which the text is known; its data begin on the third line, at column 9.
fn without_level(id: &str) -> String {
    format!(
        r#"{{"specversion": "1.0", "id": "{id}", "source": "urn:siret:19290076900014", "type": "parcours.oriented.v1",
 "subject": "parcours/{ONE}", "time": "2026-01-05T00:00:00+01:00",
"data": {{"trainee": "{ONE}", "channel": "direct", "commune": "76540", "situation": "without_job", "needs": []}}}}"#
    )
}

fn place(problem: &Value) -> (&Value, &Value, &Value, &Value) {
    (
        &problem["field"],
        &problem["pointer"],
        &problem["line"],
        &problem["column"],
    )
}

#[test]
fn a_fault_is_told_with_its_place_in_the_body_as_it_was_sent() {
    let service = Service::start();
    let (field, pointer) = (json!("data.level"), json!("/data/level"));
    let told = |headers: &[(&str, &str)], body: &str, status| {
        service
            .api
            .post("/v1/events", headers, body.as_bytes())
            .must_be(status)
    };

    let alone = told(&[EVENT], &without_level("a"), 400).json();
    assert_eq!(place(&alone), (&field, &pointer, &json!(3), &json!(9)));

    let marked = format!("\u{feff}{}", without_level("a"));
    let marked = told(&[EVENT], &marked, 400).json();
    assert_eq!(place(&marked), (&field, &pointer, &json!(3), &json!(9)));

    let list = format!("[\n  {},\n  {}]", orientation(ONE, "b"), without_level("c"));
    let listed = told(&[LIST], &list, 200).json();
    assert_eq!(listed[0]["status"], "recorded");
    assert_eq!(
        place(&listed[1]["problem"]),
        (&field, &pointer, &json!(5), &json!(9))
    );

    let lines = format!("\n{}\né\n", without_level("d").replace('\n', ""));
    let lines = told(&[LINES], &lines, 200).json_lines();
    let column = without_level("d").replace('\n', "").find("{\"trainee").unwrap() + 1;
    assert_eq!(
        place(&lines[0]["problem"]),
        (&field, &pointer, &json!(2), &json!(column))
    );
    assert_eq!(
        place(&lines[1]["problem"]),
        (&Value::Null, &Value::Null, &json!(3), &json!(1))
    );

    let subject = format!("parcours/{ONE}");
    let binary = [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-id", "e"),
        ("ce-source", "urn:siret:19290076900014"),
        ("ce-type", "parcours.oriented.v1"),
        ("ce-subject", subject.as_str()),
    ];
    let timed = [&binary[..], &[("ce-time", "2026-01-05T00:00:00+01:00")]].concat();
    let data = told(&timed, "\n {\"channel\": \"phone\"}", 400).json();
    assert_eq!(
        place(&data),
        (
            &json!("data.trainee"),
            &json!("/data/trainee"),
            &json!(2),
            &json!(2)
        )
    );
    let data = told(&timed, "{\"channel\": ]", 400).json();
    assert_eq!(
        place(&data),
        (&json!("data"), &json!("/data"), &json!(1), &json!(13))
    );
    let header = told(&binary, "{}", 400).json();
    assert_eq!(
        place(&header),
        (&json!("time"), &json!("/time"), &Value::Null, &Value::Null)
    );
}

#[test]
fn a_body_that_is_no_list_is_told_with_its_place() {
    let service = Service::start();
    for (body, place, says) in [
        ("[{}\n {}]", (2, 2), "This is no JSON at \"{\": expected a comma"),
        ("[{}, {\"id\": 1", (1, 14), "The JSON is cut off"),
        ("", (1, 1), "Nothing was sent"),
        (
            " {}",
            (1, 2),
            "An object is given here: expected a list of events",
        ),
    ] {
        let problem = service
            .api
            .post("/v1/events", &[LIST], body.as_bytes())
            .must_be(400)
            .json();
        assert_eq!(
            (&problem["line"], &problem["column"]),
            (&json!(place.0), &json!(place.1)),
            "{problem}"
        );
        assert!(problem["detail"].as_str().unwrap().starts_with(says), "{problem}");
    }
    let latin = [&b"[{\"id\": \"caf"[..], b"\xe9\"}]"].concat();
    let problem = service
        .api
        .post("/v1/events", &[LIST], &latin)
        .must_be(400)
        .json();
    assert_eq!((&problem["line"], &problem["column"]), (&json!(1), &json!(13)));
}

#[test]
fn every_problem_is_told_in_french_to_whoever_prefers_it() {
    let service = Service::start();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let other = event(ONE, "a", "2026-02-05", "started", json!({}));
    let known = orientation(ONE, "a");
    let asked = [
        ("GET", "/nothing".to_owned(), Vec::new(), Value::Null, 404),
        ("DELETE", "/v1/events".to_owned(), Vec::new(), Value::Null, 405),
        ("GET", "/v1/parcours/3".to_owned(), Vec::new(), Value::Null, 400),
        (
            "GET",
            format!("/v1/parcours/{}", Uuid::from_u128(9)),
            Vec::new(),
            Value::Null,
            404,
        ),
        (
            "GET",
            "/v1/territories/commune/76000".to_owned(),
            Vec::new(),
            Value::Null,
            404,
        ),
        (
            "GET",
            "/v1/territories/region/28".to_owned(),
            vec![("accept", "image/png")],
            Value::Null,
            406,
        ),
        (
            "GET",
            "/v1/catalogue?limit=0".to_owned(),
            Vec::new(),
            Value::Null,
            400,
        ),
        (
            "GET",
            "/v1/catalogue?near=7".to_owned(),
            Vec::new(),
            Value::Null,
            400,
        ),
        ("GET", "/schemas/x".to_owned(), Vec::new(), Value::Null, 404),
        ("GET", "/problems/x".to_owned(), Vec::new(), Value::Null, 404),
        ("POST", "/v1/events".to_owned(), vec![EVENT], other, 409),
        (
            "POST",
            "/v1/events".to_owned(),
            vec![EVENT, ("if-match", "\"7\"")],
            orientation(ONE, "b"),
            412,
        ),
        (
            "POST",
            "/v1/events".to_owned(),
            vec![EVENT, ("if-match", "7")],
            known.clone(),
            400,
        ),
        (
            "POST",
            "/v1/events".to_owned(),
            vec![("content-type", "text/plain")],
            known.clone(),
            415,
        ),
        (
            "POST",
            "/v1/events?colour=red".to_owned(),
            vec![EVENT],
            known,
            400,
        ),
        (
            "POST",
            "/v1/events".to_owned(),
            vec![EVENT],
            json!({"id": 1}),
            400,
        ),
    ];
    for (method, path, headers, body, status) in asked {
        let body = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        let ask = |headers: &[(&str, &str)]| {
            let answer = service.api.send(method, &path, headers, body.as_bytes());
            answer.unwrap().must_be(status)
        };
        let (english, french) = (ask(&headers), ask(&[&headers[..], &[FRENCH]].concat()));
        assert_eq!(
            (
                english.header("content-language"),
                french.header("content-language")
            ),
            (Some("en"), Some("fr"))
        );
        let (english, french) = (english.json(), french.json());
        assert_eq!(french["detail"], english["detail_fr"], "{path}");
        assert_ne!(french["detail"], english["detail"], "{path}");
        assert_ne!(french["title"], english["title"], "{path}");
        assert_eq!(french["code"], english["code"], "{path}");
    }
}

#[test]
fn pages_of_problems_have_titles_in_both_languages() {
    let service = Service::start();
    let kinds = service.api.get("/problems").must_be(200).json();
    for kind in kinds.as_array().unwrap() {
        assert_ne!(kind["title"], kind["title_fr"], "{kind}");
        assert!(kind["title_fr"].as_str().is_some_and(|title| !title.is_empty()));
    }
}

#[test]
fn the_new_data_of_a_correction_that_are_no_object_are_malformed() {
    let service = Service::start();
    let source = orientation(ONE, "a")["source"].clone();
    service.api.post_event(&orientation(ONE, "a")).must_be(201);
    let correction = |data: Value| {
        let data = json!({"event": {"id": "a", "source": source}, "data": data});
        event(ONE, "c", "2026-02-05", "event.corrected", data)
    };
    let problem = service
        .api
        .post_event(&correction(json!([1])))
        .must_be(400)
        .json();
    assert_eq!(
        (&problem["code"], &problem["field"]),
        (&json!("invalid-data"), &json!("data.data"))
    );
    let problem = service
        .api
        .post_event(&correction(json!({"channel": "direct"})))
        .must_be(422)
        .json();
    assert_eq!(
        (&problem["code"], &problem["field"]),
        (&json!("amends-a-fact"), &json!("data.data.trainee"))
    );
    for member in ["detail", "detail_fr"] {
        assert!(
            !problem[member].as_str().unwrap().contains("at line"),
            "{problem}"
        );
    }
}

#[test]
fn an_event_that_is_only_tried_has_all_its_faults_told_wherever_it_comes() {
    let service = Service::start();
    let faulty = without_level("a").replace("76540", "Rouen");
    let fields = |problem: &Value| -> Vec<String> {
        let faults = problem["faults"].as_array().cloned().unwrap_or_default();
        for fault in &faults {
            assert!(fault["line"].is_u64() && fault["column"].is_u64(), "{fault}");
            assert_ne!(fault["detail"], fault["detail_fr"]);
        }
        let text = |fault: &Value| fault["field"].as_str().unwrap_or_default().to_owned();
        faults.iter().map(text).collect()
    };
    let tried = |headers: &[(&str, &str)], body: &str, status| {
        let answer = service
            .api
            .post("/v1/events?dry_run=true", headers, body.as_bytes());
        answer.must_be(status)
    };
    let all = ["data.level", "data.commune"];
    let alone = tried(&[EVENT], &faulty, 400).json();
    assert_eq!(fields(&alone), all, "{alone}");
    assert_eq!(alone["field"], "data.level");
    let listed = tried(&[LIST], &format!("[{faulty}]"), 200).json();
    assert_eq!(fields(&listed[0]["problem"]), all);
    let lines = tried(&[LINES], &faulty.replace('\n', ""), 200).json_lines();
    assert_eq!(fields(&lines[0]["problem"]), all);
    let french = tried(&[EVENT, FRENCH], &faulty, 400).json();
    assert_eq!(french["faults"][1]["detail"], french["faults"][1]["detail_fr"]);
    let recorded = service.api.post("/v1/events", &[EVENT], faulty.as_bytes());
    assert_eq!(recorded.must_be(400).json()["faults"], Value::Null);
}
