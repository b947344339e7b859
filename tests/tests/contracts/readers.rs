//! Readers of server-sent events that partners use, in the oldest versions that the partners' guide names: they take what is
//! told for what it is, and nothing else for an event.

use parcours_tests::python::python_with;
use parcours_tests::{Database, Service, declare, javascript, program};
use serde_json::Value;

use super::fill;

#[test]
fn readers_of_other_languages_are_given_the_messages_and_nothing_else() {
    let database = Database::sqlite();
    let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
    let service = Service::start(&database);
    let api = service.api();
    fill(&api);
    let listed = partner.outcomes(&api, "");
    assert!(listed.len() >= 5);
    let count = listed.len().to_string();
    let arguments = [service.address(), partner.secret(), &count];
    let mut python = python_with("httpx-sse");
    python
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/python/readers.py"))
        .args(arguments);
    let mut node = javascript::command("reader.js");
    node.args(arguments);
    let told = program::run(&mut python, "") + &program::run(&mut node, "");
    assert_eq!(told.lines().count(), 3, "two in Python, one in JavaScript");
    for reader in told.lines() {
        let events: Vec<(String, String)> = serde_json::from_str(reader).unwrap();
        let messages: Vec<Value> = events
            .iter()
            .map(|(id, data)| {
                let message: Value = serde_json::from_str(data).unwrap();
                assert_eq!(message["id"], id.as_str());
                message
            })
            .collect();
        assert_eq!(messages, listed);
    }
    assert!(service.stop().success());
}
