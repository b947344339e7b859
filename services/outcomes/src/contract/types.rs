//! The types of messages and their JSON Schemas.

use parcours_projections::outcomes::OutcomeKind;
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Value, json};

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
    Some(schema)
}

impl MessageType {
    /// The schema of the message as a whole, in one piece: what parsers of draft 7, which refer to other places of a
    /// document differently, can read inside another document.
    pub fn schema_in_one_piece(&self) -> Value {
        let mut settings = SchemaSettings::draft07();
        settings.inline_subschemas = true;
        self.schema(&mut settings.into_generator())
    }

    fn schema(&self, generator: &mut SchemaGenerator) -> Value {
        let mut properties = json!({
            "specversion": { "const": "1.0" },
            "id": { "type": "string", "minLength": 1, "description": "The message's name; also a cursor." },
            "source": { "type": "string", "format": "uri", "description": "Who publishes." },
            "type": { "const": self.name },
            "subject": { "type": "string", "format": "uuid" },
            "time": { "type": "string", "format": "date-time" },
            "datacontenttype": { "const": "application/json" },
            "data": (self.schema)(generator).to_value(),
        });
        let mut required = vec!["specversion", "id", "source", "type", "subject", "time", "data"];
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
