//! `GET /v1/cohorts/{level}/{code}`: what becomes of those who come in a month (R22).

use super::{months, territories};
use crate::as_of::{self, AsOf};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::Problem;
use parcours_model::codes::{Month, Siret};
use parcours_model::geography::Territory;
use parcours_model::{calendar, strictly};
use parcours_projections::cohorts::{self, By, Of, Query, Report};
use serde::Deserialize;
use utoipa::IntoParams;

/// The parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The first month in which people came; when left out, January of the year of the last.
    #[param(value_type = Option<String>, example = "2026-01")]
    from: Option<Month>,
    /// The last one; when left out, that of the day as of which is asked.
    #[param(value_type = Option<String>, example = "2026-06")]
    to: Option<Month>,
    /// By which step people are in the cohort of a month: that of their `orientation`, when left out, or of the `start` of
    /// their training.
    #[serde(default)]
    #[param(inline, value_type = Option<described::CohortOf>)]
    of: Of,
    /// Only those of an operator: that of the last admission.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^[0-9]{14}$", example = "19290076900014")]
    operator: Option<Siret>,
    /// How the cohort is broken down.
    #[param(inline, value_type = Option<described::CohortBreakdown>)]
    by: Option<By>,
    /// As known at a moment: once the entry at this position of the log was recorded, at the end of this day (Europe/Paris; of
    /// today, now), or at this instant (RFC 3339).
    #[param(value_type = Option<String>)]
    as_of: Option<AsOf>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

/// Read what became of cohorts
///
/// Of the people of a territory who were oriented, or started, in some months: how many reached each step until now, how many
/// days lie between two steps (the median and the quartiles), and why people left. The same question as of an earlier moment
/// gives the earlier answer. A step counts whichever others were reached; work counts as in the figures of territories, so
/// that only of the `matured` it is known who works. A service that is open to everybody tells `protected` counts, as those
/// of territories, and no quartiles of fewer than 5 people.
#[utoipa::path(
    get, path = "/v1/cohorts/{level}/{code}", tag = "territories",
    params(
        ("level" = inline(described::Level), Path, description = "`commune`, `epci`, `departement` or `region`."),
        ("code" = String, Path, description = "Its code: INSEE's, or the SIREN of an EPCI."),
        Asked,
    ),
    responses(
        (status = 200, description = "The cohort, and its parts.", body = inline(described::CohortReport)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_cohorts(
    State(state): State<ApiState>,
    PathParameters((level, code)): PathParameters<(String, String)>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Report>, Problem> {
    let territory = territories::named(&level, &code)?;
    freshness::of_view(&state, cohorts::VIEW.name, asked.min_position).await?;
    let query = asked.query(&state, territory).await?;
    let mut report = state.views.cohorts(&query).await?;
    if query.as_of.size.is_none() {
        report.as_of = as_of::known_since(&state, report.size, query.as_of.instant).await?;
    }
    Ok(Json(report))
}

impl Asked {
    async fn query(self, state: &ApiState, territory: Territory) -> Result<Query, Problem> {
        let as_of = as_of::known(state, self.as_of, cohorts::VIEW.name).await?;
        let (from, to) = months::period(self.from, self.to, calendar::day(as_of.instant))?;
        Ok(Query {
            territory,
            of: self.of,
            from,
            to,
            as_of,
            operator: self.operator,
            by: self.by,
            protected: state.views.can_protect(),
        })
    }
}
