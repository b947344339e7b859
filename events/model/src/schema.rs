//! JSON Schema of every type of event, generated from the types themselves.

mod portable;

pub use portable::portable;

use crate::envelope::{JSON_MEDIA, MAX_EXTENSION, URI};
use crate::spelling::INSTANT;
use crate::streams::{StreamKind, TypeSpec};
use crate::texts::Written;
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

/// Every type of event of every stream.
pub fn types() -> impl Iterator<Item = (StreamKind, &'static TypeSpec)> {
    StreamKind::ALL
        .iter()
        .flat_map(|kind| kind.types().iter().map(|spec| (*kind, spec)))
}

/// The JSON Schema (draft 2020-12) of a type of event as a whole, envelope and data; `None` for an unknown type.
///
/// What it takes is taken, and nothing else, but for what no schema can say: whether a code is in its table or has its
/// key, and whether a period ends before it begins or is too long.
pub fn of(type_name: &str) -> Option<Value> {
    let (kind, spec) = types().find(|(_, spec)| spec.name == type_name)?;
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut data = (spec.schema)(&mut generator).to_value();
    let definitions = Value::Object(generator.take_definitions(true));
    let mut required = vec!["specversion", "id", "source", "type", "subject", "time"];
    if needs_data(&data, &definitions) {
        required.push("data");
    } else {
        data = json!({ "anyOf": [data, { "type": "null" }] });
    }
    let name = match kind {
        StreamKind::Envelope => "20[0-9]{2}",
        _ => "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    };
    let absent = json!({ "type": "null", "description": "Not taken: `null` is as if absent." });
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/schemas/{}", spec.name),
        "title": spec.name,
        "description": spec.summary,
        "type": "object",
        "required": required,
        "properties": {
            "specversion": { "type": "string", "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "maxLength": crate::MAX_KEY, "pattern": Written::Name.pattern() },
            "source": { "type": "string", "pattern": "^urn:(siret:[0-9]{14}|region:[0-9]{2,3})$" },
            "type": { "type": "string", "const": spec.name },
            "subject": { "type": "string", "pattern": format!("^{}/{name}$", kind.name()) },
            "time": { "type": "string", "format": "date-time", "pattern": INSTANT },
            "datacontenttype": { "type": ["string", "null"], "pattern": JSON_MEDIA },
            "dataschema": { "type": ["string", "null"], "maxLength": MAX_EXTENSION, "pattern": URI },
            "data": data,
            "data_base64": absent,
            "position": absent,
            "actor": absent,
            "recordedtime": absent,
            "revision": absent,
        },
        "propertyNames": { "pattern": "^([a-z0-9]+|data_base64)$" },
        "additionalProperties": {
            "description": "An extension.",
            "anyOf": [
                { "type": "string", "maxLength": MAX_EXTENSION, "pattern": Written::Name.pattern() },
                { "type": "boolean" },
                { "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX },
                { "type": "null" },
            ],
        },
        "$defs": definitions,
    });
    portable(&mut schema);
    Some(schema)
}

/// Whether nothing is no data of this type.
fn needs_data(data: &Value, definitions: &Value) -> bool {
    if data.get("anyOf").is_some() {
        return true;
    }
    let name = data["$ref"]
        .as_str()
        .and_then(|pointer| pointer.rsplit('/').next());
    let required = &definitions[name.unwrap_or_default()]["required"];
    required.as_array().is_some_and(|members| !members.is_empty())
}
