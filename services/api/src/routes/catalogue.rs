//! `GET /v1/catalogue`: what can be entered, where and when, with its places and its results.

mod lheo;

use super::paging::{self, invalid};
use crate::freshness;
use crate::openapi::described;
use crate::state::ApiState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_http::accept;
use parcours_http::parameters::Parameters;
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::codes::{Commune, Rncp, Rome, Rs, Siret};
use parcours_model::streams::session::Entry;
use parcours_model::{TerritoryCode, Words, geography, strictly};
use parcours_projections::catalogue::{self, Near, Query, Sort};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// How far `near` looks when `km` is left out.
const KILOMETRES: f64 = 30.0;
const FARTHEST: f64 = 500.0;

const JSON: &str = "application/json";
const XML: &str = "application/xml";
/// What browsers would like best, who take XML for better than what they do not name. They are answered in JSON.
const HTML: &str = "text/html";

/// What an answer is written as.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Format {
    Json,
    Lheo,
}

/// The filters. What is left out does not filter.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filters {
    /// In a territory: `level/code`, such as `departement/76`.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^(commune|epci|departement|region)/[0-9AB]{2,9}$", example = "departement/76")]
    territory: Option<TerritoryCode>,
    /// Near a commune: its INSEE code.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^([0-9]{2}|2[AB])[0-9]{3}$", example = "76540")]
    near: Option<Commune>,
    /// How near, in kilometres as the crow flies: 30 when left out. With `near`.
    #[param(minimum = 0, maximum = 500)]
    km: Option<f64>,
    /// Preparing for a trade of the ROME, or for one that derives from it.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = r"^[A-N][0-9]{4}$", example = "D1402")]
    rome: Option<Rome>,
    /// Preparing for a certification.
    #[param(value_type = Option<String>, example = "RNCP34126")]
    rncp: Option<Rncp>,
    /// Preparing for a certification of the répertoire spécifique.
    #[param(value_type = Option<String>, example = "RS5616")]
    rs: Option<Rs>,
    /// Under way on or after this day.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<NaiveDate>,
    /// Under way on or before this day.
    #[param(value_type = Option<String>, format = Date)]
    to: Option<NaiveDate>,
    /// That can be entered at the beginning only (`fixed`), or all year (`permanent`).
    #[param(inline, value_type = Option<described::Entry>)]
    entry: Option<Entry>,
    /// Leading to a certification (`true`), or not (`false`).
    certifying: Option<bool>,
    /// Of one operator.
    #[serde(default, deserialize_with = "strictly")]
    #[param(value_type = Option<String>, pattern = "^[0-9]{14}$", example = "19290076900014")]
    operator: Option<Siret>,
    /// Where one can (`true`) or cannot (`false`) enrol today.
    open: Option<bool>,
    /// Words of the title or the objective: all of them, or what they begin with, without regard to case, accents and plural;
    /// articles and the like are nothing.
    text: Option<String>,
    /// The sessions of one offer.
    offer: Option<Uuid>,
    /// One session.
    session: Option<Uuid>,
    /// In which order: those that begin from today on first (`soonest`, when left out), the nearest first (`distance`, when left out
    /// and `near` is given), or by first day, whenever that was (`begin`).
    #[param(inline, value_type = Option<described::CatalogueSort>)]
    sort: Option<Sort>,
    /// Whether all that is found is counted by what it can be narrowed down to.
    facets: Option<bool>,
    /// Sessions on the page: 50 when left out, 500 at most.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<usize>,
    /// Where the page begins: the `next` of the page before.
    cursor: Option<String>,
    /// What the answer is written as, whatever `Accept` says: `json`, a page; `lheo`, all that is found as one document of LHEO
    /// 2.3, the French exchange format for training offers, without results and reviews.
    #[param(value_type = Option<String>, example = "lheo")]
    format: Option<Format>,
    /// Waits until the entry at this position can be seen.
    min_position: Option<u64>,
}

impl Filters {
    fn query(self, now: DateTime<Utc>, format: Format) -> Result<Query, Problem> {
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
                    "A distance is from 0 to 500 km.",
                    "Une distance est de 0 à 500 km.",
                ),
            ));
        }
        if matches!((self.from, self.to), (Some(from), Some(to)) if from > to) {
            return Err(invalid(
                "to",
                Words::fixed(
                    "The period ends before it begins.",
                    "La période finit avant de commencer.",
                ),
            ));
        }
        if self.sort == Some(Sort::Distance) && self.near.is_none() {
            return Err(invalid(
                "sort",
                Words::fixed(
                    "A distance is from somewhere: expected `near`, too.",
                    "Une distance part d'un lieu : il faut aussi `near`.",
                ),
            ));
        }
        let of_a_page = [
            ("limit", self.limit.is_some()),
            ("cursor", self.cursor.is_some()),
            ("sort", self.sort.is_some()),
            ("facets", self.facets.is_some()),
        ];
        if let (Format::Lheo, Some((name, _))) = (format, of_a_page.into_iter().find(|(_, asked)| *asked)) {
            return Err(invalid(
                name,
                Words::fixed(
                    "A document of LHEO has all that is found, training by training: it has no pages, no order to choose and no counts.",
                    "Un document LHEO contient tout ce qui est trouvé, formation par formation : il n'a ni pages, ni ordre à choisir, ni décomptes.",
                ),
            ));
        }
        paging::check(self.limit, self.cursor.as_deref(), Query::is_cursor)?;
        if self.text.as_deref().is_some_and(|text| !Query::is_text(text)) {
            return Err(invalid(
                "text",
                Words::fixed(
                    "There is no word in it to look for: expected letters or digits, and more than articles and the like.",
                    "Il n'y a aucun mot à chercher : il faut des lettres ou des chiffres, et plus que des articles et mots semblables.",
                ),
            ));
        }
        Ok(Query {
            territory: self
                .territory
                .and_then(|named| geography::territory(named.level, named.code())),
            near: self.near.map(|commune| Near {
                commune,
                kilometres: self.km.unwrap_or(KILOMETRES),
            }),
            rome: self.rome,
            rncp: self.rncp,
            rs: self.rs,
            from: self.from,
            to: self.to,
            entry: self.entry,
            certifying: self.certifying,
            operator: self.operator,
            sort: self.sort,
            facets: self.facets.unwrap_or(false),
            open: self.open,
            text: self.text,
            offer: self.offer,
            session: self.session,
            limit: self.limit,
            cursor: self.cursor,
            ..Query::all(now)
        })
    }
}

/// Search the catalogue
///
/// Sessions, those that begin from today on first, each with its `places` (`capacity`, `taken`, `waiting`, `left`), and the
/// results and reviews of its training. `Accept: application/xml` asks for all that is found as one document of LHEO 2.3,
/// which can be imported again.
#[utoipa::path(
    get, path = "/v1/catalogue", tag = "catalogue",
    params(Filters),
    responses(
        (status = 200, description = "A page: `sessions`, and `next`, which is null after the last. In LHEO, all that is found.",
            content((inline(described::CataloguePage) = "application/json"), (String = "application/xml"))),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 404, response = parcours_http::ProblemResponse),
        (status = 406, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn get_catalogue(
    State(state): State<ApiState>,
    Parameters(filters): Parameters<Filters>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (min_position, asked) = (filters.min_position, filters.format);
    let format = match asked {
        Some(format) => format,
        None => accepted(&headers)?,
    };
    let query = filters.query(Utc::now(), format)?;
    freshness::of_view(&state, catalogue::VIEW.name, min_position).await?;
    let vary = [(header::VARY, HeaderValue::from_static("accept"))];
    if format == Format::Lheo {
        return Ok((vary, lheo::answer(&state, query, asked.is_some()).await?).into_response());
    }
    let page = state.views.catalogue(&query).await?;
    // An offer may be of a trade of another edition of the ROME.
    if let (true, Some(Err(words))) = (page.sessions.is_empty(), query.rome.map(Rome::known)) {
        return Err(invalid("rome", problem::sentence(words)));
    }
    Ok((vary, Json(page)).into_response())
}

/// What a client would like that does not say it by `format`.
fn accepted(headers: &HeaderMap) -> Result<Format, Problem> {
    match accept::media(headers, &[HTML, JSON, XML]) {
        Some(XML) => Ok(Format::Lheo),
        Some(_) => Ok(Format::Json),
        None => {
            let detail = Words::fixed(
                "The catalogue is given as application/json, or in LHEO as application/xml.",
                "Le catalogue est donné en application/json, ou en LHEO en application/xml.",
            );
            Err(Problem::new(&kinds::NOT_ACCEPTABLE, detail).field("accept"))
        }
    }
}
