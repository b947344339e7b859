//! `GET /v1/parcours/{id}/events`: everything that was ever said of one parcours.

use super::timeline::unknown;
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{Problem, kinds};
use parcours_log::{Entry, LogError};
use parcours_model::{StreamId, StreamKind, Words};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const PAGE: u64 = 100;
const LARGEST_PAGE: u64 = 1_000;

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
    limit: Option<u64>,
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
    let limit = paging.limit.unwrap_or(PAGE);
    if !(1..=LARGEST_PAGE).contains(&limit) {
        let detail = Words::new(
            format!("A page holds from 1 to {LARGEST_PAGE} events."),
            format!("Une page contient de 1 à {LARGEST_PAGE} événements."),
        );
        return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field("limit"));
    }
    freshness::of_log(&state, paging.min_position).await?;
    let entries = state
        .log
        .stream(StreamId::new(StreamKind::Parcours, id), None)
        .await?;
    let Some(last) = entries.last().map(|entry| entry.revision) else {
        return Err(unknown(id));
    };
    let after = paging.cursor.unwrap_or(0);
    let page = entries
        .iter()
        .filter(|entry| entry.revision > after && entry.revision - after <= limit);
    let events = page.map(with_position).collect::<Result<_, _>>()?;
    let ends = after.saturating_add(limit);
    Ok(Json(EventPage {
        events,
        next: (ends < last).then(|| ends.to_string()),
    }))
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
