//! Problems in the language of whoever asked.

use axum::extract::Request;
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::accept;
use crate::problem::Problem;

/// Tells a problem in French to a client that prefers it, wherever it came up.
pub(crate) async fn of_client(request: Request, next: Next) -> Response {
    let french = accept::prefers_french(request.headers());
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>().filter(|_| french) else {
        return response;
    };
    let mut told = problem.told_in(true).into_response();
    let of_the_body = [CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE];
    for (name, value) in response.headers() {
        let known = told.headers().get_all(name).iter().any(|other| other == value);
        if !known && !of_the_body.contains(name) && (!told.headers().contains_key(name) || name == "vary") {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    told
}
