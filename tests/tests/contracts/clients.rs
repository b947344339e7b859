//! Clients that generators make of the OpenAPI document, calling a real service: send, send again, read, be refused.

use parcours_tests::python::python_with;
use parcours_tests::{Database, Partner, Service, declare, javascript, program};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fill;

/// What each client must have been answered, whatever its language.
fn expected() -> Value {
    json!({
        "first": [201, "recorded"],
        "again": [200, "duplicate"],
        "list": ["duplicate", "recorded"],
        "refused": [400, "data.commune"],
        "status": "eligible",
        "steps": ["parcours.oriented.v1", "parcours.eligibility.checked.v1"],
        "history": [1, 2],
        "missing": "unknown-parcours",
        "left": 12,
        "months": 12,
        "entries": 2,
        "reasons": ["completed"],
    })
}

/// A filled service, a partner of it, and its document.
fn filled(database: &Database) -> (Service, Partner, String) {
    let partner = declare(database, "france-travail", &["--territory", "region/28"]);
    let service = Service::start(database);
    fill(&service.api());
    let document = service.api().get("/openapi.json").must_be(200).text();
    (service, partner, document)
}

fn called(service: Service, answered: &str) {
    let answered: Value = serde_json::from_str(answered.lines().last().unwrap()).unwrap();
    assert_eq!(answered, expected());
    assert!(service.stop().success());
}

#[test]
fn a_client_made_by_openapi_typescript_compiles_and_calls() {
    let database = Database::sqlite();
    let (service, partner, document) = filled(&database);
    let parcours = Uuid::now_v7().to_string();
    let mut command = javascript::command("client.js");
    command.args([service.address(), &parcours, partner.secret()]);
    let answered = program::run(&mut command, &document);
    called(service, &answered);
}

#[test]
fn a_client_made_by_openapi_python_client_calls() {
    let database = Database::sqlite();
    let (service, partner, document) = filled(&database);
    let parcours = Uuid::now_v7().to_string();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/python/client.py");
    let mut command = python_with("openapi-python-client");
    command
        .arg(script)
        .args([service.address(), &parcours, partner.secret()]);
    let answered = program::run(&mut command, &document);
    called(service, &answered);
}
