//! Parameters in the query and in the path, read strictly: what is unknown, doubled or invalid is refused.

use crate::problem::{Problem, kinds};
use axum::extract::rejection::PathRejection;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The parameters of the query. `Q` denies unknown fields.
pub struct Parameters<Q>(pub Q);

/// For routes that take none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<S: Sync, Q: DeserializeOwned> FromRequestParts<S> for Parameters<Q> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Parameters)
    }
}

fn parse<Q: DeserializeOwned>(query: &str) -> Result<Q, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
    serde_path_to_error::deserialize(pairs).map_err(|wrong| {
        let path = wrong.path().to_string();
        let words = wrong.into_inner().to_string();
        // A parameter that is missing or doubled is named in the words only.
        let named = if path == "." {
            words.split('`').nth(1)
        } else {
            Some(path.as_str())
        };
        let problem = Problem::new(&kinds::INVALID_PARAMETER, sentence(&words));
        match named {
            Some(field) => problem.field(field),
            None => problem,
        }
    })
}

/// Parameters in the path.
pub struct PathParameters<P>(pub P);

impl<S: Send + Sync, P: DeserializeOwned + Send> FromRequestParts<S> for PathParameters<P> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Path::<P>::from_request_parts(parts, state).await {
            Ok(Path(read)) => Ok(PathParameters(read)),
            Err(PathRejection::FailedToDeserializePathParams(wrong)) => Err(Problem::new(
                &kinds::INVALID_PARAMETER,
                sentence(&wrong.body_text()),
            )),
            Err(wrong) => Err(Problem::new(&kinds::INTERNAL, wrong.body_text())),
        }
    }
}

/// A deserializer's words as a sentence: in this place its fields are parameters.
fn sentence(words: &str) -> String {
    let mut words = words
        .replace("unknown field", "unknown parameter")
        .replace("missing field", "missing parameter");
    words = words.replace("duplicate field", "doubled parameter");
    if words.contains("expected there are no fields") {
        words = words.replace("there are no fields", "none");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Filters {
        open: Option<bool>,
        min_position: Option<u64>,
    }

    fn told(query: &str) -> String {
        serde_json::to_string(&parse::<Filters>(query).unwrap_err()).unwrap()
    }

    #[test]
    fn an_unknown_parameter_is_named() {
        let told = told("opne=true");
        assert!(
            told.contains("unknown parameter `opne`") && told.contains(r#""field":"opne""#),
            "{told}"
        );
    }

    #[test]
    fn a_parameter_given_twice_is_refused() {
        let told = told("open=true&open=false");
        assert!(
            told.contains("doubled parameter") && told.contains(r#""field":"open""#),
            "{told}"
        );
    }

    #[test]
    fn an_invalid_value_names_its_parameter() {
        let told = told("min_position=-1");
        assert!(told.contains(r#""field":"min_position""#), "{told}");
    }

    #[test]
    fn what_is_known_is_read() {
        let read = |query| parse::<Filters>(query).unwrap();
        assert_eq!(
            read("open=true&min_position=7"),
            Filters {
                open: Some(true),
                min_position: Some(7)
            }
        );
        assert_eq!(
            read(""),
            Filters {
                open: None,
                min_position: None
            }
        );
    }
}
