//! What is published keeps to what is published of it, as programs of others read both.

use std::collections::BTreeSet;

use parcours_tests::story::{Person, training};
use parcours_tests::{Database, Service, declare, javascript};
use serde_json::{Value, json};

use super::{agreed, record, text};

#[test]
fn the_document_is_valid_for_the_official_parser_and_names_every_message() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    let document = api.get("/asyncapi.json").must_be(200).text();
    let read: Value = serde_json::from_str(&javascript::run("asyncapi.js", &document)).unwrap();
    // The version is the one that generators of types read.
    let newest = |finding: &&Value| finding["code"] != "asyncapi-latest-version";
    let findings: Vec<&Value> = read["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(newest)
        .collect();
    assert_eq!(findings, [&json!(null); 0]);
    assert!(text(&read, "/version").starts_with("3."), "{read}");
    let addresses = read["channels"].as_array().unwrap();
    assert!(addresses.contains(&json!("/v1/outcomes")), "{addresses:?}");
    let known = api.get("/schemas").must_be(200).json();
    let published: BTreeSet<_> = known
        .as_array()
        .unwrap()
        .iter()
        .map(|known| text(known, "/type").to_owned())
        .filter(|name| name.starts_with("outcome."))
        .collect();
    let described: BTreeSet<_> = read["messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(described, published);
    assert!(service.stop().success());
}

#[test]
fn a_document_that_is_wrong_is_found_wrong() {
    let wrong = r#"{"asyncapi": "3.1.0", "info": {"title": "x"}, "channels": {"a": {"messages": 1}}}"#;
    let read: Value = serde_json::from_str(&javascript::run("asyncapi.js", wrong)).unwrap();
    let found = read["diagnostics"].as_array().unwrap();
    assert!(
        found
            .iter()
            .any(|finding| finding["path"] == "channels.a.messages"),
        "{found:?}"
    );
}

#[test]
fn messages_are_read_by_the_cloudevents_sdk_of_another_language() {
    let database = Database::sqlite();
    let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
    let service = Service::start(&database);
    let api = service.api();
    let (mut story, mut events) = agreed(&Person::default());
    events.push(story.bilan("2024-02-20"));
    events.extend(story.certified("2024-06-10"));
    events.push(story.exited("2024-06-28", "completed"));
    let employed = story.employed("2024-07-08");
    events.push(employed.clone());
    events.push(story.business("2024-07-09"));
    events.push(story.moved("2024-07-10", &employed, "2024-07-05"));
    events.push(story.annulled("2024-07-11", &employed));
    events.extend(training(2).events);
    record(&api, &events);
    let told = partner.outcomes(&api, "");
    let lines: Vec<_> = told.iter().map(|message| format!("{message}\n")).collect();
    let read: Vec<Value> = javascript::run("cloudevents.js", &lines.concat())
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let expected = told.iter().map(|message| {
        json!({"id": message["id"], "type": message["type"], "source": message["source"], "subject": message["subject"]})
    });
    assert_eq!(read, expected.collect::<Vec<_>>());
    let types: BTreeSet<_> = told.iter().map(|message| text(message, "/type")).collect();
    assert!(types.len() >= 7, "many types were tried: {types:?}");
    assert!(service.stop().success());
}
