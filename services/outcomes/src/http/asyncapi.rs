//! `GET /asyncapi.json`: what partners receive, for programs.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use parcours_http::Origin;
use parcours_http::parameters::{Nothing, Parameters};

use crate::asyncapi;

/// Read what partners receive
///
/// AsyncAPI 3: the messages, and the ways by which they come. Its server is the address at which it was asked for.
#[utoipa::path(get, path = "/asyncapi.json", tag = "contracts",
    responses((status = 200, description = "The description.", body = Object), (status = 400, response = parcours_http::ProblemResponse)))]
pub(super) async fn get_asyncapi(Parameters(Nothing {}): Parameters<Nothing>, origin: Origin) -> Response {
    (
        [(header::CONTENT_TYPE, "application/json")],
        asyncapi::text(&origin),
    )
        .into_response()
}
