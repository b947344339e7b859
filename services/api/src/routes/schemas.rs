//! `GET /schemas` and `/schemas/{type}`: the types of events and their JSON Schemas.

use crate::parameters::{Nothing, Parameters, PathParameters};
use crate::problem::{Problem, kinds};
use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use parcours_model::schema;
use serde::Serialize;
use utoipa::ToSchema;

/// A type of event.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventType {
    /// The CloudEvents `type`.
    #[serde(rename = "type")]
    name: &'static str,
    /// The kind of stream it belongs to: the word before the slash of `subject`.
    stream: &'static str,
    /// What it states.
    summary: &'static str,
    /// Where its JSON Schema is.
    schema: String,
}

/// List the types of events
///
/// Every type that is taken, in the order of the journey.
#[utoipa::path(get, path = "/schemas", tag = "contracts",
    responses((status = 200, description = "The types.", body = Vec<EventType>), (status = 400, response = crate::openapi::ProblemResponse)))]
pub(crate) async fn list_schemas(Parameters(Nothing {}): Parameters<Nothing>) -> Json<Vec<EventType>> {
    let types = schema::types().map(|(kind, spec)| EventType {
        name: spec.name,
        stream: kind.name(),
        summary: spec.summary,
        schema: format!("/schemas/{}", spec.name),
    });
    Json(types.collect())
}

/// Read the JSON Schema of a type of event
///
/// Draft 2020-12, of the event as a whole.
#[utoipa::path(get, path = "/schemas/{type}", tag = "contracts",
    params(("type" = String, Path, description = "The CloudEvents `type`, such as `parcours.oriented.v1`.")),
    responses(
        (status = 200, description = "The schema.", body = serde_json::Value, content_type = "application/schema+json"),
        (status = 400, response = crate::openapi::ProblemResponse),
        (status = 404, response = crate::openapi::ProblemResponse),
    )
)]
pub(crate) async fn get_schema(
    PathParameters(name): PathParameters<String>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> Result<Response, Problem> {
    let schema = schema::of(&name).ok_or_else(|| {
        Problem::new(
            &kinds::UNKNOWN_SCHEMA,
            format!("There is no type {name:?}. /schemas lists those there are."),
        )
        .field("type")
    })?;
    Ok((
        [(header::CONTENT_TYPE, "application/schema+json")],
        schema.to_string(),
    )
        .into_response())
}
