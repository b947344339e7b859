//! `GET /v1/parcours/{id}/events`, `GET /v1/streams/{kind}/{id}/events`: everything that was ever said of one stream.

use super::timeline::unknown;
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{self, Problem, kinds};
use parcours_log::{Entry, LogError};
use parcours_model::{StreamId, StreamKind, Words};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const PAGE: usize = 100;
const LARGEST_PAGE: usize = 1_000;

/// The parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Paging {
    /// Where the page begins: the `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<u64>,
    /// Events on the page: 100 when left out, 1,000 at most.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<usize>,
    /// Waits until the log has an entry at this position.
    min_position: Option<u64>,
}

/// A page of events.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    /// The events, in the order in which they became known: as sent, in their canonical form, with what the log added
    /// (`actor`, `recordedtime`, `revision`, `position`).
    #[schema(inline, value_type = Vec<described::RecordedEvent>)]
    events: Vec<Box<RawValue>>,
    /// What to give as `cursor` for the next page; null after the last.
    next: Option<String>,
}

/// Read the events of a parcours
///
/// Every event as it was sent, annulled and corrected ones included, in the order in which they became known.
#[utoipa::path(
    get, path = "/v1/parcours/{id}/events", tag = "parcours",
    params(("id" = Uuid, Path, description = "The parcours."), Paging),
    responses(
        (status = 200, description = "A page of events.", body = EventPage),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_parcours_events(
    State(state): State<ApiState>,
    PathParameters(id): PathParameters<Uuid>,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<EventPage>, Problem> {
    let page = page(&state, StreamId::new(StreamKind::Parcours, id), &paging).await?;
    page.map(Json).ok_or_else(|| unknown(id))
}

/// Read the events of a stream
///
/// Every event of a stream of any kind, those that the log wrote itself included, in the order in which they became known.
#[utoipa::path(
    get, path = "/v1/streams/{kind}/{id}/events", tag = "streams",
    params(("kind" = inline(described::StreamKindName), Path, description = "Of which kind."),
        ("id" = String, Path, description = "Its UUID; of an envelope its year."), Paging),
    responses(
        (status = 200, description = "A page of events.", body = EventPage),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_stream_events(
    State(state): State<ApiState>,
    PathParameters((kind, id)): PathParameters<(String, String)>,
    Parameters(paging): Parameters<Paging>,
) -> Result<Json<EventPage>, Problem> {
    let stream = named(&kind, &id)?;
    let page = page(&state, stream, &paging).await?;
    page.map(Json).ok_or_else(|| no_stream(stream))
}

/// The stream that a path names.
pub(super) fn named(kind: &str, id: &str) -> Result<StreamId, Problem> {
    let kind: StreamKind = kind
        .parse()
        .map_err(|wrong| Problem::new(&kinds::UNKNOWN_STREAM, problem::sentence(wrong)).field("kind"))?;
    let stream = format!("{}/{id}", kind.name()).parse();
    stream.map_err(|wrong| Problem::new(&kinds::INVALID_PARAMETER, problem::sentence(wrong)).field("id"))
}

/// Nothing has happened to it.
pub(super) fn no_stream(stream: StreamId) -> Problem {
    let detail = Words::new(
        format!("There is no {stream}."),
        format!("{stream} n'existe pas."),
    );
    Problem::new(&kinds::UNKNOWN_STREAM, detail).field("id")
}

/// A page of a stream; `None` if nothing has happened to it. Complexity: the page, whatever the length of the stream.
async fn page(state: &ApiState, stream: StreamId, paging: &Paging) -> Result<Option<EventPage>, Problem> {
    let limit = paging.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let detail = Words::new(
            format!("A page holds from 1 to {LARGEST_PAGE} events."),
            format!("Une page contient de 1 à {LARGEST_PAGE} événements."),
        );
        return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field("limit"));
    }
    freshness::of_log(state, paging.min_position).await?;
    let after = paging.cursor.unwrap_or(0);
    let read = |after, limit| state.log.stream_page(stream, after, u64::MAX, limit);
    let entries = read(after, limit).await?;
    let Some(last) = entries.last().map(|entry| entry.revision) else {
        let is_known = after > 0 && !read(0, 1).await?.is_empty();
        return Ok(is_known.then(EventPage::empty));
    };
    // Of large entries a page may have fewer than were asked for.
    let more = !read(last, 1).await?.is_empty();
    Ok(Some(EventPage {
        events: entries.iter().map(with_position).collect::<Result<_, _>>()?,
        next: more.then(|| last.to_string()),
    }))
}

impl EventPage {
    fn empty() -> Self {
        Self {
            events: Vec::new(),
            next: None,
        }
    }
}

/// The entry, byte for byte, with its position before everything else.
fn with_position(entry: &Entry) -> Result<Box<RawValue>, Problem> {
    let damaged = || {
        Problem::from(LogError::Damaged(format!(
            "the entry at {} is no JSON object",
            entry.position
        )))
    };
    let bytes = entry.bytes.strip_prefix(b"{").ok_or_else(damaged)?;
    let text = std::str::from_utf8(bytes).map_err(|_| damaged())?;
    RawValue::from_string(format!("{{\"position\":{},{text}", entry.position)).map_err(|_| damaged())
}
