//! Who sends a request. The place where tokens will be checked.

use crate::state::ApiState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use parcours_http::problem::Problem;
use std::sync::Arc;

/// Who sends the request: the `actor` of the entries it leads to.
#[derive(Clone, Debug)]
pub(crate) struct Actor(pub Arc<str>);

impl FromRequestParts<ApiState> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(_: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        Ok(Actor(state.actor.clone()))
    }
}
