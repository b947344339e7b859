//! `GET /v1/outcomes`: the messages of a partner, as a paged list or as server-sent events; and `GET /asyncapi.json`,
//! what they are.

#![allow(
    unused_qualifications,
    reason = "the macros that describe parameters write full paths"
)]

mod asked;
mod asyncapi;
mod bearer;
mod page;
mod route;
mod state;
mod stream;
mod told;

pub use state::{Limits, OutcomesState};

use axum::middleware;
use parcours_http::{Components, MessageType, Part, in_time};
use tower_http::compression::CompressionLayer;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::contract::{self, Published};

/// Everything that partners may ask.
pub fn part(state: OutcomesState) -> Part {
    let types = contract::TYPES.iter().map(|message| MessageType {
        name: message.name,
        stream: None,
        summary: message.summary,
        schema: contract::schema,
    });
    Part {
        routes: OpenApiRouter::with_openapi(Secret::openapi())
            .routes(routes!(route::get_outcomes))
            .routes(routes!(asyncapi::get_asyncapi))
            // Server-sent events are never compressed: they would be held back until there are enough of them.
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn_with_state(state.site.clone(), in_time))
            .with_state(state),
        types: types.collect(),
        components: Components::default()
            .with::<Published>()
            .with_others(contract::all_schemas(Components::settings())),
    }
}

/// How a partner says who it is.
#[derive(OpenApi)]
#[openapi(modifiers(&Secret))]
struct Secret;

impl Modify for Secret {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let mut secret = Http::new(HttpAuthScheme::Bearer);
        secret.description = Some(
            "The secret of a partner. Without it only what is public is read: the places of sessions."
                .to_owned(),
        );
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("secret", SecurityScheme::Http(secret));
    }
}
