//! One event, in the structured or the binary mode.

use super::choice::Choice;
use super::decision::{Read, decide_one};
use crate::state::ApiState;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use parcours_http::problem::Problem;
use std::sync::Arc;

/// Decides on the event. The answer is its result, or the problem itself.
pub(super) async fn take(
    state: &ApiState,
    actor: Arc<str>,
    read: Read,
    expected: Option<u64>,
    choice: Choice,
    french: bool,
) -> Result<Response, Problem> {
    let mut decision = decide_one(state, actor, read, expected, choice.dry_run).await;
    decision.tell_in(french);
    let receipt = decision.told.as_ref().map_err(Problem::clone)?;
    let status = if receipt.duplicate || choice.dry_run {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    let mut response = (status, Json(decision.result())).into_response();
    if choice.dry_run && !receipt.duplicate {
        return Ok(response);
    }
    let headers = response.headers_mut();
    headers.insert(super::POSITION, receipt.position.into());
    let revision =
        HeaderValue::try_from(format!("\"{}\"", receipt.revision)).expect("digits in quotes are a header");
    headers.insert(header::ETAG, revision);
    Ok(response)
}
