//! `GET /v1/profiles`: people who are available for work and agreed to be found, without who they are.

use super::paging::{self, invalid};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use chrono::{DateTime, NaiveDate, Utc};
use parcours_http::parameters::Parameters;
use parcours_http::problem::{self, Problem};
use parcours_model::codes::{Commune, Rome};
use parcours_model::{Words, strictly};
use parcours_projections::people::{self, ProfilePage, ProfileQuery};
use serde::Deserialize;
use utoipa::IntoParams;

const FARTHEST: f64 = 1_000.0;

/// The filters. What is left out does not filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filters {
    /// Seeking a trade of the ROME, or one that derives from it.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^[A-N][0-9]{4}$", example = "D1402")]
    rome: Option<Rome>,
    /// Who would work in a commune: its INSEE code.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^([0-9]{2}|2[AB])[0-9]{3}$", example = "76540")]
    near: Option<Commune>,
    /// Within so many kilometres, and as far as each of them would go. With `near`.
    #[param(minimum = 0, maximum = 1000)]
    km: Option<f64>,
    /// Available by this day: today when left out.
    #[param(value_type = Option<String>, format = Date)]
    available_by: Option<NaiveDate>,
    /// Profiles on the page: 50 when left out, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    cursor: Option<String>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

impl Filters {
    fn query(self, now: DateTime<Utc>) -> Result<ProfileQuery, Problem> {
        let is_cursor = |cursor: &str| ProfileQuery::is_cursor(cursor, self.near.is_some());
        paging::check(self.limit, self.cursor.as_deref(), is_cursor)?;
        if self.km.is_some() && self.near.is_none() {
            return Err(invalid(
                "km",
                Words::fixed("A distance goes with `near`.", "Une distance va avec `near`."),
            ));
        }
        if self.km.is_some_and(|km| !(0.0..=FARTHEST).contains(&km)) {
            return Err(invalid(
                "km",
                Words::fixed(
                    "A distance is from 0 to 1,000 km.",
                    "Une distance est de 0 à 1 000 km.",
                ),
            ));
        }
        Ok(ProfileQuery {
            rome: self.rome,
            near: self.near,
            kilometres: self.km,
            available_by: self.available_by,
            limit: self.limit,
            cursor: self.cursor,
            ..ProfileQuery::all(now)
        })
    }
}

/// Find people for work
///
/// Profiles that were published, by people who agree to it now and have no work, by trade and distance. They name nobody: a
/// profile leads to its person through the Région. Who no longer agrees is gone at once.
#[utoipa::path(
    get, path = "/v1/profiles", tag = "profiles",
    params(Filters),
    responses(
        (status = 200, description = "A page: `profiles`, and `next`, which is null after the last.", body = inline(described::ProfilePage)),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_profiles(
    State(state): State<ApiState>,
    Parameters(filters): Parameters<Filters>,
) -> Result<Json<ProfilePage>, Problem> {
    let min_position = filters.min_position;
    let query = filters.query(Utc::now())?;
    freshness::of_view(&state, people::VIEW.name, min_position).await?;
    let page = state.views.profiles(&query).await?;
    // A profile may seek a trade of another edition of the ROME.
    if let (true, Some(Err(words))) = (page.profiles.is_empty(), query.rome.map(Rome::known)) {
        return Err(invalid("rome", problem::sentence(words)));
    }
    Ok(Json(page))
}
