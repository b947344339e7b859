//! What is promised to the outside, against what is there.

use crate::service::Service;
use parcours_model::schema;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

/// DESIGN.md's routes that this service answers.
const PROMISED: [&str; 11] = [
    "post /v1/events",
    "get /v1/parcours/{id}",
    "get /v1/parcours/{id}/events",
    "get /v1/catalogue",
    "get /v1/territories/{level}/{code}",
    "get /openapi.json",
    "get /schemas",
    "get /schemas/{type}",
    "get /health/live",
    "get /health/ready",
    "get /metrics",
];

fn document(service: &Service) -> Value {
    service.api.get("/openapi.json").must_be(200).json()
}

/// Every `method path` with its operation.
fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item
            .as_object()
            .unwrap()
            .iter()
            .filter(|(method, _)| METHODS.contains(&method.as_str()));
        methods.map(move |(method, operation)| (format!("{method} {path}"), operation.clone()))
    });
    operations.collect()
}

#[test]
fn every_promised_route_is_described() {
    let service = Service::start();
    let document = document(&service);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: BTreeSet<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
    for promised in PROMISED {
        assert!(
            described.contains(promised),
            "{promised} is not among {described:?}"
        );
    }
}

#[test]
fn every_described_route_is_there_and_refuses_what_it_does_not_describe() {
    let service = Service::start();
    for (name, operation) in operations(&document(&service)) {
        let (method, path) = name.split_once(' ').unwrap();
        let path = path
            .replace("{id}", "00000000-0000-0000-0000-000000000001")
            .replace("{level}/{code}", "region/28")
            .replace("{siret}", "19290076900014")
            .replace("{type}", "parcours.started.v1")
            .replace("/problems/{code}", "/problems/conflict")
            .replace("{code}", "start-once");
        let answer = service
            .api
            .send(
                &method.to_uppercase(),
                &format!("{path}?unheard_of=1"),
                &[],
                &b""[..],
            )
            .unwrap();
        let problem = answer.must_be(400).json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!("invalid-parameter"), &json!("unheard_of")),
            "{name}"
        );
        assert!(
            operation["responses"]["400"].is_object(),
            "{name} does not describe this problem"
        );
        assert!(
            operation["summary"]
                .as_str()
                .is_some_and(|summary| !summary.is_empty()),
            "{name} has no summary"
        );
    }
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let service = Service::start();
    let document = document(&service);
    let mut seen = 0;
    let mut left = vec![&document];
    while let Some(value) = left.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                    seen += 1;
                }
                left.extend(fields.values());
            }
            Value::Array(items) => left.extend(items),
            _ => {}
        }
    }
    assert!(seen > 20, "only {seen} references");
}

#[test]
fn the_parameters_of_reads_are_described() {
    let service = Service::start();
    let operations = operations(&document(&service));
    let parameters = |name: &str| -> BTreeSet<String> {
        let (_, operation) = operations.iter().find(|(known, _)| known == name).unwrap();
        operation["parameters"]
            .as_array()
            .unwrap()
            .iter()
            .map(|parameter| parameter["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert!(
        parameters("get /v1/parcours/{id}")
            .is_superset(&["id", "as_of", "min_position"].map(str::to_owned).into())
    );
    assert!(
        parameters("get /v1/catalogue").is_superset(
            &[
                "territory",
                "near",
                "rome",
                "rncp",
                "rs",
                "from",
                "to",
                "open",
                "text",
                "cursor"
            ]
            .map(str::to_owned)
            .into()
        )
    );
    assert!(
        parameters("get /v1/territories/{level}/{code}").is_superset(
            &["level", "code", "from", "to", "as_of", "by"]
                .map(str::to_owned)
                .into()
        )
    );
}

#[test]
fn every_type_of_event_has_its_schema() {
    let service = Service::start();
    let listed = service.api.get("/schemas").must_be(200).json();
    let listed: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["type"].clone(), entry["schema"].clone()))
        .collect();
    assert_eq!(listed.len(), schema::types().count());
    for (name, address) in listed {
        let answer = service.api.get(address.as_str().unwrap()).must_be(200);
        assert_eq!(answer.header("content-type"), Some("application/schema+json"));
        assert_eq!(answer.json()["title"], name);
    }
    assert_eq!(
        service
            .api
            .get("/schemas/parcours.invented.v1")
            .must_be(404)
            .json()["code"],
        "unknown-schema"
    );
}

#[test]
fn the_type_of_every_problem_is_an_address_that_describes_it() {
    let service = Service::start();
    let kinds = service.api.get("/problems").must_be(200).json();
    let kinds = kinds.as_array().unwrap();
    assert!(
        kinds
            .iter()
            .any(|kind| kind["code"] == "place-available" && kind["title_fr"].is_string())
    );
    for kind in kinds {
        assert_eq!(
            &service
                .api
                .get(kind["type"].as_str().unwrap())
                .must_be(200)
                .json(),
            kind
        );
    }
}

#[test]
fn an_unknown_address_and_a_wrong_method_are_problems_too() {
    let service = Service::start();
    let nothing = service.api.get("/v2/events").must_be(404);
    assert_eq!(nothing.header("content-type"), Some("application/problem+json"));
    assert_eq!(nothing.json()["code"], "unknown-address");
    let wrong = service.api.get("/v1/events").must_be(405);
    assert_eq!(wrong.header("allow"), Some("POST"));
    assert_eq!(wrong.json()["code"], "method-not-allowed");
}
