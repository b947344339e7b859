//! `GET /schemas` and `/schemas/{type}`: the types of messages and their JSON Schemas.

use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use parcours_model::Words;

use crate::parameters::{Nothing, Parameters, PathParameters};
use crate::problem::{Problem, kinds};

/// A type of message that comes in or goes out.
#[derive(Clone, Copy, Debug)]
pub struct MessageType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    /// The kind of stream an event of this type belongs to; none for what is published.
    pub stream: Option<&'static str>,
    /// What it states.
    pub summary: &'static str,
    /// The JSON Schema of a type of this name, of the message as a whole.
    pub schema: fn(&str) -> Option<Value>,
}

/// Every type of every part.
#[derive(Clone)]
pub(crate) struct Schemas(pub Arc<Vec<MessageType>>);

/// A type of message.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventType {
    /// The CloudEvents `type`.
    #[serde(rename = "type")]
    name: &'static str,
    /// The kind of stream it belongs to: the word before the slash of `subject`. Left out for what is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<&'static str>,
    /// What it states.
    summary: &'static str,
    /// Where its JSON Schema is.
    schema: String,
}

/// List the types of messages
///
/// Every type of event that is taken, in the order of the journey; then every type that is published.
#[utoipa::path(get, path = "/schemas", tag = "contracts",
    responses((status = 200, description = "The types.", body = Vec<EventType>), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn list_schemas(
    Parameters(Nothing {}): Parameters<Nothing>,
    Extension(schemas): Extension<Schemas>,
) -> Json<Vec<EventType>> {
    let types = schemas.0.iter().map(|message| EventType {
        name: message.name,
        stream: message.stream,
        summary: message.summary,
        schema: format!("/schemas/{}", message.name),
    });
    Json(types.collect())
}

/// Read the JSON Schema of a type of message
///
/// Draft 2020-12, of the message as a whole.
#[utoipa::path(get, path = "/schemas/{type}", tag = "contracts",
    params(("type" = String, Path, description = "The CloudEvents `type`, such as `parcours.oriented.v1`.")),
    responses(
        (status = 200, description = "The schema.", body = Object, content_type = "application/schema+json"),
        (status = 400, response = crate::ProblemResponse),
        (status = 404, response = crate::ProblemResponse),
    )
)]
pub(crate) async fn get_schema(
    PathParameters(name): PathParameters<String>,
    Parameters(Nothing {}): Parameters<Nothing>,
    Extension(schemas): Extension<Schemas>,
) -> Result<Response, Problem> {
    let known = schemas.0.iter().find(|message| message.name == name);
    let schema = known
        .and_then(|message| (message.schema)(message.name))
        .ok_or_else(|| {
            Problem::new(
                &kinds::UNKNOWN_SCHEMA,
                Words::new(
                    format!("There is no type {name:?}. /schemas lists those there are."),
                    format!("Le type {name:?} n'existe pas. /schemas liste ceux qu'il y a."),
                ),
            )
            .field("type")
        })?;
    Ok((
        [(header::CONTENT_TYPE, "application/schema+json")],
        schema.to_string(),
    )
        .into_response())
}
