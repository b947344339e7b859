//! The contract (OpenAPI 3.1), gathered from the routes themselves.

use crate::problem::Details;
use bytes::Bytes;
use parcours_model::schema;
use serde_json::json;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{KnownFormat, RefOr, SchemaFormat};
use utoipa::{OpenApi, PartialSchema, ToResponse, ToSchema};

/// What is said of the interface as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parcours",
        description = "Pathways to qualification and employment, as facts that happened. Operators send events; \
            everybody else reads what follows from them. Errors are problems (RFC 9457) whose kinds are described at \
            `/problems`; unknown parameters are refused. An answer to an event carries its `position`: give it as \
            `min_position` to a read that must see it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "events", description = "Facts come in"),
        (name = "parcours", description = "One journey of one trainee"),
        (name = "catalogue", description = "What can be entered, where and when"),
        (name = "territories", description = "What the programme changes in a territory"),
        (name = "contracts", description = "What is agreed with the outside"),
        (name = "operations", description = "Whether the service is well"),
    ),
    components(responses(ProblemResponse)),
)]
pub(crate) struct Document;

/// The document as it is sent: made once.
#[derive(Clone)]
pub(crate) struct Text(pub Bytes);

impl Text {
    /// The document in JSON.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        Text(document.to_json().expect("an OpenAPI document is JSON").into())
    }
}

/// A problem (RFC 9457). `type` names its kind, described at that address.
#[derive(ToResponse)]
#[response(
    description = "A problem (RFC 9457).",
    content_type = "application/problem+json"
)]
pub(crate) struct ProblemResponse(#[allow(dead_code, reason = "it is there for its schema")] Details);

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
