//! `GET /v1/parcours`: whose parcours there are, where they stand, and what is to be done about them.

use super::paging::{self, invalid};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, Utc};
use parcours_http::parameters::Parameters;
use parcours_http::problem::Problem;
use parcours_model::codes::Siret;
use parcours_model::{Words, strictly};
use parcours_projections::people::{self, Page, Query};
use parcours_projections::timeline::Status;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// The filters. What is left out does not filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filters {
    /// Of one trainee.
    trainee: Option<Uuid>,
    /// Of an operator: that of the last admission.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^[0-9]{14}$", example = "19290076900014")]
    operator: Option<Siret>,
    /// Of a référent.
    referent: Option<Uuid>,
    /// Standing there.
    #[param(inline, value_type = Option<described::Status>)]
    status: Option<Status>,
    /// Those about which something is to be done today (`true`), by urgency.
    due: Option<bool>,
    /// Parcours on the page: 50 when left out, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    cursor: Option<String>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

impl Filters {
    fn query(self, now: DateTime<Utc>) -> Result<Query, Problem> {
        paging::check(self.limit, self.cursor.as_deref(), Query::is_cursor)?;
        if self.due == Some(false) {
            return Err(invalid(
                "due",
                Words::fixed(
                    "Only `true` can be asked for: without `due` all parcours are listed, with their tasks.",
                    "Seul `true` se demande : sans `due`, tous les parcours sont listés, avec leurs tâches.",
                ),
            ));
        }
        Ok(Query {
            trainee: self.trainee,
            operator: self.operator,
            referent: self.referent,
            status: self.status,
            due: self.due.unwrap_or(false),
            limit: self.limit,
            cursor: self.cursor,
            ..Query::all(now)
        })
    }
}

/// List parcours
///
/// Of a trainee, an operator or a référent, where they stand, and with `tasks` what is to be done about each today: a
/// référent's desk is `?referent=…&due=true`, the most urgent first. Nothing is listed before it is due.
#[utoipa::path(
    get, path = "/v1/parcours", tag = "parcours",
    params(Filters),
    responses(
        (status = 200, description = "A page: `parcours`, and `next`, which is null after the last.", body = inline(described::ParcoursPage)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn list_parcours(
    State(state): State<ApiState>,
    Parameters(filters): Parameters<Filters>,
) -> Result<Json<Page>, Problem> {
    let min_position = filters.min_position;
    let query = filters.query(Utc::now())?;
    freshness::of_view(&state, people::VIEW.name, min_position).await?;
    Ok(Json(state.views.people(&query).await?))
}
