//! Events, as the contract (OpenAPI 3.1) has them: the published schemas (`/schemas`), in the form from which generators make
//! usable types. What they make of some keywords is of no use to anybody who writes a program: an index signature for
//! extensions that no other field fits, fields that are only ever null. The same is said with others.

use parcours_model::schema;
use serde_json::{Map, Value, json};

/// The name of the choice between all types.
pub(super) const EVENT: &str = "Event";
const PLACE: &str = "#/components/schemas/";

/// Attributes that are described alike for every type, and the names under which they are described once.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("id", "EventId"),
    ("source", "EventSource"),
    ("time", "EventTime"),
    ("datacontenttype", "EventDataContentType"),
    ("dataschema", "EventDataSchema"),
];
/// How attributes may be named, and what extensions may be, described once.
const NAMES: &str = "EventAttributeNames";
const EXTENSION: &str = "EventExtension";

/// A component for each type, and for each type of value that its data are made of.
pub(super) fn components() -> Map<String, Value> {
    let mut components = Map::new();
    for (_, spec) in schema::types() {
        let mut event = schema::of(spec.name).expect("every type has a schema");
        let name = component(spec.name);
        let definitions = definitions(&mut event, &name, &components);
        components.extend(definitions);
        for_generators(&mut event, &mut components);
        components.insert(name, event);
    }
    components.insert(EVENT.to_owned(), any());
    components
}

/// The choice between all types.
fn any() -> Value {
    let reference = |name: &str| reference(&component(name));
    let names = || schema::types().map(|(_, spec)| spec.name);
    let choices: Vec<Value> = names().map(|name| json!({ "$ref": reference(name) })).collect();
    let mapping: Map<String, Value> = names()
        .map(|name| (name.to_owned(), reference(name).into()))
        .collect();
    json!({
        "description": "An event in the JSON format of CloudEvents 1.0.",
        "oneOf": choices,
        "discriminator": { "propertyName": "type", "mapping": mapping },
    })
}

/// Where a component is.
pub(super) fn reference(component: &str) -> String {
    format!("{PLACE}{component}")
}

/// `parcours.started.v1` is described as `ParcoursStartedV1`.
fn component(type_name: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    type_name.split(['.', '_']).map(capital).collect()
}

/// Takes the definitions out of the schema of an event, and has it refer to them as components. Two types may have a
/// definition of the same name: the later then bears the name of its event, too.
fn definitions(event: &mut Value, owner: &str, known: &Map<String, Value>) -> Map<String, Value> {
    let Value::Object(own) = event["$defs"].take() else {
        return Map::new();
    };
    let is_free = |(name, definition): (&String, &Value)| {
        let mut here = definition.clone();
        refer(&mut here, &|name| name.to_owned());
        known.get(name).is_none_or(|known| *known == here)
    };
    let taken: Vec<String> = own
        .iter()
        .filter(|definition| !is_free(*definition))
        .map(|(name, _)| name.clone())
        .collect();
    let named = |name: &str| match taken.iter().any(|taken| taken == name) {
        true => format!("{owner}{name}"),
        false => name.to_owned(),
    };
    refer(event, &named);
    let renamed = own.into_iter().map(|(name, mut definition)| {
        refer(&mut definition, &named);
        (named(&name), definition)
    });
    renamed.collect()
}

/// Has every reference lead to a component.
fn refer(schema: &mut Value, named: &dyn Fn(&str) -> String) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = self::reference(&named(name));
            }
            members.values_mut().for_each(|inner| refer(inner, named));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| refer(inner, named)),
        _ => {}
    }
}

/// Says the same so that generators make usable types of it. What is taken as `null` alone is not told of at all.
fn for_generators(event: &mut Value, components: &mut Map<String, Value>) {
    let Value::Object(members) = event else { return };
    for own in ["$schema", "$id", "$defs"] {
        members.remove(own);
    }
    let mut never = Vec::new();
    if let Some(Value::Object(properties)) = members.get_mut("properties") {
        properties.retain(|name, schema| {
            let usable = schema["type"] != "null";
            never.extend((!usable).then(|| name.clone()));
            usable
        });
        for (attribute, name) in ATTRIBUTES {
            share(&mut properties[*attribute], name, components);
        }
    }
    if let Some(names) = members.get_mut("propertyNames") {
        names["not"] = json!({ "enum": never });
        share(names, NAMES, components);
    }
    // The same where it stands beside `properties` alone.
    if let Some(mut extension) = members.remove("additionalProperties") {
        share(&mut extension, EXTENSION, components);
        members.insert("unevaluatedProperties".to_owned(), extension);
    }
}

/// Describes once what all types describe alike.
fn share(schema: &mut Value, name: &str, components: &mut Map<String, Value>) {
    if *components.entry(name).or_insert_with(|| schema.clone()) == *schema {
        *schema = json!({ "$ref": reference(name) });
    }
}
