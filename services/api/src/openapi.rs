//! The schemas that this service's routes refer to: answers as their types have them, events as `/schemas` has them.

mod events;

use parcours_http::Components;
use parcours_model::StreamKind;
use parcours_model::geography::TerritoryLevel;
use parcours_projections::{catalogue, cohorts, people, register, territory, timeline, work};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};
use std::borrow::Cow;

/// What routes answer or take, by names without parameters: the macros that describe routes look into those.
pub(crate) mod described {
    use super::{catalogue, cohorts, people, register, territory, timeline, work};
    use parcours_http::Described;

    pub(crate) type Timeline = Described<timeline::Timeline<'static>>;
    pub(crate) type ParcoursPage = Described<people::Page>;
    pub(crate) type ProfilePage = Described<people::ProfilePage>;
    pub(crate) type Status = Described<timeline::Status>;
    pub(crate) type RegisterPage = Described<register::Page>;
    pub(crate) type RegisterEntry = Described<register::Entry>;
    pub(crate) type Waits = Described<register::Waits>;
    pub(crate) type RegisterKind = Described<super::RegisterKind>;
    pub(crate) type StreamKindName = Described<super::StreamKindName>;
    pub(crate) type CatalogueSort = Described<catalogue::Sort>;
    pub(crate) type Entry = Described<parcours_model::streams::session::Entry>;
    pub(crate) type CataloguePage = Described<catalogue::Page>;
    pub(crate) type TerritoryReport = Described<territory::Report>;
    pub(crate) type Breakdown = Described<territory::By>;
    pub(crate) type CohortReport = Described<cohorts::Report>;
    pub(crate) type CohortBreakdown = Described<cohorts::By>;
    pub(crate) type CohortOf = Described<cohorts::Of>;
    pub(crate) type OperatorWork = Described<work::Work>;
    pub(crate) type Level = Described<parcours_model::geography::TerritoryLevel>;
    pub(crate) type EventOrEvents = Described<super::EventOrEvents>;
    pub(crate) type RecordedEvent = Described<super::RecordedEvent>;
}

/// All of them.
pub(crate) fn components() -> Components {
    Components::default()
        .with::<timeline::Timeline<'_>>()
        .with::<people::Page>()
        .with::<people::ProfilePage>()
        .with::<timeline::Status>()
        .with::<register::Page>()
        .with::<register::Entry>()
        .with::<register::Waits>()
        .with::<RegisterKind>()
        .with::<StreamKindName>()
        .with::<catalogue::Page>()
        .with::<catalogue::Sort>()
        .with::<parcours_model::streams::session::Entry>()
        .with::<territory::Report>()
        .with::<territory::By>()
        .with::<cohorts::Report>()
        .with::<cohorts::By>()
        .with::<cohorts::Of>()
        .with::<work::Work>()
        .with::<TerritoryLevel>()
        .with::<RecordedEvent>()
        .with::<EventOrEvents>()
        .with_others(events::components())
}

/// A kind of stream that has a register.
pub(crate) struct RegisterKind;

impl JsonSchema for RegisterKind {
    fn schema_name() -> Cow<'static, str> {
        "RegisterKind".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "enum": register::KINDS.map(StreamKind::name) })
    }
}

/// A kind of stream.
pub(crate) struct StreamKindName;

impl JsonSchema for StreamKindName {
    fn schema_name() -> Cow<'static, str> {
        "StreamKind".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names: Vec<&str> = StreamKind::ALL.iter().map(|kind| kind.name()).collect();
        json_schema!({ "type": "string", "enum": names })
    }
}

/// What is sent. The list stands beside the event, and not under a type of its own: the client that openapi-python-client
/// 0.29 makes of two types of JSON, one of which is a list, fails at every call.
pub(crate) struct EventOrEvents;

impl JsonSchema for EventOrEvents {
    fn schema_name() -> Cow<'static, str> {
        "EventOrEvents".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let event = json!({ "$ref": events::reference(events::EVENT) });
        let schema = json!({ "oneOf": [event, { "type": "array", "items": event }] });
        schema.try_into().expect("an object is a schema")
    }
}

/// An event as a sender writes it.
pub(crate) fn example() -> Value {
    json!({
        "specversion": "1.0",
        "id": "0190b7a4-1",
        "source": "urn:siret:19290076900014",
        "type": "parcours.eligibility.checked.v1",
        "subject": "parcours/0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e",
        "time": "2026-02-02T09:30:00+01:00",
        "data": { "eligible": true, "reasons": ["Looking for work."] },
    })
}

/// An event as the log has it. What stands in a log was taken by the tables and bounds of its day, so less is said of it
/// than of what may be sent today.
pub(crate) struct RecordedEvent;

impl JsonSchema for RecordedEvent {
    fn schema_name() -> Cow<'static, str> {
        "RecordedEvent".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let text = |about: &str| json!({ "type": "string", "description": about });
        let instant = |about: &str| json!({ "type": "string", "format": "date-time", "description": about });
        let number =
            |about: &str, least: u8| json!({ "type": "integer", "minimum": least, "description": about });
        let schema: Value = json!({
            "type": "object",
            "description": "An event in the JSON format of CloudEvents 1.0, with what the log added.",
            "required": ["position", "revision", "recordedtime", "actor", "specversion", "id", "source", "type", "subject", "time"],
            "properties": {
                "position": number("Its position in the log.", 0),
                "revision": number("Its place in its stream.", 1),
                "recordedtime": instant("When it became known."),
                "actor": text("Who brought it."),
                "specversion": { "const": "1.0" },
                "id": text("The sender's own name for the event."),
                "source": text("Who sent it."),
                "type": { "type": "string", "description": "What it states.", "examples": ["parcours.started.v1"] },
                "subject": text("Its stream: `kind/uuid`."),
                "time": instant("When it happened."),
                "datacontenttype": text("The format of the data."),
                "dataschema": text("The schema that the sender names."),
                "data": {
                    "type": "object",
                    "additionalProperties": true,
                    "description": "What it states: data of its type (`/schemas/{type}`). Left out where there is nothing to say.",
                },
            },
            // Extensions of the sender's.
            "additionalProperties": true,
        });
        schema.try_into().expect("an object is a schema")
    }
}
