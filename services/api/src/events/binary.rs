//! The binary mode of the CloudEvents HTTP binding: attributes in `ce-` headers, data in the body.

use axum::http::{HeaderMap, HeaderValue, header};
use parcours_http::problem::{self, Problem, kinds};
use parcours_model::{Words, faults};
use percent_encoding::percent_decode;
use std::collections::BTreeMap;

/// Whether the request is in binary mode.
pub(super) fn is_binary(headers: &HeaderMap) -> bool {
    headers.contains_key("ce-specversion")
}

/// The event in the JSON format: every header an attribute, the body its data, as it stands; and at which byte they begin.
pub(super) fn to_json(headers: &HeaderMap, body: &[u8]) -> Result<(Vec<u8>, usize), Problem> {
    let mut attributes = BTreeMap::new();
    for (name, value) in headers {
        let Some(attribute) = name.as_str().strip_prefix("ce-") else {
            continue;
        };
        if ["data", "data_base64", "datacontenttype"].contains(&attribute) {
            let words = Words::fixed(
                "it is no attribute of the binary mode: the data are the body, its type is Content-Type",
                "ce n'est pas un attribut du mode binaire : les données sont le corps, leur type est Content-Type",
            );
            return Err(invalid(name.as_str(), &words));
        }
        let text = unescape(value).map_err(|wrong| invalid(name.as_str(), &wrong))?;
        if attributes.insert(attribute, text).is_some() {
            let words = Words::fixed(
                "it is given twice: expected once",
                "il est donné deux fois : il le faut une seule fois",
            );
            return Err(invalid(name.as_str(), &words));
        }
    }
    let media = headers.get(header::CONTENT_TYPE).map(|value| {
        value.to_str().map_err(|_| {
            invalid(
                "content-type",
                &Words::fixed("it is no text", "ce n'est pas un texte"),
            )
        })
    });
    if let Some(media) = media.transpose()? {
        attributes.insert("datacontenttype", media.to_owned());
    }
    let mut json = serde_json::to_vec(&attributes).expect("names and texts are JSON");
    let data = body.trim_ascii();
    json.truncate(json.len() - 1);
    json.extend_from_slice(b",\"data\":");
    let start = json.len();
    if body.is_empty() {
        json.extend_from_slice(b"null");
    } else if let Some(fault) = faults::unreadable(body) {
        let problem = Problem::new(&kinds::MALFORMED_BODY, problem::sentence(fault.words));
        let problem = problem.field("data").pointer("/data".to_owned());
        return Err(problem.place(faults::place(body, fault.at)));
    }
    json.extend_from_slice(data);
    json.push(b'}');
    Ok((json, start))
}

/// The value of an attribute: quotes taken off, then percent-decoded once (section 3.1.3.2 of the binding).
fn unescape(value: &HeaderValue) -> Result<String, Words> {
    let text = value.as_bytes();
    let unquoted = match text {
        [b'"', inside @ .., b'"'] => {
            let mut bytes = Vec::with_capacity(inside.len());
            let mut inside = inside.iter();
            while let Some(&byte) = inside.next() {
                bytes.push(if byte == b'\\' {
                    *inside.next().ok_or(UNCLOSED)?
                } else {
                    byte
                });
            }
            bytes
        }
        _ => text.to_vec(),
    };
    let decoded = percent_decode(&unquoted).decode_utf8().map_err(|_| {
        Words::fixed(
            "it is no UTF-8, percent-encoded",
            "ce n'est pas de l'UTF-8, encodé par des %",
        )
    })?;
    Ok(decoded.into_owned())
}

const UNCLOSED: Words = Words::fixed("its quotes are not closed", "ses guillemets ne sont pas fermés");

fn invalid(header: &str, wrong: &Words) -> Problem {
    let detail = Words::new(
        format!("The header {header} is invalid: {wrong}."),
        format!("L'en-tête {header} est invalide : {wrong:#}."),
    );
    Problem::new(&kinds::INVALID_HEADER, detail).field(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn headers_become_attributes_and_the_body_data() {
        let headers = headers(&[
            ("ce-specversion", "1.0"),
            ("ce-id", "7"),
            ("content-type", "application/json"),
            ("accept", "*/*"),
        ]);
        let (json, start) = to_json(&headers, b" {\"level\": 3}\n").unwrap();
        assert_eq!(&json[start..start + 2], b"{\"");
        assert_eq!(
            String::from_utf8(json).unwrap(),
            r#"{"datacontenttype":"application/json","id":"7","specversion":"1.0","data":{"level": 3}}"#
        );
    }

    #[test]
    fn values_are_unquoted_then_percent_decoded_once() {
        for (sent, meant) in [
            ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
            (r#""a \"quoted\" word""#, r#"a "quoted" word"#),
            ("%2541", "%41"),
            ("100%", "100%"),
        ] {
            assert_eq!(
                unescape(&HeaderValue::from_static(sent)),
                Ok(meant.to_owned()),
                "{sent}"
            );
        }
        assert!(unescape(&HeaderValue::from_static("%FF")).is_err());
    }

    #[test]
    fn a_body_cannot_smuggle_attributes_in() {
        let headers = headers(&[("ce-specversion", "1.0"), ("ce-id", "7")]);
        assert!(to_json(&headers, br#"{},"id":"8""#).is_err());
    }

    #[test]
    fn a_header_given_twice_is_refused() {
        let mut headers = headers(&[("ce-specversion", "1.0"), ("ce-id", "7")]);
        headers.append("ce-id", HeaderValue::from_static("8"));
        assert!(to_json(&headers, b"").is_err());
        assert!(to_json(&self::headers(&[("ce-data", "{}")]), b"").is_err());
    }
}
