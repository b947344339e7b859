//! The contract (OpenAPI 3.1), gathered from the routes of all parts.

use bytes::Bytes;
use serde_json::{Value, json};
use utoipa::{OpenApi, ToResponse};

use crate::components::Components;
use crate::origin::Origin;
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
        (name = "register", description = "What is agreed, asked for and decided beside the parcours"),
        (name = "profiles", description = "People who are available for work and agreed to be found"),
        (name = "streams", description = "The raw history of any stream"),
        (name = "territories", description = "What the programme changes in a territory"),
        (name = "operators", description = "What operators do"),
        (name = "outcomes", description = "What partners receive"),
        (name = "contracts", description = "What is agreed with the outside"),
        (name = "operations", description = "Whether the service is well"),
    ),
    // Where a route says nothing else, everybody may ask.
    security(()),
    components(responses(ProblemResponse)),
)]
pub(crate) struct Document;

/// The document: made once, but for the address that it is asked at.
#[derive(Clone)]
pub(crate) struct Text {
    /// The document in JSON, without its first brace.
    rest: Bytes,
}

impl Text {
    /// The document in JSON.
    pub fn of(document: &utoipa::openapi::OpenApi, components: Vec<Components>) -> Self {
        let mut document = serde_json::to_value(document).expect("an OpenAPI document is JSON");
        for components in components {
            components.add_to(&mut document);
        }
        each_parameter(&mut document, never_null);
        let text = document.to_string();
        Text {
            rest: Bytes::from(text).slice(1..),
        }
    }

    /// The document as it is sent to who calls the service at `origin`.
    pub fn at(&self, origin: &Origin) -> Bytes {
        let servers = json!([{ "url": origin.url() }]);
        let mut text = format!("{{\"servers\":{servers},").into_bytes();
        text.extend_from_slice(&self.rest);
        text.into()
    }
}

fn each_parameter(document: &mut Value, change: fn(&mut Value)) {
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let operations = paths.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten());
    for (_, operation) in operations {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(change);
    }
}

/// A parameter that is left out is absent: there is no way to write `null` in an address or a header.
fn never_null(parameter: &mut Value) {
    let schema = &mut parameter["schema"];
    if let Some(kinds) = schema["type"].as_array() {
        let kind = kinds.iter().find(|kind| *kind != "null").cloned();
        schema["type"] = kind.expect("a parameter has a type");
    }
    let choices = schema["oneOf"].as_array().into_iter().flatten();
    let others: Vec<&Value> = choices.filter(|choice| choice["type"] != "null").collect();
    if let [one] = others.as_slice() {
        *schema = (*one).clone();
    }
}

/// A problem (RFC 9457). `type` names its kind, described at that address.
#[derive(ToResponse)]
#[response(
    description = "A problem (RFC 9457).",
    content_type = "application/problem+json"
)]
pub struct ProblemResponse(#[allow(dead_code, reason = "it is there for its schema")] Details);
