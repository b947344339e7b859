//! Who asks: a partner, by its secret (RFC 6750), or everybody.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;

use super::OutcomesState;
use crate::Audience;

impl FromRequestParts<OutcomesState> for Audience {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &OutcomesState) -> Result<Self, Problem> {
        let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
        let (Some(value), None) = (given.next(), given.next()) else {
            return match parts.headers.contains_key(header::AUTHORIZATION) {
                true => Err(refused(Words::fixed(
                    "The header is given twice.",
                    "L'en-tête est donné deux fois.",
                ))),
                false => Ok(state.partners.public()),
            };
        };
        let secret = value.to_str().ok().and_then(bearer).ok_or_else(|| {
            refused(Words::fixed(
                "A partner gives its secret as `Authorization: Bearer <secret>`; who is none leaves the header out.",
                "Un partenaire donne son secret ainsi : `Authorization: Bearer <secret>` ; qui n'en est pas un omet l'en-tête.",
            ))
        })?;
        state.partners.with_secret(secret).ok_or_else(|| {
            refused(Words::fixed(
                "No partner has this secret.",
                "Aucun partenaire n'a ce secret.",
            ))
        })
    }
}

/// The token of a header's value; the scheme's case does not matter (RFC 9110, section 11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

fn refused(detail: Words) -> Problem {
    Problem::new(&kinds::UNAUTHORISED, detail).field("authorization")
}
