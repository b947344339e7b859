//! `GET /v1/operators/{siret}/work`: what an operator does: attendance, places against contract, aids and pay (R13, R15).

use super::months;
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use chrono::Utc;
use parcours_http::parameters::{Parameters, PathParameters};
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::codes::{Invalid, Month, Siret};
use parcours_model::{Words, calendar};
use parcours_projections::work::{self, Query, Work};
use serde::Deserialize;
use utoipa::IntoParams;

/// The parameters.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// The first month; when left out, January of the year of the last.
    #[param(value_type = Option<String>, example = "2026-01")]
    from: Option<Month>,
    /// The last one; when left out, that of today.
    #[param(value_type = Option<String>, example = "2026-06")]
    to: Option<Month>,
    /// `month` tells each month, too.
    #[param(value_type = Option<String>, example = "month")]
    by: Option<By>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

/// How the sums may be broken down.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Month,
}

/// Read the work of an operator
///
/// Attendance, places against contract, aids and pay of some months, as far as is known now. A parcours counts for the operator
/// of its last admission. These sums are exact: a service that tells protected figures does not tell them.
#[utoipa::path(
    get, path = "/v1/operators/{siret}/work", tag = "operators",
    params(("siret" = String, Path, description = "The operator's SIRET.", example = "19290076900014"), Asked),
    responses(
        (status = 200, description = "The sums.", body = inline(described::OperatorWork)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 403, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_work(
    State(state): State<ApiState>,
    PathParameters(siret): PathParameters<String>,
    Parameters(asked): Parameters<Asked>,
) -> Result<Json<Work>, Problem> {
    if state.views.can_protect() {
        let detail = Words::fixed(
            "An operator's minutes and cents may be those of one person: they are told by a service whose figures are exact.",
            "Les minutes et les centimes d'un organisme peuvent être ceux d'une seule personne : un service dont les chiffres sont exacts les donne.",
        );
        return Err(Problem::new(&kinds::EXACT_FIGURES, detail));
    }
    let operator: Siret = siret.parse().map_err(|wrong: Invalid| {
        Problem::new(&kinds::INVALID_PARAMETER, problem::sentence(Words::of(&wrong))).field("siret")
    })?;
    let (from, to) = months::period(asked.from, asked.to, calendar::day(Utc::now()))?;
    freshness::of_view(&state, work::VIEW.name, asked.min_position).await?;
    let query = Query {
        operator,
        from,
        to,
        by_month: asked.by.is_some(),
    };
    let told = state.views.work(&query).await?;
    told.map(Json).ok_or_else(|| {
        let detail = Words::new(
            format!("Nothing is known of an operator {operator}: none is registered so, and none was ever admitted to."),
            format!("On ne sait rien d'un organisme {operator} : aucun n'est inscrit ainsi, et personne n'y fut admis."),
        );
        Problem::new(&kinds::UNKNOWN_OPERATOR, detail).field("siret")
    })
}
