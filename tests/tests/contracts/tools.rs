//! What tools that others use find in the contracts.

use parcours_tests::{Database, Service, javascript};
use serde_json::{Value, json};

/// Whether a finding is one that is not to be mended.
fn is_accepted(finding: &str) -> bool {
    // Whom to ask is known to whoever runs the service, and not to the program; and the version is one that generators of
    // types read: Modelina 5.10 makes nothing of 3.1.
    finding.contains("info-contact ") || finding.contains("asyncapi-latest-version ")
}

#[test]
fn redocly_and_spectral_find_nothing_by_the_rules_that_they_recommend() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    let document = |path: &str| api.get(path).must_be(200).text();
    let wrong = r#"{"openapi": "3.1.0", "info": {}, "paths": {"/x": {"get": {"responses": 1}}}}"#;
    let given = json!([
        {"kind": "openapi", "document": document("/openapi.json")},
        {"kind": "asyncapi", "document": document("/asyncapi.json")},
        {"kind": "openapi", "document": wrong},
    ]);
    let told = javascript::run("lint.js", &given.to_string());
    // Of each document: `tool: rule at place: message`.
    let mut found: Vec<Vec<String>> = serde_json::from_str(&told).unwrap();
    let in_what_is_wrong = found.pop().unwrap();
    for tool in ["redocly: ", "spectral: "] {
        let by_tool = in_what_is_wrong.iter().any(|finding| finding.starts_with(tool));
        assert!(by_tool, "{in_what_is_wrong:?}");
    }
    for found in &mut found {
        found.retain(|finding| !is_accepted(finding));
        assert_eq!(*found, [""; 0]);
    }
    assert!(service.stop().success());
}

#[test]
fn ajv_takes_every_schema_in_strict_mode() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    let types = api.get("/schemas").must_be(200).json();
    let schemas = types
        .as_array()
        .unwrap()
        .iter()
        .map(|known| api.get(known["schema"].as_str().unwrap()).must_be(200).json());
    let schemas: Vec<Value> = schemas.collect();
    let tried = |schemas: &[Value]| -> Value {
        serde_json::from_str(&javascript::run("ajv.js", &json!(schemas).to_string())).unwrap()
    };
    assert_eq!(tried(&schemas), json!({"compiled": schemas.len(), "wrong": []}));
    assert!(schemas.len() > 60);
    let unknown = json!({"$id": "/x", "type": "integer", "format": "uint32"});
    assert_ne!(tried(&[unknown])["wrong"], json!([]));
    assert!(service.stop().success());
}
