//! `GET /`: what this is, for whoever comes with nothing but the address.

use crate::accept;
use crate::parameters::{Nothing, Parameters};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

const ENGLISH: &str = "Parcours follows the journeys of trainees towards a qualification and employment, as facts that \
    happened: operators send events, and everybody else reads what follows from them.";
const FRENCH: &str = "Parcours suit les parcours de stagiaires vers une qualification et un emploi, comme des faits qui \
    ont eu lieu : les organismes envoient des événements, et tous les autres lisent ce qui en découle.";

/// Addresses to go on from, by what is there.
const LINKS: [(&str, &str); 10] = [
    ("openapi", "/openapi.json"),
    ("asyncapi", "/asyncapi.json"),
    ("schemas", "/schemas"),
    ("problems", "/problems"),
    ("events", "/v1/events"),
    ("catalogue", "/v1/catalogue"),
    ("parcours", "/v1/parcours/{id}"),
    ("territories", "/v1/territories/{level}/{code}"),
    ("outcomes", "/v1/outcomes"),
    ("health", "/health/ready"),
];

/// The addresses of those that this process answers.
#[derive(Clone)]
pub(crate) struct Links(BTreeMap<&'static str, &'static str>);

impl Links {
    /// Of the routes that the contract describes.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        let described = |(_, path): &(&str, &str)| document.paths.paths.contains_key(*path);
        Links(LINKS.into_iter().filter(described).collect())
    }
}

/// What this is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Welcome {
    /// The name of the service.
    service: &'static str,
    /// The version of the program.
    version: &'static str,
    /// What it does, in a sentence; French by `Accept-Language`.
    description: &'static str,
    /// Where to go on from here: what each of this process's addresses is called, and where it is.
    links: BTreeMap<&'static str, &'static str>,
}

/// Read what this is
///
/// For whoever comes with nothing but the address.
#[utoipa::path(get, path = "/", tag = "contracts",
    params(("Accept-Language" = Option<String>, Header, description = "`fr` for the description in French.")),
    responses((status = 200, description = "What this is, and where to go on.", body = Welcome), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn get_welcome(
    Parameters(Nothing {}): Parameters<Nothing>,
    Extension(Links(links)): Extension<Links>,
    headers: HeaderMap,
) -> Response {
    let (language, description) = match accept::prefers_french(&headers) {
        true => ("fr", FRENCH),
        false => ("en", ENGLISH),
    };
    let welcome = Welcome {
        service: "Parcours",
        version: env!("CARGO_PKG_VERSION"),
        description,
        links,
    };
    let told = [
        (header::CONTENT_LANGUAGE, language),
        (header::VARY, "accept-language"),
    ];
    (told, Json(welcome)).into_response()
}
