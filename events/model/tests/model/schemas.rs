//! The schemas say what is taken: an event of every type, changed anywhere, is taken if and only if its schema takes it.

use std::collections::HashMap;
use std::sync::LazyLock;

use jsonschema::Validator;
use parcours_model::{Malformed, Record, Submission, schema};
use proptest::prelude::*;
use serde_json::{Value, json};

const UUID: &str = "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e";

/// Of each type a validator of its schema, and an event with all that it may have.
static TYPES: LazyLock<HashMap<&str, (Validator, Value)>> = LazyLock::new(|| {
    let of = |name: &'static str| {
        let schema = schema::of(name).unwrap();
        let validator = jsonschema::options().should_validate_formats(true).build(&schema);
        (name, (validator.unwrap(), event(name, &schema)))
    };
    schema::types().map(|(_, spec)| of(spec.name)).collect()
});

pub fn takes(name: &str, event: &Value) -> bool {
    TYPES[name].0.is_valid(event)
}

fn event(name: &str, schema: &Value) -> Value {
    let kind = name.split('.').next().unwrap();
    let mut data = sample(schema, &schema["properties"]["data"]);
    let members = data.as_object_mut().unwrap();
    if members.contains_key("scope") {
        members.retain(|name, _| !matches!(name.as_str(), "rs" | "blocks"));
    }
    // Of two that exclude each other, one.
    if ["call.proposal.selected.v1", "need.stated.v1"].contains(&name) {
        members.retain(|name, _| !matches!(name.as_str(), "operator" | "territory"));
    }
    let named = if kind == "envelope" { "2026" } else { UUID };
    if let Some(data) = members.get_mut("data") {
        *data = json!({"note": null});
    }
    json!({
        "specversion": "1.0", "id": "e-1", "source": "urn:region:28", "type": name, "subject": format!("{kind}/{named}"),
        "time": "2026-02-01T00:00:00+01:00", "datacontenttype": "application/json",
        "dataschema": "https://example.org/schema", "rank": 3, "data": data,
    })
}

/// A value that the schema describes.
fn sample(root: &Value, described: &Value) -> Value {
    if let Some(pointer) = described["$ref"].as_str() {
        if let Some(least) = described.get("minimum") {
            return least.clone();
        }
        return sample(root, root.pointer(&pointer[1..]).unwrap());
    }
    if let Some(value) = described["const"].as_str() {
        return json!(value);
    }
    if let Some(value) = described["enum"].get(0) {
        return value.clone();
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = described[choice].as_array() {
            return sample(root, &choices[0]);
        }
    }
    if let Some(example) = described["examples"].get(0) {
        return example.clone();
    }
    let kind = described["type"].as_str().or(described["type"][0].as_str());
    match (kind, described["format"].as_str()) {
        (Some("string"), Some("uuid")) => json!(UUID),
        (Some("string"), Some("date")) => json!("2026-05-04"),
        (Some("string"), Some("date-time")) => json!("2026-05-04T10:00:00Z"),
        (Some("string"), _)
            if described["pattern"]
                .as_str()
                .unwrap_or_default()
                .contains("departement") =>
        {
            json!("departement/76")
        }
        (Some("string"), _) => json!("text"),
        (Some("integer"), _) => described["minimum"].clone(),
        (Some("boolean"), _) => json!(true),
        (Some("array"), _) => json!([sample(root, &described["items"])]),
        (Some("object"), _) => {
            let own = described["properties"].as_object().into_iter().flatten();
            // What is sealed is not taken yet.
            let open = own.filter(|(_, member)| !sealed(root, member));
            Value::Object(
                open.map(|(name, member)| (name.clone(), sample(root, member)))
                    .collect(),
            )
        }
        _ => json!("anything"),
    }
}

fn sealed(root: &Value, described: &Value) -> bool {
    let pointed = described["$ref"]
        .as_str()
        .and_then(|pointer| root.pointer(&pointer[1..]));
    let first = described["anyOf"].get(0);
    described.get("not").is_some() || pointed.or(first).is_some_and(|inner| sealed(root, inner))
}

/// Every place in a value, as JSON pointers.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let mut inner = |name: &str, value: &Value| {
        places(
            value,
            &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")),
            found,
        );
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| inner(name, value)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| inner(&index.to_string(), value)),
        _ => {}
    }
}

#[derive(Clone, Debug)]
enum Change {
    Put(Value),
    Remove,
    Add(&'static str, Value),
    Wrap,
    Capitals,
    Point,
}

fn any_value() -> impl Strategy<Value = Value> {
    let known = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(3),
        json!(8_400),
        json!(8_400.0),
        json!(8.4e3),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(4_294_967_296_u64),
        json!(""),
        json!("x"),
        json!("1"),
        json!(" 2027-1-1\n"),
        json!("2027-01-01"),
        json!("2027-02-30"),
        json!("20270101"),
        json!("2026-02-01T00:00:00Z"),
        json!("2026-02-01 00:00:00Z"),
        json!("2026-02-01t00:00:00.000z"),
        json!("2026-12-31T23:59:60Z"),
        json!("2026-02-01T00:00:00.1234567891Z"),
        json!("2026-02-01T00:00:00"),
        json!("2026-02-01T24:00:00Z"),
        json!("{0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e}"),
        json!("urn:uuid:0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e"),
        json!("0190b7a46a3e7cc09d2e1f4b5a6c7d8e"),
        json!("0190B7A4-6A3E-7CC0-9D2E-1F4B5A6C7D8E"),
        json!("a\u{0}b"),
        json!("a\nb"),
        json!("Direct"),
        json!("direct"),
        json!("blocks"),
        json!("employed"),
        json!([]),
        json!(["x"]),
        json!({}),
        json!({"a": 1}),
        json!("application/JSON ; charset=utf-8"),
        json!("text/plain"),
        json!("not a uri"),
        json!("urn:x:y"),
    ];
    prop_oneof![4 => proptest::sample::select(known.to_vec()), 1 => any::<i64>().prop_map(|number| json!(number)),
        1 => "\\PC{0,12}".prop_map(|text| json!(text))]
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        6 => any_value().prop_map(Change::Put),
        2 => Just(Change::Remove),
        2 => (proptest::sample::select(vec!["unknown", "Upper", "with_underscore", "data_base64", "actor", "revision", "position",
            "recordedtime", "comment", "blocks", "rs", "rncp", "prescriber", "channel", "scope"]), any_value())
            .prop_map(|(name, value)| Change::Add(name, value)),
        1 => Just(Change::Wrap),
        1 => Just(Change::Capitals),
        1 => Just(Change::Point),
    ]
}

/// Changes one place of an event; nothing where the change makes no sense.
fn change(event: &mut Value, place: &str, change: Change) {
    let (outer, name) = place.rsplit_once('/').unwrap_or(("", ""));
    match change {
        Change::Remove => {
            if let Some(members) = event.pointer_mut(outer).and_then(Value::as_object_mut) {
                members.remove(name);
            }
        }
        Change::Put(value) => *event.pointer_mut(place).unwrap() = value,
        Change::Add(name, value) => {
            if let Some(members) = event.pointer_mut(place).and_then(Value::as_object_mut) {
                members.insert(name.to_owned(), value);
            }
        }
        Change::Wrap => {
            let inner = event.pointer_mut(place).unwrap();
            *inner = json!([inner.take()]);
        }
        Change::Capitals => {
            let inner = event.pointer_mut(place).unwrap();
            if let Some(text) = inner.as_str() {
                *inner = json!(text.to_uppercase());
            }
        }
        Change::Point => {
            let inner = event.pointer_mut(place).unwrap();
            if let Some(number) = inner.as_i64().filter(|number| number.abs() < 1 << 53) {
                *inner = json!(number as f64);
            }
        }
    }
}

/// Whether it is refused for what no schema can say: a code that no table has, or whose key is another; a period.
fn is_beyond_a_schema(malformed: &Malformed) -> bool {
    let detail = &malformed.detail;
    let whys = [
        "key",
        "not in",
        "no commune",
        "no région",
        "is not the INSEE code",
        "no territory",
        "no trade",
        "before `from`",
        "too long",
        "whose",
    ];
    whys.iter().any(|why| detail.contains(why))
}

#[test]
fn an_event_with_all_that_its_type_may_have_is_taken() {
    for (name, (_, event)) in TYPES.iter() {
        assert!(takes(name, event), "{event}");
        let sent = Submission::parse(event.to_string().as_bytes());
        assert!(sent.is_ok(), "{event}: {}", sent.unwrap_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12_000))]
    #[test]
    fn an_event_changed_anywhere_is_taken_exactly_if_its_schema_takes_it(
        kind in 0..schema::types().count(), place in any::<proptest::sample::Index>(), how in any_change(), again in any_change(), twice in any::<bool>()
    ) {
        let (_, spec) = schema::types().nth(kind).unwrap();
        let mut event = TYPES[spec.name].1.clone();
        for how in std::iter::once(how).chain(twice.then_some(again)) {
            let mut all = Vec::new();
            places(&event, "", &mut all);
            let place = place.get(&all).clone();
            change(&mut event, &place, how);
        }
        // Of another type, it has another schema.
        if event["type"] != spec.name {
            return Ok(());
        }
        let sent = Submission::parse(event.to_string().as_bytes());
        match &sent {
            Err(malformed) if is_beyond_a_schema(malformed) => {}
            sent => prop_assert_eq!(sent.is_ok(), takes(spec.name, &event), "{} {:?}", event, sent.as_ref().err()),
        }
        if let Ok(sent) = sent {
            // What is kept has one spelling, which its schema takes, too, and is the same event.
            let kept: Value = serde_json::from_slice(&sent.to_json()).unwrap();
            prop_assert!(takes(spec.name, &kept), "{}", kept);
            let again = Submission::parse(&sent.to_json()).unwrap();
            prop_assert_eq!(again.to_json(), sent.to_json());
            // As a log has it that kept what was sent as it was spelt.
            for (name, value) in [("actor", json!("a")), ("recordedtime", json!("2026-02-01T00:00:00Z")), ("revision", json!(1))] {
                event[name] = value;
            }
            let entry = event.to_string();
            if Record::decode(0, entry.as_bytes()).is_ok() {
                prop_assert_eq!(sent.differs_from(entry.as_bytes()), None::<String>);
            }
        }
    }
}
