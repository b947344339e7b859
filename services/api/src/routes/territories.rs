//! `GET /v1/territories/{level}/{code}`: what the programme changes in a territory (R22 to R24).

mod csv;

use crate::as_of::AsOf;
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use ::csv::Error;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use parcours_http::accept;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{Problem, kinds};
use parcours_model::calendar;
use parcours_model::geography::{self, Territory, TerritoryLevel};
use parcours_projections::territory::{self, By, Query};
use serde::Deserialize;
use utoipa::IntoParams;

const JSON: &str = "application/json";
const CSV: &str = "text/csv";

/// The parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Period {
    /// First day of the period; when left out, the first day of the year of the last.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    /// Last day of the period; when left out, the day as of which is asked.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    /// As known at a moment: once the entry at this position of the log was recorded, or at this instant (RFC 3339).
    #[param(value_type = Option<String>)]
    as_of: Option<AsOf>,
    /// Broken down by `month`, `operator`, `channel` or `level`.
    #[param(inline, value_type = Option<described::Breakdown>)]
    by: Option<By>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

/// Read the figures of a territory
///
/// Entries, leavers, successes and rates of a period, by the definitions of the programme. The same question as of
/// an earlier moment gives the earlier answer, and as of the moment that an answer tells (`as_of`: when the last event that
/// it counts was recorded, or the beginning of today) the same answer. A former commune's people count where the code of the commune that took it
/// over lies; those whose commune is not known count in no territory, and where there are any, in whatever territory is
/// asked for, `unknown` has their figures. `Accept: text/csv` asks for a table.
#[utoipa::path(
    get, path = "/v1/territories/{level}/{code}", tag = "territories",
    params(
        ("level" = inline(described::Level), Path, description = "`commune`, `epci`, `departement` or `region`."),
        ("code" = String, Path, description = "Its code: INSEE's, or the SIREN of an EPCI."),
        Period,
    ),
    responses(
        (status = 200, description = "The figures; as a table, a line for the whole and one for each part, and one of the level `unknown` where there are any.",
            content((inline(described::TerritoryReport) = "application/json"), (String = "text/csv"))),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 406, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_territory(
    State(state): State<ApiState>,
    PathParameters((level, code)): PathParameters<(String, String)>,
    Parameters(period): Parameters<Period>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let territory = named(&level, &code)?;
    let media = accept::media(&headers, &[JSON, CSV]).ok_or_else(|| {
        Problem::new(
            &kinds::NOT_ACCEPTABLE,
            "Figures are given as application/json or text/csv.",
        )
        .field("accept")
    })?;
    freshness::of_view(&state, territory::VIEW.name, period.min_position).await?;
    let query = period.query(&state, territory).await?;
    let mut report = state.views.territory(&query).await?;
    if query.as_of.size.is_none() {
        report.as_of = known_since(&state, report.size, query.as_of.instant).await?;
    }
    let vary = (header::VARY, HeaderValue::from_static("accept"));
    if media == JSON {
        return Ok(([vary], Json(report)).into_response());
    }
    let table = csv::table(&report).map_err(|error: Error| {
        Problem::new(
            &kinds::INTERNAL,
            format!("The figures cannot be written as a table: {error}."),
        )
    })?;
    let content = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    Ok(([vary, content], table).into_response())
}

impl Period {
    async fn query(self, state: &ApiState, territory: Territory) -> Result<Query, Problem> {
        let as_of = match self.as_of {
            None => territory::AsOf {
                size: None,
                instant: Utc::now(),
            },
            Some(as_of) => {
                let known = as_of.resolve(&state.log).await?;
                // The view must know all that was known then.
                if let Some(last) = known.size.checked_sub(1) {
                    freshness::of_view(state, territory::VIEW.name, Some(last)).await?;
                }
                territory::AsOf {
                    size: Some(known.size),
                    instant: known.instant,
                }
            }
        };
        let to = self.to.unwrap_or_else(|| calendar::day(as_of.instant));
        let from = self
            .from
            .or_else(|| NaiveDate::from_ymd_opt(to.year(), 1, 1))
            .unwrap_or(to);
        if from > to {
            let detail = format!("The period ends, on {to}, before it begins, on {from}.");
            return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field("to"));
        }
        Ok(Query {
            territory,
            from,
            to,
            as_of,
            by: self.by,
        })
    }
}

/// An instant of the day of `now` as of which exactly the first `size` entries of the log were known: that of the last of
/// them, or the beginning of the day. The same question as of that instant has the same answer.
async fn known_since(state: &ApiState, size: u64, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    let today = calendar::midnight(calendar::day(now));
    let last = match size.checked_sub(1) {
        Some(last) => state.log.recorded(last).await?,
        None => None,
    };
    Ok(last.map_or(today, |last| last.max(today)))
}

fn named(level: &str, code: &str) -> Result<Territory, Problem> {
    let unknown = |detail: String, field| Problem::new(&kinds::UNKNOWN_TERRITORY, detail).field(field);
    let level: TerritoryLevel = level.parse().map_err(|_| {
        unknown(
            format!("{level:?} is no level of territory: expected commune, epci, departement or region."),
            "level",
        )
    })?;
    geography::territory(level, code)
        .ok_or_else(|| unknown(format!("{code:?} is not the code of a current {level}."), "code"))
}
