//! What makes a generated schema say the same to everybody's tools: no formats of Rust's own, values listed as `enum`, and
//! the type beside every keyword that is of one type (what Ajv's strict mode asks for).

use serde_json::{Map, Value, json};

/// Keywords whose value is a schema.
const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
];
/// Keywords whose value is a list of schemas.
const LIST: &[&str] = &["anyOf", "oneOf", "allOf"];
/// Keywords whose value is a map of schemas by name.
const BY_NAME: &[&str] = &["properties", "$defs", "definitions"];
/// Keywords that constrain nothing.
const ANNOTATIONS: &[&str] = &[
    "$ref",
    "anyOf",
    "oneOf",
    "description",
    "title",
    "default",
    "examples",
];

/// Rewrites a schema, which holds the definitions that it refers to (`$defs`, or `definitions`).
pub fn portable(schema: &mut Value) {
    let mut definitions = Map::new();
    for key in ["$defs", "definitions"] {
        if let Some(Value::Object(held)) = schema.get(key) {
            definitions.extend(held.clone());
        }
    }
    each(schema, &mut |members| {
        forget_formats_of_rust(members);
        list_values(members);
        constrain_what_is_not_null(members);
        say_type(members, &definitions);
    });
}

/// Visits a schema and all within it.
fn each(schema: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Value::Object(members) = schema else { return };
    visit(members);
    for (keyword, inner) in members {
        let keyword = keyword.as_str();
        match inner {
            _ if ONE.contains(&keyword) => each(inner, visit),
            Value::Array(list) if LIST.contains(&keyword) => {
                list.iter_mut().for_each(|inner| each(inner, visit));
            }
            Value::Object(named) if BY_NAME.contains(&keyword) => {
                named.values_mut().for_each(|inner| each(inner, visit));
            }
            _ => {}
        }
    }
}

/// The bounds beside them say the same to everybody.
fn forget_formats_of_rust(members: &mut Map<String, Value>) {
    let format = members.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
        members.remove("format");
    }
}

/// A choice between values is a list of them, for generators; what each means is said in the description.
fn list_values(members: &mut Map<String, Value>) {
    let choices = members.get("oneOf").and_then(Value::as_array);
    let Some(choices) = choices.filter(|choices| choices.iter().all(|choice| choice["const"].is_string()))
    else {
        return;
    };
    let values: Vec<Value> = choices.iter().map(|choice| choice["const"].clone()).collect();
    let meanings = choices.iter().filter_map(|choice| {
        let (value, meaning) = (choice["const"].as_str()?, choice["description"].as_str()?);
        Some(format!("- `{value}`: {meaning}"))
    });
    let meanings: Vec<String> = meanings.collect();
    let about = members.get("description").and_then(Value::as_str);
    let description: Vec<&str> = about
        .into_iter()
        .chain((!meanings.is_empty()).then_some(""))
        .chain(meanings.iter().map(String::as_str))
        .collect();
    let description = description.join("\n");
    members.remove("oneOf");
    members.insert("type".into(), json!("string"));
    members.insert("enum".into(), values.into());
    if !description.is_empty() {
        members.insert("description".into(), description.into());
    }
}

/// What is said of a value or `null` is said of the value: generators take what stands beside the choice for a third one.
fn constrain_what_is_not_null(members: &mut Map<String, Value>) {
    let is_choice = |choices: &Value| {
        choices
            .as_array()
            .is_some_and(|all| all.len() == 2 && all[1]["type"] == "null")
    };
    if !members.get("anyOf").is_some_and(is_choice) {
        return;
    }
    let (kept, moved): (Map<_, _>, Map<_, _>) = std::mem::take(members)
        .into_iter()
        .partition(|(keyword, _)| ANNOTATIONS.contains(&keyword.as_str()));
    *members = kept;
    if let Some(Value::Object(one)) = members.get_mut("anyOf").and_then(|choices| choices.get_mut(0)) {
        one.extend(moved);
    }
}

/// Says the type where something is said of what another place describes.
fn say_type(members: &mut Map<String, Value>, definitions: &Map<String, Value>) {
    let has = |key: &str| members.contains_key(key);
    let refers = has("$ref") || has("anyOf") || has("oneOf");
    let constrains = members.keys().any(|key| !ANNOTATIONS.contains(&key.as_str()))
        || has("$ref") && (has("anyOf") || has("oneOf"));
    if !refers || !constrains || members.contains_key("type") {
        return;
    }
    let mut types = Vec::new();
    types_of(members, definitions, &mut types);
    match types.as_slice() {
        [] => {}
        [one] => drop(members.insert("type".into(), one.clone())),
        _ => drop(members.insert("type".into(), types.into())),
    }
}

/// The types of what is described, each once.
fn types_of(members: &Map<String, Value>, definitions: &Map<String, Value>, found: &mut Vec<Value>) {
    let mut add = |kind: &Value| {
        if !found.contains(kind) {
            found.push(kind.clone());
        }
    };
    match members.get("type") {
        Some(Value::Array(kinds)) => return kinds.iter().for_each(add),
        Some(kind) => return add(kind),
        None => {}
    }
    let pointed = members.get("$ref").and_then(Value::as_str);
    let name = pointed.and_then(|pointer| pointer.rsplit('/').next());
    let choices = ["anyOf", "oneOf"]
        .iter()
        .filter_map(|key| members.get(*key)?.as_array());
    let inner = name
        .and_then(|name| definitions.get(name))
        .into_iter()
        .chain(choices.flatten());
    for inner in inner.filter_map(Value::as_object) {
        types_of(inner, definitions, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(mut schema: Value) -> Value {
        portable(&mut schema);
        schema
    }

    #[test]
    fn a_property_is_not_taken_for_a_keyword() {
        let schema = json!({"type": "object", "properties": {
            "format": {"type": "integer", "format": "uint8", "minimum": 0}, "minimum": {"type": "string"}}});
        let expected = json!({"type": "object", "properties": {
            "format": {"type": "integer", "minimum": 0}, "minimum": {"type": "string"}}});
        assert_eq!(rewritten(schema), expected);
    }

    #[test]
    fn values_are_listed_and_their_meanings_kept() {
        let schema = json!({"description": "How.", "oneOf": [
            {"type": "string", "const": "a", "description": "So."}, {"type": "string", "const": "b"}]});
        let expected = json!({"type": "string", "enum": ["a", "b"], "description": "How.\n\n- `a`: So."});
        assert_eq!(rewritten(schema), expected);
    }

    #[test]
    fn what_is_said_of_a_value_or_null_is_said_of_the_value() {
        let schema = json!({"anyOf": [{"type": "integer"}, {"type": "null"}], "maximum": 3, "description": "How many."});
        let expected = json!({"anyOf": [{"type": "integer", "maximum": 3}, {"type": "null"}], "description": "How many."});
        assert_eq!(rewritten(schema), expected);
    }

    #[test]
    fn what_is_said_of_a_definition_bears_its_type() {
        let definitions = json!({"N": {"type": "integer", "minimum": 0}});
        let at = |schema: Value| {
            let whole = json!({"type": "object", "properties": {"n": schema}, "$defs": definitions});
            rewritten(whole)["properties"]["n"]["type"].clone()
        };
        assert_eq!(at(json!({"$ref": "#/$defs/N", "maximum": 3})), json!("integer"));
        assert_eq!(
            at(json!({"$ref": "#/$defs/N", "anyOf": [{"minimum": 2}, {"type": "null"}, {"maximum": 1}]})),
            json!(["integer", "null"])
        );
        assert_eq!(
            at(json!({"$ref": "#/$defs/N", "description": "Only words."})),
            Value::Null
        );
    }
}
