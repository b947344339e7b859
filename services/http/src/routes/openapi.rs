//! `GET /openapi.json`: this interface, for programs.

use crate::Origin;
use crate::openapi::Text;
use crate::parameters::{Nothing, Parameters};
use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Read this description
///
/// OpenAPI 3.1. Its server is the address at which it was asked for.
#[utoipa::path(get, path = "/openapi.json", tag = "contracts",
    responses((status = 200, description = "The description.", body = Object), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn get_openapi(
    Parameters(Nothing {}): Parameters<Nothing>,
    Extension(text): Extension<Text>,
    origin: Origin,
) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.at(&origin)).into_response()
}
