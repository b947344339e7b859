//! All routes of a process, and what surrounds them.

use std::any::Any;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::{Method, Uri, Version};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use parcours_model::Words;

use crate::openapi::{Document, Text};
use crate::problem::{Problem, kinds};
use crate::routes::schemas::{MessageType, Schemas};
use crate::routes::welcome::Links;
use crate::{Components, Site, language, observe, routes};

/// What a service brings.
pub struct Part {
    /// Its routes, each with its description, and with the state they need.
    pub routes: OpenApiRouter,
    /// The types of messages it takes or sends.
    pub types: Vec<MessageType>,
    /// The schemas that the descriptions of its routes refer to.
    pub components: Components,
}

/// The whole interface: these parts, contracts and operations.
pub(crate) fn router(site: &Site, parts: Vec<Part>) -> Router {
    let mut types = Vec::new();
    let mut components = Vec::new();
    let mut router = OpenApiRouter::with_openapi(Document::openapi());
    for part in parts {
        types.extend(part.types);
        components.push(part.components);
        router = router.merge(part.routes);
    }
    let (router, document) = router.merge(own(site, types)).split_for_parts();
    router
        .fallback(unknown_address)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(Extension(Links::of(&document)))
        .layer(Extension(Text::of(&document, components)))
        .layer(middleware::from_fn(for_one_host))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(language::of_client))
        .layer(middleware::from_fn(observe::request))
}

/// Contracts and operations.
fn own(site: &Site, types: Vec<MessageType>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(routes::welcome::get_welcome))
        .routes(routes!(routes::schemas::list_schemas))
        .routes(routes!(routes::schemas::get_schema))
        .routes(routes!(routes::problems::list_problems))
        .routes(routes!(routes::problems::get_problem))
        .routes(routes!(routes::problems::get_rule))
        .routes(routes!(routes::openapi::get_openapi))
        .routes(routes!(routes::health::live))
        .routes(routes!(routes::health::ready))
        .routes(routes!(routes::metrics::get_metrics))
        .layer(Extension(Schemas(Arc::new(types))))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(site.clone(), in_time))
        .with_state(site.clone())
}

/// Bounds the work on an answer. What sends events bounds itself, since what it has begun may still be recorded.
pub async fn in_time(State(site): State<Site>, request: Request, next: Next) -> Response {
    match timeout(site.limits.answer, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let seconds = site.limits.answer.as_secs();
            let detail = Words::new(
                format!("There was no answer within {seconds} s."),
                format!("Il n'y a pas eu de réponse en {seconds} s."),
            );
            Problem::new(&kinds::TOOK_TOO_LONG, detail).into_response()
        }
    }
}

/// A request of HTTP/1.1 says once for which host it is (RFC 9112, 3.2): whoever passes requests on may take one that
/// does not for another's.
async fn for_one_host(request: Request, next: Next) -> Response {
    if request.version() == Version::HTTP_11 {
        let count = request.headers().get_all(HOST).iter().count();
        if count != 1 {
            let detail = Words::new(
                format!("A request of HTTP/1.1 has the header Host once; this one has it {count} times."),
                format!("Une requête HTTP/1.1 porte l'en-tête Host une fois ; celle-ci l'a {count} fois."),
            );
            return Problem::new(&kinds::INVALID_HEADER, detail).into_response();
        }
    }
    next.run(request).await
}

async fn unknown_address(uri: Uri) -> Problem {
    let path = uri.path();
    let detail = Words::new(
        format!("There is nothing at {path}. /openapi.json lists what there is."),
        format!("Il n'y a rien à {path}. /openapi.json liste ce qu'il y a."),
    );
    Problem::new(&kinds::UNKNOWN_ADDRESS, detail)
}

async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    let path = uri.path();
    let detail = Words::new(
        format!("{method} is not available at {path}. The header Allow lists what is."),
        format!("{method} n'est pas disponible à {path}. L'en-tête Allow liste ce qui l'est."),
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
        Words::fixed(
            "The request could not be answered. The operators of the service see why.",
            "La requête n'a pu recevoir de réponse. Les exploitants du service voient pourquoi.",
        ),
    )
    .into_response()
}
