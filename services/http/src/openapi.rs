//! The contract (OpenAPI 3.1), gathered from the routes of all parts.

use bytes::Bytes;
use utoipa::{OpenApi, ToResponse};

use crate::problem::Details;

/// What is said of the interface as a whole.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parcours",
        description = "Pathways to qualification and employment, as facts that happened. Operators send events; \
            everybody else reads what follows from them. Errors are problems (RFC 9457) whose kinds are described at \
            `/problems`; unknown parameters are refused. An answer to an event carries its `position`: give it as \
            `min_position` to a read that must see it.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "events", description = "Facts come in"),
        (name = "parcours", description = "One journey of one trainee"),
        (name = "catalogue", description = "What can be entered, where and when"),
        (name = "territories", description = "What the programme changes in a territory"),
        (name = "outcomes", description = "What partners receive"),
        (name = "contracts", description = "What is agreed with the outside"),
        (name = "operations", description = "Whether the service is well"),
    ),
    components(responses(ProblemResponse)),
)]
pub(crate) struct Document;

/// The document as it is sent: made once.
#[derive(Clone)]
pub(crate) struct Text(pub Bytes);

impl Text {
    /// The document in JSON.
    pub fn of(document: &utoipa::openapi::OpenApi) -> Self {
        Text(document.to_json().expect("an OpenAPI document is JSON").into())
    }
}

/// A problem (RFC 9457). `type` names its kind, described at that address.
#[derive(ToResponse)]
#[response(
    description = "A problem (RFC 9457).",
    content_type = "application/problem+json"
)]
pub struct ProblemResponse(#[allow(dead_code, reason = "it is there for its schema")] Details);
