//! `GET /v1/territories/{level}/{code}`: what the programme changes in a territory (R22 to R24).

mod csv;
mod package;
mod parquet;
mod table;

use crate::as_of::{self, AsOf};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{IntoResponse, Response};
use chrono::{Datelike, NaiveDate};
use parcours_http::accept;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::codes::{Invalid, Month};
use parcours_model::geography::{self, Territory, TerritoryLevel};
use parcours_model::{Words, calendar};
use parcours_projections::territory::{self, By, Query};
use serde::Deserialize;
use std::collections::BTreeMap;
use table::Table;
use utoipa::IntoParams;

const JSON: &str = "application/json";
const CSV: &str = "text/csv";
/// Registered with IANA in 2024.
const PARQUET: &str = "application/vnd.apache.parquet";

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
    /// How the figures are broken down. `level,gender` is short for `by=level&then_by=gender`.
    #[serde(default)]
    #[param(inline, value_type = Option<described::Breakdown>)]
    by: Vec<By>,
    /// How each of the parts is broken down. Of the two at most one is a stretch of time (`month`, `quarter`, `year`).
    #[param(inline, value_type = Option<described::Breakdown>)]
    then_by: Option<By>,
    /// Whether the whole is compared with the territory around it, and with itself a year before.
    compare: Option<bool>,
    /// What the answer is written as, whatever `Accept` says: `json`; `csv`; `csv-fr`, a table as French spreadsheets read it
    /// (semicolons, a decimal comma, a byte order mark); `parquet`, the table with a type for each column; `datapackage`, the
    /// dictionary of the columns, as a Data Package descriptor of the three tables.
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
    Parquet,
    Datapackage,
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Format::Json => JSON,
            Format::Csv | Format::CsvFr => "text/csv; charset=utf-8; header=present",
            Format::Parquet => PARQUET,
            Format::Datapackage => "application/vnd.datapackage+json",
        }
    }

    /// How the name of a file of it ends.
    fn ending(self) -> &'static str {
        match self {
            Format::Csv | Format::CsvFr => "csv",
            Format::Parquet => "parquet",
            Format::Json | Format::Datapackage => "json",
        }
    }
}

/// Read the figures of a territory
///
/// Entries, leavers, successes and rates of a period, by the definitions of the programme. The same question as of
/// an earlier moment gives the earlier answer, and as of the moment that an answer tells (`as_of`: when the last event that
/// it counts was recorded, or the beginning of today) the same answer. A former commune's people count where the code of the commune that took it
/// over lies; those whose commune is not known count in no territory, and where there are any, in whatever territory is
/// asked for, `unknown` has their figures. A service that is open to everybody tells `protected` figures: each count with a
/// noise that is always the same for the same people, zero as zero, and null instead of 1 to 4. `Accept: text/csv` or `application/vnd.apache.parquet` asks for a table.
#[utoipa::path(
    get, path = "/v1/territories/{level}/{code}", tag = "territories",
    params(
        ("level" = inline(described::Level), Path, description = "`commune`, `epci`, `departement` or `region`."),
        ("code" = String, Path, description = "Its code: INSEE's, or the SIREN of an EPCI."),
        Period,
    ),
    responses(
        (status = 200, description = "The figures. As a table, each line says in `line` what it is: `total`, the whole; `part`, a part of it; `subtotal`, where parts have parts of their own, the sum of those that follow; `parent` and `year_before`, what it is compared with; `unknown`, those whose commune is not known. Codes stand there as text that no reader takes for a number: `departement/01`, `urn:siret:19290076900014`, `level/4`.",
            content((inline(described::TerritoryReport) = "application/json"), (String = "text/csv"), (Vec<u8> = "application/vnd.apache.parquet"))),
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
    uri: Uri,
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
        report.as_of = as_of::known_since(&state, report.size, query.as_of.instant).await?;
    }
    let vary = (header::VARY, HeaderValue::from_static("accept"));
    if format == Format::Json {
        return Ok(([vary], Json(report)).into_response());
    }
    let operators = match query.by.contains(&By::Operator) {
        true => state.views.operators().await?,
        false => BTreeMap::new(),
    };
    let french = format == Format::CsvFr;
    let table = Table::of(&report, &operators, french);
    let written = match format {
        Format::Parquet => parquet::write(&table).map_err(|error| error.to_string()),
        Format::Datapackage => Ok(package::describe(
            &report,
            &table.columns,
            uri.query().unwrap_or_default(),
        )),
        _ => csv::write(&table, french).map_err(|error| error.to_string()),
    };
    let written = written.map_err(|error| {
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
        HeaderValue::from_static(format.media_type()),
    );
    let mut answer = ([vary, content], written).into_response();
    // Who follows an address is a browser, which keeps the table as a file.
    if asked.is_some() && format != Format::Datapackage {
        let name = format!(
            "attachment; filename=\"{}-{}.{}\"",
            territory.level,
            territory.code,
            format.ending()
        );
        if let Ok(name) = HeaderValue::try_from(name) {
            answer.headers_mut().insert(header::CONTENT_DISPOSITION, name);
        }
    }
    Ok(answer)
}

/// What a client would like that does not say it by `format`.
fn accepted(headers: &HeaderMap) -> Result<Format, Problem> {
    match accept::media(headers, &[JSON, CSV, PARQUET]) {
        Some(CSV) => Ok(Format::Csv),
        Some(PARQUET) => Ok(Format::Parquet),
        Some(_) => Ok(Format::Json),
        None => {
            let detail = Words::fixed(
                "Figures are given as application/json, text/csv or application/vnd.apache.parquet.",
                "Les chiffres sont donnés en application/json, text/csv ou application/vnd.apache.parquet.",
            );
            Err(Problem::new(&kinds::NOT_ACCEPTABLE, detail).field("accept"))
        }
    }
}

impl Period {
    async fn query(self, state: &ApiState, territory: Territory) -> Result<Query, Problem> {
        let as_of = as_of::known(state, self.as_of, territory::VIEW.name).await?;
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
        let by = breakdown(self.by, self.then_by)?;
        let beyond = |day: &NaiveDate| Month::of(*day).is_none();
        if by.iter().any(|by| by.is_of_time())
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
            by,
            compare: self.compare.unwrap_or(false),
            protected: state.views.can_protect(),
        })
    }
}

/// At most two breakdowns, which cut across each other.
fn breakdown(by: Vec<By>, then_by: Option<By>) -> Result<Vec<By>, Problem> {
    let refused =
        |field: &'static str, words| Err(Problem::new(&kinds::INVALID_PARAMETER, words).field(field));
    if by.is_empty() && then_by.is_some() {
        let words = Words::fixed(
            "The parts are to be broken down, and there are none: expected `by`, too.",
            "Les parties doivent être ventilées, et il n'y en a pas : il faut aussi `by`.",
        );
        return refused("then_by", words);
    }
    let field = if then_by.is_some() { "then_by" } else { "by" };
    let by: Vec<By> = by.into_iter().chain(then_by).collect();
    let of_time = by.iter().filter(|by| by.is_of_time()).count();
    match by[..] {
        [_, _, _, ..] => {
            let count = by.len();
            refused(
                field,
                Words::new(
                    format!("{count} breakdowns are asked for: expected two at most, such as level,gender."),
                    format!(
                        "{count} ventilations sont demandées : il en faut deux au plus, par exemple level,gender."
                    ),
                ),
            )
        }
        [one, other] if one == other || of_time == 2 => {
            let (one, other) = (one.as_str(), other.as_str());
            refused(
                field,
                Words::new(
                    format!(
                        "{one} and {other} do not cut across each other: expected two breakdowns that do, such as month,level."
                    ),
                    format!(
                        "{one} et {other} ne se croisent pas : il faut deux ventilations qui se croisent, par exemple month,level."
                    ),
                ),
            )
        }
        _ => Ok(by),
    }
}

/// The territory that a path names.
pub(super) fn named(level: &str, code: &str) -> Result<Territory, Problem> {
    let unknown =
        |words, field| Problem::new(&kinds::UNKNOWN_TERRITORY, problem::sentence(words)).field(field);
    let level: TerritoryLevel = level
        .parse()
        .map_err(|wrong: Invalid| unknown(Words::of(&wrong), "level"))?;
    geography::territory(level, code).ok_or_else(|| unknown(geography::not_current(level, code), "code"))
}
