//! `GET /openapi.json`: this interface, for programs.

use crate::openapi::Text;
use crate::parameters::{Nothing, Parameters};
use axum::Extension;
use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Read this description
///
/// OpenAPI 3.1.
#[utoipa::path(get, path = "/openapi.json", tag = "contracts",
    responses((status = 200, description = "The description.", body = serde_json::Value), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn get_openapi(
    Parameters(Nothing {}): Parameters<Nothing>,
    Extension(text): Extension<Text>,
) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.0).into_response()
}
