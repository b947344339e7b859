//! `GET /v1/parcours/{id}`: what has become of one parcours.

use crate::as_of::{AsOf, decode};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::Utc;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{Problem, kinds};
use parcours_log::LogError;
use parcours_model::{History, StreamId, StreamKind, Words};
use parcours_projections::timeline::{self, Told};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Moment {
    /// As it was known at a moment: once the entry at this position of the log was recorded, at the end of this day
    /// (Europe/Paris; of today, now), or at this instant (RFC 3339). Replayed from the log.
    #[param(value_type = Option<String>)]
    as_of: Option<AsOf>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

/// Read a parcours
///
/// Its status, its steps in the order in which they happened with the time each became known, corrections, outcomes
/// and alerts. A fact recorded ahead of its time is among the steps at once, and acts on all else from its time on.
/// `ETag` is the revision of its stream: give it as `If-Match` with an event that depends on it.
#[utoipa::path(
    get, path = "/v1/parcours/{id}", tag = "parcours",
    params(("id" = Uuid, Path, description = "The parcours."), Moment,
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an earlier answer.")),
    responses(
        (status = 200, description = "The timeline.", body = inline(described::Timeline), headers(("ETag" = String, description = "The revision, in quotes."))),
        (status = 304, description = "It still is as the client knows it."),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_parcours(
    State(state): State<ApiState>,
    PathParameters(id): PathParameters<Uuid>,
    Parameters(moment): Parameters<Moment>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let told = match moment.as_of {
        Some(as_of) => {
            freshness::of_log(&state, moment.min_position).await?;
            replay(&state, id, as_of).await?
        }
        None => {
            freshness::of_view(&state, timeline::VIEW.name, moment.min_position).await?;
            state.views.timeline(id, Utc::now()).await?
        }
    };
    let told = told.ok_or_else(|| unknown(id))?;
    let tag = format!("\"{}\"", told.revision);
    let mut known = headers.get_all(header::IF_NONE_MATCH).iter();
    let fresh = !told.has_turned && known.any(|tags| is_among(&tag, tags));
    let tag = HeaderValue::try_from(tag).expect("digits in quotes are a header");
    let cache = (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if fresh {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), cache]).into_response());
    }
    let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(([(header::ETAG, tag), cache, json], told.json).into_response())
}

/// The timeline as it would have been told then.
async fn replay(state: &ApiState, id: Uuid, as_of: AsOf) -> Result<Option<Told>, Problem> {
    let known = as_of.resolve(&state.log).await?;
    let stream = StreamId::new(StreamKind::Parcours, id);
    let entries = state.log.stream(stream, Some(known.size)).await?;
    if entries.is_empty() {
        return Ok(None);
    }
    let records = entries.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    let history = History::replay(stream, records).map_err(|wrong| {
        Problem::from(LogError::Damaged(format!(
            "the amendments of {stream}: {wrong:?}"
        )))
    })?;
    timeline::written(&history, known.instant).map(Some).map_err(|_| {
        Problem::new(
            &kinds::INTERNAL,
            Words::fixed(
                "The timeline cannot be written.",
                "La chronologie ne peut être écrite.",
            ),
        )
    })
}

/// Whether a list of entity tags names this one; weak or not, a revision is a revision.
fn is_among(tag: &str, tags: &HeaderValue) -> bool {
    let tags = tags.to_str().unwrap_or_default();
    tags.split(',')
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag)
}

/// There is no such parcours, or there was none yet.
pub(super) fn unknown(id: Uuid) -> Problem {
    let detail = Words::new(
        format!("There is no parcours {id}, or nothing was known of it then."),
        format!("Le parcours {id} n'existe pas, ou rien n'en était connu alors."),
    );
    Problem::new(&kinds::UNKNOWN_PARCOURS, detail).field("id")
}
