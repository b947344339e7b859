//! An event, as the contract (OpenAPI 3.1) describes it.

use parcours_model::schema;
use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

/// An event in the JSON format of CloudEvents 1.0.
pub(crate) struct CloudEvent;

impl ToSchema for CloudEvent {}

impl PartialSchema for CloudEvent {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let types: Vec<_> = schema::types().map(|(_, spec)| spec.name).collect();
        let event = ObjectBuilder::new()
            .description(Some("An event in the JSON format of CloudEvents 1.0. The JSON Schema of each type is at `/schemas/{type}`."))
            .property("specversion", text().enum_values(Some(["1.0"])))
            .property("id", text().description(Some("The sender's own name for the event, unique to its `source` for ever.")).min_length(Some(1)).max_length(Some(parcours_model::MAX_KEY)))
            .property("source", text().description(Some("Who sends: `urn:siret:<14 digits>` or `urn:region:<INSEE code>`.")))
            .property("type", text().enum_values(Some(types)))
            .property("subject", text().description(Some("The stream: `kind/uuid`.")))
            .property("time", text().format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).description(Some("When it happened.")))
            .property("data", ObjectBuilder::new().schema_type(SchemaType::Type(Type::Object)))
            .required("specversion").required("id").required("source").required("type").required("subject").required("time")
            .additional_properties(Some(AdditionalProperties::FreeForm(true)))
            .extensions(Some(ExtensionsBuilder::new().add("x-schemas", json!("/schemas")).build()));
        RefOr::T(event.into())
    }
}
