//! All routes of operators and readers.

use crate::state::ApiState;
use crate::{events, openapi, routes};
use axum::middleware;
use parcours_http::{MessageType, Part, in_time};
use parcours_model::schema;
use tower_http::compression::CompressionLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Everything that operators and readers may ask. A route that is not described cannot be added here.
pub fn part(state: ApiState) -> Part {
    let reads = OpenApiRouter::new()
        .routes(routes!(routes::people::list_parcours))
        .routes(routes!(routes::timeline::get_parcours))
        .routes(routes!(routes::history::get_parcours_events))
        .routes(routes!(routes::history::get_stream_events))
        .routes(routes!(routes::profiles::get_profiles))
        .routes(routes!(routes::register::list_register))
        .routes(routes!(routes::register::get_register_entry))
        .routes(routes!(routes::catalogue::get_catalogue))
        .routes(routes!(routes::territories::get_territory))
        .routes(routes!(routes::cohorts::get_cohorts))
        .routes(routes!(routes::operators::get_work))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state.site.clone(), in_time));
    let types = schema::types().map(|(kind, spec)| MessageType {
        name: spec.name,
        stream: Some(kind.name()),
        summary: spec.summary,
        schema: schema::of,
    });
    Part {
        routes: OpenApiRouter::new()
            .routes(routes!(events::post_events))
            .merge(reads)
            .with_state(state),
        types: types.collect(),
        components: openapi::components(),
    }
}
