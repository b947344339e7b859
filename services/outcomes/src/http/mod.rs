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
use parcours_http::{MessageType, Part, in_time};
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::contract;

/// Everything that partners may ask.
pub fn part(state: OutcomesState) -> Part {
    let types = contract::TYPES.iter().map(|message| MessageType {
        name: message.name,
        stream: None,
        summary: message.summary,
        schema: contract::schema,
    });
    Part {
        routes: OpenApiRouter::new()
            .routes(routes!(route::get_outcomes))
            .routes(routes!(asyncapi::get_asyncapi))
            // Server-sent events are never compressed: they would be held back until there are enough of them.
            .layer(CompressionLayer::new())
            .layer(middleware::from_fn_with_state(state.site.clone(), in_time))
            .with_state(state),
        types: types.collect(),
    }
}
