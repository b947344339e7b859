//! The revision that a sender expects: `If-Match` and `If-None-Match` (RFC 9110, section 13.1).

use axum::http::{HeaderMap, header};
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;

/// The revision that the event's stream must have, if the sender says so: `If-Match: "3"`; 0, also written
/// `If-None-Match: *`, for a stream to which nothing has happened.
pub(super) fn expected_revision(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let matching = headers.get(header::IF_MATCH);
    let none = headers.get(header::IF_NONE_MATCH);
    match (matching, none) {
        (None, None) => Ok(None),
        (Some(value), None) => {
            let quoted = value
                .as_bytes()
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            let digits = quoted.filter(|digits| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit));
            let revision = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
            revision.map(Some).ok_or_else(|| {
                invalid(
                    "if-match",
                    Words::fixed(
                        "Expected one revision between quotes, such as \"3\".",
                        "Il faut une révision entre guillemets, par exemple \"3\".",
                    ),
                )
            })
        }
        (None, Some(value)) if value == "*" => Ok(Some(0)),
        (None, Some(_)) => Err(invalid(
            "if-none-match",
            Words::fixed(
                "Expected *: the event is the first of its stream.",
                "Il faut * : l'événement est le premier de son flux.",
            ),
        )),
        (Some(_), Some(_)) => Err(invalid(
            "if-match",
            Words::fixed(
                "If-Match and If-None-Match exclude each other: expected one of them.",
                "If-Match et If-None-Match s'excluent : il faut l'un des deux.",
            ),
        )),
    }
}

/// Refuses an expectation where it can mean no single stream.
pub(super) fn none_expected(headers: &HeaderMap) -> Result<(), Problem> {
    match expected_revision(headers)? {
        None => Ok(()),
        Some(_) => Err(invalid(
            "if-match",
            Words::fixed(
                "An expected revision goes with one event, not with a list or a stream.",
                "Une révision attendue va avec un événement, non avec une liste ou un flux.",
            ),
        )),
    }
}

fn invalid(field: &str, detail: Words) -> Problem {
    Problem::new(&kinds::INVALID_HEADER, detail).field(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: header::HeaderName, value: &'static str) -> Option<Option<u64>> {
        expected_revision(&HeaderMap::from_iter([(name, value.parse().unwrap())])).ok()
    }

    #[test]
    fn a_revision_stands_between_quotes() {
        assert_eq!(told(header::IF_MATCH, "\"3\""), Some(Some(3)));
        assert_eq!(told(header::IF_NONE_MATCH, "*"), Some(Some(0)));
        for wrong in [
            "3",
            "*",
            "W/\"3\"",
            "\"3\", \"4\"",
            "\"\"",
            "\"+3\"",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(told(header::IF_MATCH, wrong), None, "{wrong}");
        }
    }
}
