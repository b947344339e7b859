//! What a client is told when something is wrong (RFC 9457).

mod causes;
mod fault;
mod kind;

pub use causes::{malformed, outcome_unknown, rejected, sentence, stopping};
pub use kind::{ALL, Kind};
/// The kinds of problem by their names.
pub mod kinds {
    pub use super::kind::named::*;
}

use axum::Json;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use fault::Fault;
use parcours_model::{EventKey, Malformed, Refusal, Words};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// How long a client is asked to wait before it tries again, in seconds.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What a problem says: in both languages where the sentence is for the programme's people.
pub struct Detail {
    english: String,
    french: Option<String>,
}

impl From<Words> for Detail {
    fn from(words: Words) -> Self {
        Detail {
            english: words.english.into_owned(),
            french: Some(words.french.into_owned()),
        }
    }
}

impl From<String> for Detail {
    fn from(english: String) -> Self {
        Detail {
            english,
            french: None,
        }
    }
}

impl From<&str> for Detail {
    fn from(english: &str) -> Self {
        english.to_owned().into()
    }
}

/// Something wrong with a request, an event, or the service. Boxed, since most answers are none.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Details>);

/// A problem as it is sent. Fields that say nothing are left out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Details {
    /// What kind of problem it is: a URI reference that never changes, described at that address.
    #[serde(rename = "type")]
    kind: String,
    /// The kind of problem in a few words; in French, as the sentence, if `Accept-Language` prefers it.
    title: &'static str,
    #[serde(skip)]
    title_fr: &'static str,
    /// The HTTP status of this problem; inside a list or a stream, the one it would have had alone.
    status: u16,
    /// What is wrong in this case: what was found, and what is expected. Follows `Accept-Language`.
    detail: String,
    /// The sentence in French.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail_fr: Option<String>,
    /// A stable word for programs: the rule's code, or what is wrong with the event or the request.
    code: &'static str,
    /// The `id` of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// The attribute, the path inside `data`, the parameter or the header at fault; of a member that is missing, its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The same as a JSON pointer (RFC 6901) from the event, where an event cannot be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// The event already recorded that stands against this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts_with: Option<EventReference>,
    /// Every rule that is broken, the one told among them, where all were asked for (`dry_run`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    broken: Vec<BrokenRule>,
    /// Everything that is wrong with an event that cannot be read, the one told among it, where all was asked for (`dry_run`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<Fault>,
    /// The position of the event already recorded under this `source` and `id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// The line of the body as it was sent, from 1. Of what is missing, where that begins which lacks it.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// The character of that line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// The revision that the sender expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<u64>,
    /// The revision that the stream has.
    #[serde(skip_serializing_if = "Option::is_none")]
    actual: Option<u64>,
    /// How many entries of the log the view has digested.
    #[serde(skip_serializing_if = "Option::is_none")]
    checkpoint: Option<u64>,
    /// What is allowed: the most bytes, events, or lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
}

/// What identifies an event.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct EventReference {
    /// Its `source`.
    source: String,
    /// Its `id`.
    id: String,
}

/// A rule that is broken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BrokenRule {
    /// Its code.
    code: &'static str,
    /// What breaks it. The sentence follows `Accept-Language`.
    detail: String,
    /// The sentence in French.
    detail_fr: String,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The event already recorded that stands against it.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflicts_with: Option<EventReference>,
}

impl From<&Refusal> for BrokenRule {
    fn from(refusal: &Refusal) -> Self {
        BrokenRule {
            code: refusal.code,
            detail: refusal.english.clone(),
            detail_fr: refusal.french.clone(),
            field: refusal.field.clone(),
            conflicts_with: refusal.conflicts_with.as_deref().map(EventReference::from),
        }
    }
}

impl From<&EventKey> for EventReference {
    fn from(key: &EventKey) -> Self {
        EventReference {
            source: key.source.to_string(),
            id: key.id.to_string(),
        }
    }
}

impl Problem {
    /// A problem of this kind; `detail` says what is wrong in this case, and what is expected.
    pub fn new(kind: &Kind, detail: impl Into<Detail>) -> Self {
        let Detail { english, french } = detail.into();
        Problem(Box::new(Details {
            kind: kind.address(),
            title: kind.title,
            title_fr: kind.title_fr,
            status: kind.status.as_u16(),
            detail: english,
            detail_fr: french,
            code: kind.code,
            id: None,
            field: None,
            pointer: None,
            conflicts_with: None,
            broken: Vec::new(),
            faults: Vec::new(),
            position: None,
            line: None,
            column: None,
            expected: None,
            actual: None,
            checkpoint: None,
            limit: None,
        }))
    }

    /// The stable word for programs.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The status it has alone.
    pub fn status(&self) -> axum::http::StatusCode {
        axum::http::StatusCode::from_u16(self.0.status).expect("kinds have valid statuses")
    }

    /// The id of the event at fault.
    pub fn id(&self) -> Option<&str> {
        self.0.id.as_deref()
    }

    /// Names the event at fault.
    pub fn of_event(mut self, id: impl Into<Option<String>>) -> Self {
        self.0.id = id.into();
        self
    }

    /// Names the field, parameter or header at fault.
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    /// The same as a JSON pointer.
    pub fn pointer(mut self, pointer: impl Into<Option<String>>) -> Self {
        self.0.pointer = pointer.into();
        self
    }

    /// Names the line at fault, from 1.
    pub fn line(mut self, line: u64) -> Self {
        self.0.line = Some(line);
        self
    }

    /// Names the place at fault in the body: its line and its character, from 1.
    pub fn place(mut self, (line, column): (u64, u64)) -> Self {
        self.0.line = Some(line);
        self.0.column = Some(column);
        self
    }

    /// Names everything that is wrong with the event, each with its place in the body.
    pub fn with_faults(mut self, faults: impl IntoIterator<Item = (Malformed, Option<(u64, u64)>)>) -> Self {
        let told = faults.into_iter().map(|(fault, place)| Fault::new(fault, place));
        self.0.faults = told.collect();
        self
    }

    /// Says what is allowed.
    pub fn limit(mut self, limit: usize) -> Self {
        self.0.limit = Some(limit as u64);
        self
    }

    /// Says how far the view is.
    pub fn checkpoint(mut self, checkpoint: u64) -> Self {
        self.0.checkpoint = Some(checkpoint);
        self
    }

    /// In French, if the client prefers it and the sentence exists.
    pub fn told_in(mut self, french: bool) -> Self {
        if let (true, Some(sentence)) = (french, &self.0.detail_fr) {
            self.0.detail = sentence.clone();
            self.0.title = self.0.title_fr;
        }
        for rule in self.0.broken.iter_mut().filter(|_| french) {
            rule.detail = rule.detail_fr.clone();
        }
        for fault in self.0.faults.iter_mut().filter(|_| french) {
            fault.tell_in_french();
        }
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(&*self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, MEDIA_TYPE);
        if let Some(french) = &self.0.detail_fr {
            let language = if *french == self.0.detail { "fr" } else { "en" };
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language));
            headers.insert(
                header::VARY,
                HeaderValue::from_name(HeaderName::from_static("accept-language")),
            );
        }
        if status == axum::http::StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == axum::http::StatusCode::REQUEST_TIMEOUT {
            // What has not come yet is not waited for (RFC 9110, 15.5.9).
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        if status == axum::http::StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        // For whoever knows the language of the client.
        response.extensions_mut().insert(self);
        response
    }
}
