//! Events as they come in, and as they are kept.

use super::world::instant;
use parcours_model::{Record, StreamKind, Submission, schema};
use proptest::prelude::*;
use serde_json::{Value, json};

fn started() -> Value {
    json!({
        "specversion": "1.0", "id": "a-1", "source": "urn:siret:19290076900014", "type": "parcours.eligibility.checked.v1",
        "subject": "parcours/00000000-0000-0000-0000-000000000001", "time": "2026-02-01T00:00:00+01:00",
        "data": {"eligible": true, "reasons": ["without work", "é\u{1F600}\n"]}
    })
}

fn parse(value: &Value) -> Result<Submission, parcours_model::Malformed> {
    Submission::parse(value.to_string().as_bytes())
}

/// The error of an event changed in one place.
fn wrong(change: impl FnOnce(&mut Value)) -> (String, Option<String>, String) {
    let mut value = started();
    change(&mut value);
    let malformed = parse(&value).expect_err("a malformed event was taken");
    (
        malformed.code.to_owned(),
        malformed.field.map(String::from),
        malformed.detail,
    )
}

#[test]
fn an_entry_is_canonical_and_reads_back() {
    let submission = parse(&started()).unwrap();
    let recorded = instant("2026-02-03");
    let entry = submission.encode("token:greta", recorded, 7);
    let value: Value = serde_json::from_slice(&entry).unwrap();
    assert_eq!(
        serde_json_canonicalizer::to_vec(&value).unwrap(),
        entry,
        "not the canonical form of RFC 8785"
    );
    assert_eq!(value["actor"], "token:greta");
    assert_eq!(value["revision"], 7);
    assert_eq!(value["recordedtime"], "2026-02-02T23:00:00.000000Z");
    let record = Record::decode(41, &entry).unwrap();
    assert_eq!(
        (
            record.position,
            record.revision,
            record.recorded,
            record.actor.as_ref()
        ),
        (41, 7, recorded, "token:greta")
    );
    assert_eq!(record.event, submission.event);
    assert!(submission.differs_from(&entry).is_none());
}

#[test]
fn extensions_and_the_data_schema_are_kept_where_they_sort() {
    let mut value = started();
    for (name, extension) in [
        ("aaa", json!("first")),
        ("dataschema", json!("https://x.example/s")),
        ("rank", json!(3)),
        ("recordee", json!(true)),
        ("zzz", json!("last")),
    ] {
        value[name] = extension;
    }
    let entry = parse(&value).unwrap().encode("a", instant("2026-02-03"), 1);
    let stored: Value = serde_json::from_slice(&entry).unwrap();
    assert_eq!(serde_json_canonicalizer::to_vec(&stored).unwrap(), entry);
    assert_eq!(
        (&stored["zzz"], &stored["rank"], &stored["dataschema"]),
        (&json!("last"), &json!(3), &json!("https://x.example/s"))
    );
}

#[test]
fn the_same_event_written_otherwise_is_the_same_content() {
    let entry = parse(&started()).unwrap().encode("a", instant("2026-02-03"), 1);
    let reordered = br#"{"data":{"reasons":["without work","\u00e9\uD83D\uDE00\n"],"eligible":true},"time":"2026-02-01T00:00:00+01:00","type":"parcours.eligibility.checked.v1",
        "subject":"parcours/00000000-0000-0000-0000-000000000001","source":"urn:siret:19290076900014","id":"a-1","specversion":"1.0"}"#;
    assert!(
        Submission::parse(reordered)
            .unwrap()
            .differs_from(&entry)
            .is_none()
    );
    let mut other = started();
    other["data"]["eligible"] = json!(false);
    let difference = parse(&other).unwrap().differs_from(&entry);
    assert_eq!(difference.as_deref(), Some("data.eligible"));
}

#[test]
fn an_event_keeps_the_offset_of_its_sender_and_is_the_same_at_another() {
    let mut zulu = started();
    zulu["time"] = json!("2026-01-31T23:00:00.000z");
    let (first, other) = (parse(&started()).unwrap(), parse(&zulu).unwrap());
    assert!(first.is_same(&other) && other.is_same(&first));
    for (submission, kept) in [
        (&first, "2026-02-01T00:00:00+01:00"),
        (&other, "2026-01-31T23:00:00Z"),
    ] {
        let stored: Value = serde_json::from_slice(&submission.to_json()).unwrap();
        assert_eq!(stored["time"], kept);
    }
}

#[test]
fn json_data_are_json_whether_said_or_not() {
    let entry = parse(&started()).unwrap().encode("a", instant("2026-02-03"), 1);
    for media in ["application/json", "application/json; charset=utf-8"] {
        let mut said = started();
        said["datacontenttype"] = json!(media);
        assert!(parse(&said).unwrap().differs_from(&entry).is_none(), "{media}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_field() {
    let cases = [
        (
            wrong(|event| event["specversion"] = json!("0.3")),
            "unknown-specversion",
            Some("specversion"),
        ),
        (
            wrong(|event| event["id"] = json!("")),
            "missing-attribute",
            Some("id"),
        ),
        (
            wrong(|event| {
                event.as_object_mut().unwrap().remove("time");
            }),
            "missing-attribute",
            Some("time"),
        ),
        (
            wrong(|event| event["time"] = json!("yesterday")),
            "invalid-attribute",
            Some("time"),
        ),
        (
            wrong(|event| event["source"] = json!("urn:siret:19290076900015")),
            "invalid-attribute",
            Some("source"),
        ),
        (
            wrong(|event| event["source"] = json!("urn:region:99")),
            "invalid-attribute",
            Some("source"),
        ),
        (
            wrong(|event| event["subject"] = json!("parcours/1")),
            "invalid-attribute",
            Some("subject"),
        ),
        (
            wrong(|event| event["type"] = json!("parcours.teleported.v1")),
            "unknown-type",
            Some("type"),
        ),
        (
            wrong(|event| event["type"] = json!("session.opened.v1")),
            "unknown-type",
            Some("type"),
        ),
        (
            wrong(|event| event["data"]["eligible"] = json!("yes")),
            "invalid-data",
            Some("data.eligible"),
        ),
        (
            wrong(|event| event["data"]["reasons"][1] = json!(3)),
            "invalid-data",
            Some("data.reasons[1]"),
        ),
        (
            wrong(|event| event["data"]["colour"] = json!("red")),
            "invalid-data",
            Some("data.colour"),
        ),
        (
            wrong(|event| {
                event["data"].as_object_mut().unwrap().remove("eligible");
            }),
            "invalid-data",
            Some("data.eligible"),
        ),
        (
            wrong(|event| event["data"]["reasons"][1] = json!("rings \u{7}")),
            "invalid-data",
            Some("data.reasons[1]"),
        ),
        (
            wrong(|event| event["id"] = json!("a\n1")),
            "invalid-attribute",
            Some("id"),
        ),
        (
            wrong(|event| event["traceparent"] = json!("\0")),
            "invalid-attribute",
            Some("traceparent"),
        ),
        (
            wrong(|event| event["revision"] = json!(3)),
            "log-attribute",
            Some("revision"),
        ),
        (
            wrong(|event| event["position"] = json!(3)),
            "invalid-attribute",
            Some("position"),
        ),
        (
            wrong(|event| event["Extension"] = json!("x")),
            "invalid-attribute",
            Some("Extension"),
        ),
        (
            wrong(|event| event["datacontenttype"] = json!("text/plain")),
            "invalid-attribute",
            Some("datacontenttype"),
        ),
        (
            wrong(|event| event["data_base64"] = json!("AA==")),
            "invalid-attribute",
            Some("data_base64"),
        ),
    ];
    for ((code, field, detail), expected, named) in cases {
        assert_eq!((code.as_str(), field.as_deref()), (expected, named), "{detail}");
    }
}

#[test]
fn a_sealed_field_is_refused_so_that_nothing_personal_is_stored_in_the_clear() {
    let (code, field, detail) = wrong(|event| {
        event["type"] = json!("parcours.partner.reported.v1");
        event["data"] = json!({"partner": "73282932000074", "topic": "health", "notes": "is ill"});
    });
    assert_eq!(
        (code.as_str(), field.as_deref()),
        ("sealed", Some("data.notes")),
        "{detail}"
    );
    assert!(
        !detail.contains("is ill"),
        "the refusal repeats what must not be repeated"
    );
}

#[test]
fn a_malformed_event_is_named_by_its_id_where_it_has_one() {
    let mut value = started();
    value["time"] = json!(3);
    let malformed = parse(&value).unwrap_err();
    assert_eq!(
        (malformed.id.as_deref(), malformed.field.as_deref()),
        (Some("a-1"), Some("time"))
    );
    value["time"] = json!("never");
    assert_eq!(parse(&value).unwrap_err().id.as_deref(), Some("a-1"));
}

#[test]
fn an_attribute_given_twice_is_refused() {
    let twice = started().to_string().replacen('{', r#"{"id":"b","#, 1);
    assert_eq!(
        Submission::parse(twice.as_bytes()).unwrap_err().code,
        "malformed-json"
    );
}

#[test]
fn every_type_has_a_schema_that_names_it() {
    let names: Vec<_> = schema::types().map(|(_, spec)| spec.name).collect();
    let of_each: Vec<usize> = StreamKind::ALL.iter().map(|kind| kind.types().len()).collect();
    assert_eq!(of_each, [46, 8, 3, 4, 7, 5, 4, 2, 2, 4, 5, 3, 3]);
    assert_eq!(names.len(), of_each.iter().sum::<usize>());
    for name in names {
        let schema = schema::of(name).unwrap();
        assert_eq!(schema["properties"]["type"]["const"], name);
        assert_ne!(
            schema["properties"]["data"],
            Value::Null,
            "{name} has no schema of its data"
        );
    }
    assert_eq!(schema::of("parcours.teleported.v1"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_an_event_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Submission::parse(&bytes);
    }

    #[test]
    fn any_text_survives_the_envelope(id in "\\PC{1,40}", reason in "\\PC*") {
        let mut value = started();
        value["id"] = json!(id);
        value["data"]["reasons"] = json!([reason]);
        let submission = parse(&value).unwrap();
        let entry = submission.encode(&reason, instant("2026-02-03"), 1);
        let stored: Value = serde_json::from_slice(&entry).unwrap();
        prop_assert_eq!(serde_json_canonicalizer::to_vec(&stored).unwrap(), entry.clone());
        prop_assert_eq!(&Record::decode(0, &entry).unwrap().event, &submission.event);
    }
}
