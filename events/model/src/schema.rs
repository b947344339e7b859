//! JSON Schema of every type of event, generated from the types themselves.

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
pub fn of(type_name: &str) -> Option<Value> {
    let (kind, spec) = types().find(|(_, spec)| spec.name == type_name)?;
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let data = (spec.schema)(&mut generator).to_value();
    let definitions = generator.take_definitions(true);
    Some(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("/schemas/{}", spec.name),
        "title": spec.name,
        "description": spec.summary,
        "type": "object",
        "required": ["specversion", "id", "source", "type", "subject", "time"],
        "properties": {
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "maxLength": crate::MAX_KEY, "pattern": Written::Name.pattern() },
            "source": { "type": "string", "pattern": "^urn:(siret:[0-9]{14}|region:[0-9]{2,3})$" },
            "type": { "const": spec.name },
            "subject": { "type": "string", "pattern": format!("^{}/[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}$", kind.name()) },
            "time": { "type": "string", "format": "date-time" },
            "datacontenttype": { "type": "string", "pattern": "^[Aa]pplication/[Jj]son" },
            "dataschema": { "type": "string", "format": "uri" },
            "data": data,
        },
        "$defs": definitions,
    }))
}
