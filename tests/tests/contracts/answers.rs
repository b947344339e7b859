//! Answers of a filled service, each against what the document says of it.

use std::collections::BTreeSet;

use jsonschema::Validator;
use parcours_tests::api::Answer;
use parcours_tests::{Database, Service, Story, declare};
use serde_json::{Value, json};

use super::fill;

/// The document, and what answers were looked at.
struct Document {
    whole: Value,
    seen: BTreeSet<String>,
}

impl Document {
    /// A validator of a schema of the document, which may refer to others.
    fn validator(&self, schema: &Value) -> Validator {
        let mut schema = schema.clone();
        schema["components"] = self.whole["components"].clone();
        jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .unwrap()
    }

    /// Fails unless the answer is described, status, media type and body, where the operation is.
    #[track_caller]
    fn describes(&mut self, operation: &str, answer: &Answer) -> Value {
        let (method, path) = operation.split_once(' ').unwrap();
        let mut response = &self.whole["paths"][path][method]["responses"][answer.status.to_string()];
        if let Some(reference) = response["$ref"].as_str() {
            response = self.whole.pointer(&reference[1..]).unwrap();
        }
        assert!(
            response.is_object(),
            "{operation} describes no {}: {}",
            answer.status,
            answer.text()
        );
        let media = answer.header("content-type").unwrap_or_default();
        let media = media.split(';').next().unwrap();
        let schema = &response["content"][media]["schema"];
        assert!(
            schema.is_object(),
            "{operation} describes no {media} for {}",
            answer.status
        );
        let body = answer.json();
        let wrong: Vec<_> = self
            .validator(schema)
            .iter_errors(&body)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{operation}: {wrong:#?} in {body:#}");
        self.seen.insert(format!("{operation} {}", answer.status));
        body
    }
}

#[test]
fn what_a_filled_service_answers_is_what_the_document_says() {
    let database = Database::sqlite();
    let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
    let service = Service::start(&database);
    let api = service.api();
    let told = fill(&api);
    let whole = api.get("/openapi.json").must_be(200).json();
    let seen = BTreeSet::new();
    let mut document = Document { whole, seen };

    let (parcours, session) = (told.parcours, told.session);
    for parcours in [told.parcours, told.other] {
        let path = format!("/v1/parcours/{parcours}");
        let timeline = document.describes("get /v1/parcours/{id}", &api.get(&path));
        assert!(timeline["steps"].as_array().unwrap().len() > 6);
        document.describes(
            "get /v1/parcours/{id}/events",
            &api.get(&format!("{path}/events")),
        );
    }
    let timeline = api.get(&format!("/v1/parcours/{parcours}")).json();
    for part in ["annulled", "outcomes", "alerts"] {
        assert_ne!(timeline[part], json!([]), "{part} are tried, too: {timeline}");
    }
    let steps = timeline["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["correction"].is_object()));
    let nobody = "/v1/parcours/00000000-0000-0000-0000-000000000001";
    document.describes("get /v1/parcours/{id}", &api.get(nobody).must_be(404));
    document.describes(
        "get /v1/parcours/{id}",
        &api.get(&format!("{nobody}?as_of=never")).must_be(400),
    );

    let page = document.describes("get /v1/catalogue", &api.get("/v1/catalogue"));
    assert_eq!(page["sessions"][0]["session"], json!(session));
    for by in [
        "",
        "&by=month",
        "&by=quarter",
        "&by=commune",
        "&by=year",
        "&by=operator",
        "&by=channel",
        "&by=level",
        "&by=gender&then_by=age",
        "&by=situation&then_by=month&compare=true",
    ] {
        let path = format!("/v1/territories/departement/76?from=2024-01-01&to=2024-12-31{by}");
        let report = document.describes("get /v1/territories/{level}/{code}", &api.get(&path));
        assert_eq!(report["figures"]["entries"], 2);
    }
    document.describes(
        "get /v1/territories/{level}/{code}",
        &api.get("/v1/territories/canton/76").must_be(404),
    );
    for by in ["", "&by=month", "&by=operator", "&by=epci&of=start"] {
        let path = format!("/v1/cohorts/departement/76?from=2024-01&to=2024-12{by}");
        let report = document.describes("get /v1/cohorts/{level}/{code}", &api.get(&path));
        assert_eq!(report["cohort"]["funnel"]["oriented"], 2);
    }
    let unknown = api.get("/v1/cohorts/canton/76").must_be(404);
    document.describes("get /v1/cohorts/{level}/{code}", &unknown);
    for by in ["", "&by=month"] {
        let path = format!("/v1/operators/19290076900014/work?from=2024-01&to=2024-12{by}");
        let work = document.describes("get /v1/operators/{siret}/work", &api.get(&path));
        assert_eq!(work["sums"]["people"]["entries"], 2);
    }
    let unknown = api.get("/v1/operators/73282932000074/work").must_be(404);
    document.describes("get /v1/operators/{siret}/work", &unknown);

    let page = document.describes("get /v1/outcomes", &partner.get(&api, "/v1/outcomes"));
    assert!(page["outcomes"].as_array().unwrap().len() >= 5, "{page}");
    document.describes(
        "get /v1/outcomes",
        &api.get("/v1/outcomes?kind=exit").must_be(401),
    );
    for path in [
        "/schemas",
        "/problems",
        "/health/ready",
        "/openapi.json",
        "/asyncapi.json",
    ] {
        document.describes(&format!("get {path}"), &api.get(path));
    }
    document.describes("get /schemas/{type}", &api.get("/schemas/parcours.started.v1"));
    document.describes("get /problems/{code}", &api.get("/problems/conflict"));
    document.describes("get /problems/rule/{code}", &api.get("/problems/rule/start-once"));

    answers_to_events(&mut document, &service, &told.events);
    assert!(document.seen.len() >= 26, "{:?}", document.seen);
    assert!(service.stop().success());
}

fn answers_to_events(document: &mut Document, service: &Service, known: &[Value]) {
    let (api, operation) = (service.api(), "post /v1/events");
    let mut story = Story::parcours();
    let first = story.oriented("2024-09-02", &Default::default());
    document.describes(operation, &api.post_event(&first).must_be(201));
    let again = document.describes(operation, &api.post_event(&first).must_be(200));
    assert_eq!(again["status"], "duplicate", "one result, and no list");
    let mut other = first.clone();
    other["data"]["level"] = json!(5);
    document.describes(operation, &api.post_event(&other).must_be(409));
    let refused = story.started("2024-09-03");
    document.describes(operation, &api.post_event(&refused).must_be(422));
    document.describes(
        operation,
        &api.post_event(&json!({"specversion": "1.0"})).must_be(400),
    );
    let behind = [("if-match", "\"7\"")];
    document.describes(
        operation,
        &api.post_event_with(&story.eligible("2024-09-02"), &behind)
            .must_be(412),
    );
    let list = [first, refused, json!(3), story.eligible("2024-09-02")];
    let results = document.describes(operation, &api.post_batch(&list).must_be(200));
    assert_eq!(results.as_array().unwrap().len(), 4);
    // What was taken is described as something to be sent.
    let event = document.validator(&document.whole["components"]["schemas"]["Event"]);
    for known in known {
        assert!(event.is_valid(known), "{known}");
    }
    assert!(!event.is_valid(&list[2]));
}
