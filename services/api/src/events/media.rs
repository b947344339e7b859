//! Which of the forms of `POST /v1/events` a body has.

use super::binary;
use axum::http::{HeaderMap, header};
use parcours_http::problem::{Problem, kinds};

/// A form of sending events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One event, all of it in the body.
    Structured,
    /// One event, its attributes in headers.
    Binary,
    /// A list of events.
    Batch,
    /// One event, or a list: what programs send that know of no other type of JSON.
    Json,
    /// An event a line.
    Stream,
}

impl Form {
    /// The form of a body whose headers leave it open.
    pub fn of(self, body: &[u8]) -> Form {
        match body.trim_ascii_start().first() {
            Some(b'[') if self == Form::Json => Form::Batch,
            _ => self,
        }
    }
}

/// The form that the headers announce.
pub(super) fn form(headers: &HeaderMap) -> Result<Form, Problem> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(
            unsupported("Bodies are taken as they are, without a Content-Encoding.")
                .field("content-encoding"),
        );
    }
    let media = headers
        .get(header::CONTENT_TYPE)
        .map(|value| value.to_str().unwrap_or_default())
        .unwrap_or_default();
    let mut parts = media.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    if let Some(charset) = parts.find_map(|part| {
        part.to_ascii_lowercase()
            .strip_prefix("charset=")
            .map(str::to_owned)
    }) && charset.trim_matches('"') != "utf-8"
    {
        return Err(unsupported("Events are written in UTF-8.").field("content-type"));
    }
    match essence.as_str() {
        "application/cloudevents+json" => Ok(Form::Structured),
        "application/cloudevents-batch+json" => Ok(Form::Batch),
        "application/x-ndjson" => Ok(Form::Stream),
        "application/json" if binary::is_binary(headers) => Ok(Form::Binary),
        // An event without data has no type of data.
        "" if binary::is_binary(headers) => Ok(Form::Binary),
        "application/json" => Ok(Form::Json),
        _ => Err(unsupported(
            "Send one event as application/cloudevents+json (or in binary mode, its data application/json), \
             a list as application/cloudevents-batch+json, either as application/json, a stream as application/x-ndjson.",
        )
        .field("content-type")),
    }
}

fn unsupported(detail: &str) -> Problem {
    Problem::new(&kinds::UNSUPPORTED_MEDIA_TYPE, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Option<Form> {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(
                axum::http::HeaderName::from_bytes(name.as_bytes()).unwrap(),
                value.parse().unwrap(),
            );
        }
        form(&headers).ok()
    }

    #[test]
    fn the_form_follows_the_media_type() {
        for (media, form) in [
            (
                "application/cloudevents+json; charset=UTF-8",
                Some(Form::Structured),
            ),
            ("Application/JSON", Some(Form::Json)),
            ("application/cloudevents-batch+json", Some(Form::Batch)),
            ("application/x-ndjson", Some(Form::Stream)),
            ("application/cloudevents+json; charset=iso-8859-1", None),
            ("application/xml", None),
            ("", None),
        ] {
            assert_eq!(of(&[("content-type", media)]), form, "{media}");
        }
    }

    #[test]
    fn plain_json_is_an_event_or_a_list() {
        assert_eq!(Form::Json.of(b" \n[{}]"), Form::Batch);
        assert_eq!(Form::Json.of(b"{}"), Form::Json);
        assert_eq!(Form::Structured.of(b"[]"), Form::Structured);
    }

    #[test]
    fn attributes_in_headers_make_the_binary_mode() {
        assert_eq!(
            of(&[("content-type", "application/json"), ("ce-specversion", "1.0")]),
            Some(Form::Binary)
        );
        assert_eq!(of(&[("ce-specversion", "1.0")]), Some(Form::Binary));
        assert_eq!(
            of(&[("content-type", "application/avro"), ("ce-specversion", "1.0")]),
            None
        );
    }

    #[test]
    fn a_compressed_body_is_not_taken_for_a_plain_one() {
        assert_eq!(
            of(&[
                ("content-type", "application/x-ndjson"),
                ("content-encoding", "gzip")
            ]),
            None
        );
    }
}
