//! All routes, and what surrounds them.

use crate::openapi::{self, Document};
use crate::problem::{Problem, kinds};
use crate::state::ApiState;
use crate::{events, observe, routes};
use axum::extract::{Request, State};
use axum::http::{Method, Uri};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use std::any::Any;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The whole interface.
pub fn router(state: ApiState) -> Router {
    let (router, document) = documented(&state).split_for_parts();
    router
        .fallback(unknown_address)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(openapi::Text::of(&document)))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(observe::request))
        .with_state(state)
}

/// Every route with its description: a route that is not described cannot be added here.
fn documented(state: &ApiState) -> OpenApiRouter<ApiState> {
    let reads = OpenApiRouter::new()
        .routes(routes!(routes::timeline::get_parcours))
        .routes(routes!(routes::history::get_parcours_events))
        .routes(routes!(routes::catalogue::get_catalogue))
        .routes(routes!(routes::territories::get_territory))
        .routes(routes!(routes::schemas::list_schemas))
        .routes(routes!(routes::schemas::get_schema))
        .routes(routes!(routes::problems::list_problems))
        .routes(routes!(routes::problems::get_problem))
        .routes(routes!(routes::problems::get_rule))
        .routes(routes!(routes::openapi::get_openapi))
        .routes(routes!(routes::health::live))
        .routes(routes!(routes::health::ready))
        .routes(routes!(routes::metrics::get_metrics))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state.clone(), in_time));
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(events::post_events))
        .merge(reads)
}

/// Bounds the work on an answer. What sends events bounds itself, since what it has begun may still be recorded.
async fn in_time(State(state): State<ApiState>, request: Request, next: Next) -> Response {
    match timeout(state.limits.answer, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("There was no answer within {} s.", state.limits.answer.as_secs());
            Problem::new(&kinds::TOOK_TOO_LONG, detail).into_response()
        }
    }
}

async fn unknown_address(uri: Uri) -> Problem {
    let detail = format!(
        "There is nothing at {}. /openapi.json lists what there is.",
        uri.path()
    );
    Problem::new(&kinds::UNKNOWN_ADDRESS, detail)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let detail = format!(
        "{method} is not available at {}. The header Allow lists what is.",
        uri.path()
    );
    Problem::new(&kinds::METHOD_NOT_ALLOWED, detail)
}

/// A mistake in the code ends one request, and is told and logged as one.
fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let words = cause.downcast_ref::<String>().map(String::as_str);
    let words = words
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("without a word");
    tracing::error!(panic = words, "a request could not be answered");
    Problem::new(
        &kinds::INTERNAL,
        "The request could not be answered. The operators of the service see why.",
    )
    .into_response()
}
