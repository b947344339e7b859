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
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::codes::{Invalid, Month};
use parcours_model::geography::{self, Territory, TerritoryLevel};
use parcours_model::{Words, calendar};
use parcours_projections::territory::{self, By, Query};
use serde::Deserialize;
use std::collections::BTreeMap;
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
    /// As known at a moment: once the entry at this position of the log was recorded, at the end of this day (Europe/Paris; of
    /// today, now), or at this instant (RFC 3339).
    #[param(value_type = Option<String>)]
    as_of: Option<AsOf>,
    /// Broken down by `month`, `operator`, `channel` or `level`.
    #[param(inline, value_type = Option<described::Breakdown>)]
    by: Option<By>,
    /// What the answer is written as, whatever `Accept` says: `json`, `csv`, or `csv-fr`, a table as French spreadsheets
    /// read it (semicolons, a decimal comma, a byte order mark).
    #[param(value_type = Option<String>, example = "csv")]
    format: Option<Format>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

/// What an answer is written as.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    Json,
    Csv,
    CsvFr,
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
        (status = 200, description = "The figures. As a table, each line says in `line` what it is: `total`, the whole; `part`, a part of it; `unknown`, those whose commune is not known. Codes stand there as text that no reader takes for a number: `departement/01`, `urn:siret:19290076900014`, `level/4`.",
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
    let asked = period.format;
    let format = match asked {
        Some(format) => format,
        None => accepted(&headers)?,
    };
    freshness::of_view(&state, territory::VIEW.name, period.min_position).await?;
    let query = period.query(&state, territory).await?;
    let mut report = state.views.territory(&query).await?;
    if query.as_of.size.is_none() {
        report.as_of = known_since(&state, report.size, query.as_of.instant).await?;
    }
    let vary = (header::VARY, HeaderValue::from_static("accept"));
    if format == Format::Json {
        return Ok(([vary], Json(report)).into_response());
    }
    let operators = match query.by {
        Some(By::Operator) => state.views.operators().await?,
        _ => BTreeMap::new(),
    };
    let french = format == Format::CsvFr;
    let table = csv::table(&report, &operators, french).map_err(|error: Error| {
        Problem::new(
            &kinds::INTERNAL,
            Words::new(
                format!("The figures cannot be written as a table: {error}."),
                format!("Les chiffres ne peuvent être écrits en tableau : {error}."),
            ),
        )
    })?;
    let content = (
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8; header=present"),
    );
    let mut answer = ([vary, content], table).into_response();
    // Who follows an address is a browser, which keeps the table as a file.
    if asked.is_some() {
        let name = format!(
            "attachment; filename=\"{}-{}.csv\"",
            territory.level, territory.code
        );
        if let Ok(name) = HeaderValue::try_from(name) {
            answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
    }
    Ok(answer)
}

/// What a client would like that does not say it by `format`.
fn accepted(headers: &HeaderMap) -> Result<Format, Problem> {
    match accept::media(headers, &[JSON, CSV]) {
        Some(CSV) => Ok(Format::Csv),
        Some(_) => Ok(Format::Json),
        None => {
            let detail = Words::fixed(
                "Figures are given as application/json or text/csv.",
                "Les chiffres sont donnés en application/json ou text/csv.",
            );
            Err(Problem::new(&kinds::NOT_ACCEPTABLE, detail).field("accept"))
        }
    }
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
            let (first, last) = (from.format("%d/%m/%Y"), to.format("%d/%m/%Y"));
            let detail = Words::new(
                format!("The period ends, on {to}, before it begins, on {from}."),
                format!("La période finit, le {last}, avant de commencer, le {first}."),
            );
            return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field("to"));
        }
        let beyond = |day: &NaiveDate| Month::of(*day).is_none();
        if self.by.is_some_and(By::is_of_time)
            && let Some((name, day)) = [("from", from), ("to", to)]
                .into_iter()
                .find(|(_, day)| beyond(day))
        {
            let detail = Words::new(
                format!(
                    "{day} is out of bounds: by stretches of time, expected a period within the years 1900 to 2100."
                ),
                format!(
                    "{day} est hors limites : par tranches de temps, il faut une période entre les années 1900 et 2100."
                ),
            );
            return Err(Problem::new(&kinds::INVALID_PARAMETER, detail).field(name));
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
    let unknown =
        |words, field| Problem::new(&kinds::UNKNOWN_TERRITORY, problem::sentence(words)).field(field);
    let level: TerritoryLevel = level
        .parse()
        .map_err(|wrong: Invalid| unknown(Words::of(&wrong), "level"))?;
    geography::territory(level, code).ok_or_else(|| unknown(geography::not_current(level, code), "code"))
}
