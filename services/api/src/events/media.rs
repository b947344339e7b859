//! Which of the forms of `POST /v1/events` a body has.

use super::binary;
use axum::http::{HeaderMap, header};
use parcours_http::problem::{Problem, kinds};
use parcours_model::Words;

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
        let detail = Words::new(
            format!("{charset} is given here: expected UTF-8, in which events are written."),
            format!("Ici se trouve {charset} : il faut UTF-8, où s'écrivent les événements."),
        );
        return Err(unsupported(detail).field("content-type"));
    }
    match essence.as_str() {
        "application/cloudevents+json" => Ok(Form::Structured),
        "application/cloudevents-batch+json" => Ok(Form::Batch),
        "application/x-ndjson" | "application/jsonl" => Ok(Form::Stream),
        "application/json" if binary::is_binary(headers) => Ok(Form::Binary),
        // An event without data has no type of data.
        "" if binary::is_binary(headers) => Ok(Form::Binary),
        "application/json" => Ok(Form::Json),
        _ => Err(unsupported(Words::fixed(
            "Send one event as application/cloudevents+json (or in binary mode, its data application/json), \
             a list as application/cloudevents-batch+json, either as application/json, \
             a stream as application/x-ndjson or application/jsonl.",
            "Envoyez un événement comme application/cloudevents+json (ou en mode binaire, ses données application/json), \
             une liste comme application/cloudevents-batch+json, l'un ou l'autre comme application/json, \
             un flux comme application/x-ndjson ou application/jsonl.",
        ))
        .field("content-type")),
    }
}

/// Whether the body is compressed, with gzip.
pub(super) fn is_packed(headers: &HeaderMap) -> Result<bool, Problem> {
    let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let (first, second) = (encodings.next(), encodings.next());
    let named = |names: &[&str]| {
        first.is_some_and(|first| {
            names
                .iter()
                .any(|name| first.as_bytes().eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    match (first, second) {
        (None, _) => Ok(false),
        (Some(_), None) if named(&["identity"]) => Ok(false),
        (Some(_), None) if named(&["gzip", "x-gzip"]) => Ok(true),
        _ => Err(unsupported(Words::fixed(
            "Bodies are taken as they are, or compressed once with gzip: expected Content-Encoding: gzip, or none.",
            "Les corps sont pris tels quels, ou compressés une fois avec gzip : il faut Content-Encoding: gzip, ou aucun.",
        ))
        .field("content-encoding")),
    }
}

fn unsupported(detail: Words) -> Problem {
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
            ("application/jsonl", Some(Form::Stream)),
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
    fn a_compressed_body_is_told_from_a_plain_one() {
        let packed = |encodings: &[&str]| {
            let mut headers = HeaderMap::new();
            for encoding in encodings {
                headers.append(header::CONTENT_ENCODING, encoding.parse().unwrap());
            }
            is_packed(&headers).ok()
        };
        for (encodings, expected) in [
            (&[][..], Some(false)),
            (&["identity"], Some(false)),
            (&["GZIP"], Some(true)),
            (&["gzip", "gzip"], None),
            (&["gzip, gzip"], None),
            (&["br"], None),
        ] {
            assert_eq!(packed(encodings), expected, "{encodings:?}");
        }
    }
}
