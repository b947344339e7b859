//! `GET /v1/register/{kind}`: what is agreed, asked for and decided beside the parcours, and what waits for whom.

use super::history::{named, no_stream};
use super::paging;
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{Problem, kinds};
use parcours_model::{StreamKind, TerritoryCode, Words, geography, strictly};
use parcours_projections::register::{self, Entry, KINDS, Page, Query, Waits};
use serde::Deserialize;
use utoipa::IntoParams;

/// The filters. What is left out does not filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filters {
    /// In this state, such as `submitted`.
    state: Option<String>,
    /// In a territory: `level/code`, such as `departement/76`.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^(commune|epci|departement|region)/[0-9AB]{2,9}$", example = "departement/76")]
    territory: Option<TerritoryCode>,
    /// Those that wait for them today, by urgency.
    #[param(inline, value_type = Option<described::Waits>)]
    waits_for: Option<Waits>,
    /// Entries on the page: 50 when left out, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    cursor: Option<String>,
    /// Waits until the entry of the log at this position can be seen.
    min_position: Option<u64>,
}

/// When.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Freshness {
    /// Waits until the entry of the log at this position can be seen.
    min_position: Option<u64>,
}

impl Filters {
    fn query(self, kind: StreamKind, now: DateTime<Utc>) -> Result<Query, Problem> {
        paging::check(self.limit, self.cursor.as_deref(), Query::is_cursor)?;
        Ok(Query {
            state: self.state,
            territory: self
                .territory
                .and_then(|named| geography::territory(named.level, named.code())),
            waits: self.waits_for,
            limit: self.limit,
            cursor: self.cursor,
            ..Query::all(kind, now)
        })
    }
}

/// List a register
///
/// Requests, needs, conventions, branches, calls, communities, committees or envelopes: where each stands, and who has to do
/// something next from which day on.
#[utoipa::path(
    get, path = "/v1/register/{kind}", tag = "register",
    params(("kind" = inline(described::RegisterKind), Path, description = "Of which kind."), Filters),
    responses(
        (status = 200, description = "A page: `entries`, and `next`, which is null after the last.", body = inline(described::RegisterPage)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn list_register(
    State(state): State<ApiState>,
    PathParameters(kind): PathParameters<String>,
    Parameters(filters): Parameters<Filters>,
) -> Result<Json<Page>, Problem> {
    let min_position = filters.min_position;
    let query = filters.query(of_kind(&kind)?, Utc::now())?;
    freshness::of_view(&state, register::VIEW.name, min_position).await?;
    Ok(Json(state.views.register(&query).await?))
}

/// Read an entry of a register
///
/// Where it stands. Its history is `/v1/streams/{kind}/{id}/events`.
#[utoipa::path(
    get, path = "/v1/register/{kind}/{id}", tag = "register",
    params(("kind" = inline(described::RegisterKind), Path, description = "Of which kind."),
        ("id" = String, Path, description = "Its UUID; of an envelope its year."), Freshness),
    responses(
        (status = 200, description = "The entry.", body = inline(described::RegisterEntry)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_register_entry(
    State(state): State<ApiState>,
    PathParameters((kind, id)): PathParameters<(String, String)>,
    Parameters(freshness): Parameters<Freshness>,
) -> Result<Json<Entry>, Problem> {
    let stream = named(of_kind(&kind)?.name(), &id)?;
    freshness::of_view(&state, register::VIEW.name, freshness.min_position).await?;
    let entry = state.views.register_entry(stream, Utc::now()).await?;
    entry.map(Json).ok_or_else(|| no_stream(stream))
}

/// The kind of stream that a path names.
fn of_kind(name: &str) -> Result<StreamKind, Problem> {
    let known = KINDS.into_iter().find(|kind| kind.name() == name);
    known.ok_or_else(|| {
        let known = KINDS.map(StreamKind::name).join(", ");
        let detail = Words::new(
            format!("There is no register of {name:?}: expected one of {known}."),
            format!("Il n'y a pas de registre {name:?} : il faut l'un de {known}."),
        );
        Problem::new(&kinds::UNKNOWN_STREAM, detail).field("kind")
    })
}
