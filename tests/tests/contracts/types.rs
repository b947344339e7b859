//! Types that Modelina makes of the AsyncAPI document, reading what a real service tells a partner.

use std::collections::BTreeSet;

use parcours_tests::{Database, Service, declare, javascript};
use serde_json::{Value, json};

use super::fill;

#[test]
fn modelina_makes_named_types_that_read_what_a_partner_is_told() {
    let database = Database::sqlite();
    let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
    let service = Service::start(&database);
    let api = service.api();
    fill(&api);
    let document = api.get("/asyncapi.json").must_be(200).json();
    let server = &document["servers"]["http"];
    let protocol = server["protocol"].as_str().unwrap();
    assert_eq!(
        format!("{protocol}://{}", server["host"].as_str().unwrap()),
        service.address()
    );
    assert_eq!(document["channels"]["page"]["address"], "/v1/outcomes");
    let messages = partner.outcomes(&api, "");
    let given = json!({"document": document, "messages": messages}).to_string();
    let made: Value = serde_json::from_str(&javascript::run("modelina.js", &given)).unwrap();
    let named: BTreeSet<&str> = made["models"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for name in [
        "OutcomeEntryV1",
        "EntryData",
        "OutcomeForgetV1",
        "ForgetData",
        "PlaceChange",
        "Contract",
    ] {
        assert!(named.contains(name), "{name} is not among {named:?}");
    }
    let unclear = named
        .iter()
        .filter(|name| name.contains("Anonymous") || name.contains("Dot"));
    assert_eq!(unclear.count(), 0, "{named:?}");
    assert_eq!(made["read"], json!(messages));
    assert!(messages.len() >= 5, "several types are tried: {messages:?}");
    assert!(service.stop().success());
}
