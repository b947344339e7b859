//! The route itself.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use parcours_http::accept;
use parcours_http::parameters::Parameters;
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;
use parcours_projections::outcomes::VIEW;

use super::asked::Asked;
use super::page::OutcomePage;
use super::{OutcomesState, page, stream};
use crate::Audience;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";

/// Read or follow outcomes
///
/// What became of people who agreed to it, and the places of sessions, in the order in which they are told: as a
/// page, or as server-sent events that go on for ever, by `Accept` (`text/event-stream`). A partner gives its secret as bearer token and
/// reads what it is declared for, under pseudonyms of its own; without a secret only the places of sessions, which
/// are public, are read. A message with `replaces` takes the place of the one of that `id`.
///
/// A stream is resumed with the last `id` as `Last-Event-ID`: nothing is missed and nothing comes twice.
#[utoipa::path(
    get, path = "/v1/outcomes", tag = "outcomes",
    params(
        Asked,
        ("Last-Event-ID" = Option<String>, Header, description = "Resumes after the message of this `id`; wins over `cursor`."),
    ),
    security((), ("secret" = [])),
    responses(
        (status = 200, description = "A page, or a stream whose events have a message as `data` and its `id` as `id`.",
            content((OutcomePage = "application/json"), (String = "text/event-stream"))),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 401, response = parcours_http::ProblemResponse),
        (status = 403, response = parcours_http::ProblemResponse),
        (status = 406, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(super) async fn get_outcomes(
    State(state): State<OutcomesState>,
    Parameters(asked): Parameters<Asked>,
    audience: Audience,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let media = accept::media(&headers, &[JSON, EVENTS]).ok_or_else(|| {
        let detail = Words::fixed(
            "Outcomes are given as application/json or text/event-stream.",
            "Les suites sont données en application/json ou text/event-stream.",
        );
        Problem::new(&kinds::NOT_ACCEPTABLE, detail).field("accept")
    })?;
    let filter = asked.filter(&audience)?;
    let cursor = asked.start(&headers, &audience, &state.reader).await?;
    if let Some(position) = asked.min_position {
        let limit = state.site.limits.view;
        state.site.views.wait_for(VIEW.name, position, limit).await?;
    }
    let mut response = if media == EVENTS {
        asked.without_page()?;
        stream::begin(state, audience, filter, cursor).await?
    } else {
        let limit = asked.page()?;
        let page = page::read(&state.reader, &audience, &filter, cursor, limit).await?;
        Json(page).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
