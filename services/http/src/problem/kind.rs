//! The kinds of problem: a closed list, served at `/problems`.

use axum::http::StatusCode;

/// A kind of problem. Its code is its address and never changes.
#[derive(Debug)]
pub struct Kind {
    /// A stable word for programs.
    pub code: &'static str,
    /// The HTTP status.
    pub status: StatusCode,
    /// What it is, in a few words.
    pub title: &'static str,
    /// Whether the code is that of a rule of the programme.
    pub rule: bool,
}

impl Kind {
    /// The kind of what a rule refuses.
    pub const fn of_rule(code: &'static str) -> Kind {
        Kind {
            code,
            status: StatusCode::UNPROCESSABLE_ENTITY,
            title: "A rule of the programme refuses the event",
            rule: true,
        }
    }

    /// Its `type`: a URI reference, relative to this service.
    pub fn address(&self) -> String {
        let folder = if self.rule { "rule/" } else { "" };
        format!("/problems/{folder}{}", self.code)
    }
}

macro_rules! kinds {
    ($($name:ident $code:literal $status:ident $title:literal),* $(,)?) => {
        /// Each kind by its name.
        pub mod named {
            use super::{Kind, StatusCode};
            $(#[doc = $title] pub static $name: Kind =
                Kind { code: $code, status: StatusCode::$status, title: $title, rule: false };)*
        }

        /// Every kind; those of rules aside.
        pub static ALL: &[&Kind] = &[$(&named::$name),*];
    };
}

kinds! {
    MALFORMED_EVENT "malformed-event" BAD_REQUEST "This is not an event of the vocabulary",
    EVENT_TOO_LARGE "event-too-large" PAYLOAD_TOO_LARGE "The event is larger than an entry of the log may be",
    CONFLICT "conflict" CONFLICT "Another event has this source and id",
    REFUSED_WITH_OTHERS "refused-with-others" FAILED_DEPENDENCY "Another event of the list stood in the way",
    WRONG_REVISION "wrong-revision" PRECONDITION_FAILED "The stream is not at the expected revision",
    LINE_TOO_LONG "line-too-long" PAYLOAD_TOO_LARGE "The line is too long",
    NOT_READ "not-read" SERVICE_UNAVAILABLE "The stream was not read to its end",
    BODY_TOO_LARGE "body-too-large" PAYLOAD_TOO_LARGE "The body is too large",
    BATCH_TOO_LONG "batch-too-long" PAYLOAD_TOO_LARGE "The list holds too many events",
    MALFORMED_BODY "malformed-body" BAD_REQUEST "The body cannot be read",
    BODY_TOO_SLOW "body-too-slow" REQUEST_TIMEOUT "The body did not come in time",
    HEAD_TOO_SLOW "head-too-slow" REQUEST_TIMEOUT "The head of the request did not come in time",
    UNSUPPORTED_MEDIA_TYPE "unsupported-media-type" UNSUPPORTED_MEDIA_TYPE "The body is in a format that is not taken here",
    NOT_ACCEPTABLE "not-acceptable" NOT_ACCEPTABLE "The answer exists in no format that is accepted",
    INVALID_PARAMETER "invalid-parameter" BAD_REQUEST "A parameter is unknown or invalid",
    INVALID_HEADER "invalid-header" BAD_REQUEST "A header is invalid",
    UNAUTHORISED "unauthorised" UNAUTHORIZED "Nobody is known by this secret, or a secret is needed",
    NOT_DECLARED "not-declared" FORBIDDEN "The partner is not declared for this",
    UNKNOWN_ADDRESS "unknown-address" NOT_FOUND "There is nothing at this address",
    METHOD_NOT_ALLOWED "method-not-allowed" METHOD_NOT_ALLOWED "The method is not available here",
    UNKNOWN_PARCOURS "unknown-parcours" NOT_FOUND "There is no such parcours",
    UNKNOWN_TERRITORY "unknown-territory" NOT_FOUND "There is no such territory",
    UNKNOWN_SCHEMA "unknown-schema" NOT_FOUND "There is no such type of event",
    UNKNOWN_PROBLEM "unknown-problem" NOT_FOUND "There is no such kind of problem",
    VIEW_BEHIND "view-behind" SERVICE_UNAVAILABLE "The view has not come so far yet",
    VIEW_UNAVAILABLE "view-unavailable" SERVICE_UNAVAILABLE "The view cannot answer",
    LOG_UNAVAILABLE "log-unavailable" SERVICE_UNAVAILABLE "The log cannot be reached",
    OUTCOME_UNKNOWN "outcome-unknown" SERVICE_UNAVAILABLE "Whether it was recorded is not known yet",
    UNSTORABLE "unstorable" UNPROCESSABLE_ENTITY "The database refuses to store the event",
    STOPPING "stopping" SERVICE_UNAVAILABLE "The service is stopping",
    BUSY "busy" SERVICE_UNAVAILABLE "The service has its hands full",
    TOOK_TOO_LONG "took-too-long" SERVICE_UNAVAILABLE "The answer took too long",
    INTERNAL "internal" INTERNAL_SERVER_ERROR "The service made a mistake",
}
