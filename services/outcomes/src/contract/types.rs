//! The types of messages and their JSON Schemas.

use parcours_model::schema::portable;
use parcours_projections::outcomes::OutcomeKind;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

use super::{
    Business, Certification, Data, EmploymentEnded, EmploymentStarted, Entry, Exit, Followup, Forget, Place,
    Retraction,
};

/// A type of message.
pub struct MessageType {
    /// The CloudEvents `type`, version suffix included.
    pub name: &'static str,
    /// What it states.
    pub summary: &'static str,
    /// What partners choose it by; a retraction is of the kind of what it takes back.
    pub kind: Option<OutcomeKind>,
    /// Whether it may name a message that it takes the place of.
    replaces: bool,
    schema: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! types {
    ($($name:literal $summary:literal $kind:expr, replaces: $replaces:literal => $data:ident),* $(,)?) => {
        /// Every type of message.
        pub static TYPES: &[MessageType] = &[$(MessageType {
            name: $name, summary: $summary, kind: $kind, replaces: $replaces,
            schema: |generator| generator.subschema_for::<$data>(),
        }),*];

        /// The type of these data.
        pub(super) fn name(data: &Data) -> &'static str {
            match data { $(Data::$data(_) => $name),* }
        }
    };
}

types! {
    "outcome.entry.v1" "A person started a parcours." Some(OutcomeKind::Entry), replaces: true => Entry,
    "outcome.certification.v1" "A person obtained a certification, in full or by blocks." Some(OutcomeKind::Certification), replaces: true => Certification,
    "outcome.employment.started.v1" "A person began to work." Some(OutcomeKind::Employment), replaces: true => EmploymentStarted,
    "outcome.employment.ended.v1" "An employment ended." Some(OutcomeKind::Employment), replaces: true => EmploymentEnded,
    "outcome.business.v1" "A person created or took over a business." Some(OutcomeKind::Business), replaces: true => Business,
    "outcome.exit.v1" "A parcours ended." Some(OutcomeKind::Exit), replaces: true => Exit,
    "outcome.followup.v1" "What a person does some months after the exit." Some(OutcomeKind::Followup), replaces: true => Followup,
    "outcome.place.v1" "The places of a session changed. Public." Some(OutcomeKind::Place), replaces: false => Place,
    "outcome.retraction.v1" "An earlier message is taken back: what it told never was, or is no longer this partner's." None, replaces: true => Retraction,
    "outcome.forget.v1" "A consent is withdrawn or a person erased: what was told of them is to be deleted." Some(OutcomeKind::Forget), replaces: false => Forget,
}

/// The JSON Schema (draft 2020-12) of a type of message as a whole; `None` for an unknown type.
pub fn schema(name: &str) -> Option<Value> {
    let message = TYPES.iter().find(|known| known.name == name)?;
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut schema = message.schema(&mut generator);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["$id"] = json!(format!("/schemas/{name}"));
    schema["$defs"] = Value::Object(generator.take_definitions(true));
    portable(&mut schema);
    never_null(&mut schema);
    Some(schema)
}

/// The schemas of all messages and of what they are made of, by their names, in the form and with the references of
/// `settings`.
pub(crate) fn all_schemas(settings: SchemaSettings) -> Map<String, Value> {
    let mut generator = settings.into_generator();
    let messages: Vec<_> = TYPES
        .iter()
        .map(|known| (known.component(), known.schema(&mut generator)))
        .collect();
    let mut all = json!({ "definitions": generator.take_definitions(true) });
    all["definitions"]
        .as_object_mut()
        .expect("they have names")
        .extend(messages);
    portable(&mut all);
    never_null(&mut all);
    match all["definitions"].take() {
        Value::Object(schemas) => schemas,
        _ => Map::new(),
    }
}

/// What is not known is left out of a message, and never `null`.
fn never_null(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            let choices = members.get("anyOf").and_then(Value::as_array);
            let is_null = |choice: &Value| choice["type"] == "null";
            if let Some([one, null]) = choices.map(Vec::as_slice)
                && is_null(null)
                && let Value::Object(one) = one.clone()
            {
                members.remove("anyOf");
                for (keyword, value) in one {
                    members.entry(keyword).or_insert(value);
                }
            }
            if let Some([one, null]) = members.get("type").and_then(Value::as_array).map(Vec::as_slice)
                && null == "null"
            {
                let one = one.clone();
                members.insert("type".to_owned(), one);
            }
            members.values_mut().for_each(never_null);
        }
        Value::Array(items) => items.iter_mut().for_each(never_null),
        _ => {}
    }
}

/// Any of the messages, as an answer has it.
pub(crate) struct Published;

impl JsonSchema for Published {
    fn schema_name() -> Cow<'static, str> {
        "OutcomeMessage".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let place = |known: &MessageType| format!("#/components/schemas/{}", known.component());
        let choices: Vec<_> = TYPES
            .iter()
            .map(|known| json!({ "$ref": place(known) }))
            .collect();
        let mapping: Map<String, Value> = TYPES
            .iter()
            .map(|known| (known.name.to_owned(), place(known).into()))
            .collect();
        let schema = json!({
            "description": "A message, in the JSON format of CloudEvents 1.0.",
            "oneOf": choices,
            "discriminator": { "propertyName": "type", "mapping": mapping },
        });
        schema.try_into().expect("an object is a schema")
    }
}

impl MessageType {
    /// The name of its schema where it stands among others: `OutcomeEntryV1` for `outcome.entry.v1`.
    pub(crate) fn component(&self) -> String {
        let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
        self.name.split('.').map(capital).collect()
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Value {
        let mut properties = json!({
            "specversion": { "type": "string", "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "description": "The message's name; also a cursor." },
            "source": { "type": "string", "format": "uri", "description": "Who publishes." },
            "type": { "type": "string", "const": self.name },
            "subject": { "type": "string", "format": "uuid" },
            "time": { "type": "string", "format": "date-time" },
            "datacontenttype": { "type": "string", "const": "application/json" },
            "data": (self.schema)(generator).to_value(),
        });
        let mut required = vec![
            "specversion",
            "id",
            "source",
            "type",
            "subject",
            "time",
            "datacontenttype",
            "data",
        ];
        if self.replaces {
            properties["replaces"] = json!({ "type": "string", "description": "The `id` of the message that this one takes the place of." });
        }
        if self.kind.is_none() {
            required.push("replaces");
        }
        json!({
            "title": self.name,
            "description": self.summary,
            "type": "object",
            "required": required,
            "properties": properties,
        })
    }
}
