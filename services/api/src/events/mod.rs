//! `POST /v1/events`: the door by which every event comes in.

mod batch;
mod binary;
mod body;
mod choice;
mod decision;
mod gzip;
mod lines;
mod media;
mod outlet;
mod pace;
mod precondition;
mod room;
mod single;
mod stream;
mod together;

use crate::actor::Actor;
use crate::openapi::{described, example};
use crate::state::ApiState;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName};
use axum::response::Response;
use choice::Choice;
use decision::{EventResult, OneOrEach, Read, Sent};
use media::Form;
pub use pace::Pace;
use parcours_http::parameters::Parameters;
use parcours_http::problem::{self, Problem};
use parcours_http::{Client, accept};
pub(crate) use room::Room;
use tokio::time::timeout;

/// Where the last event of the request stands in the log: what a read gives as `min_position` to see it.
pub(crate) const POSITION: HeaderName = HeaderName::from_static("parcours-position");

/// Send events
///
/// Each event is decided on its own, in the order sent, by the rules of the programme: a stream is no transaction, and a
/// list only if it is said to be (`atomic`). The same event (`source` and `id`) may be sent again and is answered with
/// its first position.
///
/// **One event** is answered 201, or 200 if it had been recorded before; otherwise with the problem. `If-Match` is
/// the revision its stream must have (`"0"`, or `If-None-Match: *`, for none yet): another one is answered 412.
/// **A list or a stream** is answered 200, with one result an event, in order. A problem in it has the `line` of a
/// stream. A result `not-read` at the end of a stream says from which line on it has to be sent again. Where an atomic
/// list is refused, one event has the problem that stood in the way, and the others `refused-with-others`.
/// An event that is taken though something about it is unlikely has `remarks`.
/// Where the log does not answer in time, nobody knows whether an event is recorded (503 `outcome-unknown`): the same sent
/// again is safe, and is told.
/// **With `dry_run`** nothing is recorded: what would be is `admitted` (200), what would not has its problem, with all the
/// rules that it breaks (`broken`), or all that keeps it from being read (`faults`).
///
/// Results of a stream come while it is sent; a client that reads them only afterwards is served, too.
#[utoipa::path(
    post, path = "/v1/events", tag = "events",
    params(
        Choice,
        ("If-Match" = Option<String>, Header, description = "The revision that the event's stream must have, in quotes. For one event."),
        ("If-None-Match" = Option<String>, Header, description = "`*`: the event must be the first of its stream. For one event."),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` for a body that is compressed. The limits are those of what it unpacks to."),
        ("Accept-Language" = Option<String>, Header, description = "`fr` for sentences in French."),
    ),
    request_body(
        description = "One event, or a list; or a stream with an event a line. The same is taken under the types of CloudEvents: one event \
            as `application/cloudevents+json`, or in the binary mode (`ce-` headers); a list as `application/cloudevents-batch+json`; \
            a stream also as `application/jsonl`. In UTF-8, with or without a byte order mark, plain or gzip.",
        content(
            (inline(described::EventOrEvents) = "application/json", example = json!(example())),
            (String = "application/x-ndjson"),
        ),
    ),
    responses(
        (status = 200, description = "One event, recorded before; or one result an event of a list (JSON) or a stream (NDJSON).",
            headers(("Parcours-Position" = u64, description = "The position of the last event recorded. Not for a stream.")),
            content((inline(OneOrEach) = "application/json"), (String = "application/x-ndjson"))),
        (status = 201, description = "One event, recorded.", body = EventResult,
            headers(("Parcours-Position" = u64, description = "Its position."), ("ETag" = String, description = "Its revision, in quotes."))),
        (status = 400, response = parcours_http::ProblemResponse),
        (status = 408, response = parcours_http::ProblemResponse),
        (status = 409, response = parcours_http::ProblemResponse),
        (status = 412, response = parcours_http::ProblemResponse),
        (status = 413, response = parcours_http::ProblemResponse),
        (status = 415, response = parcours_http::ProblemResponse),
        (status = 422, response = parcours_http::ProblemResponse),
        (status = 503, response = parcours_http::ProblemResponse),
    )
)]
pub(crate) async fn post_events(
    State(state): State<ApiState>,
    choice: Result<Parameters<Choice>, Problem>,
    Actor(actor): Actor,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let asked = || {
        let Parameters(choice) = choice?;
        let form = media::form(&headers)?;
        let is_packed = media::is_packed(&headers)?;
        let expected = precondition::expected_revision(&headers)?;
        if matches!(form, Form::Batch | Form::Stream) {
            precondition::none_expected(&headers)?;
        }
        Ok((choice.check(form)?, form, is_packed, expected))
    };
    let (choice, form, is_packed, expected) = match asked() {
        Ok(asked) => asked,
        Err(problem) => {
            body::refused(&state, &headers, body).await;
            return Err(problem);
        }
    };
    let body = match is_packed {
        true => gzip::unpacked(body),
        false => body,
    };
    let french = accept::prefers_french(&headers);
    if form == Form::Stream {
        return stream::take(&state, actor, client, body, choice, french).await;
    }
    let body = body::whole(&state, client, &headers, body).await?;
    let form = form.of(&body.bytes);
    if form == Form::Batch {
        precondition::none_expected(&headers)?;
    }
    let deciding = async {
        match form {
            Form::Batch => batch::take(&state, actor, body.bytes.clone(), choice, french).await,
            Form::Binary => {
                let (json, data) = binary::to_json(&headers, &body.bytes)?;
                let start = body.bytes.len() - body.bytes.trim_ascii_start().len();
                let read = Read::json(&json, Sent::Data(&body.bytes, start, data), choice.dry_run);
                single::take(&state, actor, read, expected, choice, french).await
            }
            _ => {
                let read = Read::json(&body.bytes, Sent::Body(&body.bytes, 0), choice.dry_run);
                single::take(&state, actor, read, expected, choice, french).await
            }
        }
    };
    timeout(state.site.limits.answer, deciding)
        .await
        .unwrap_or_else(|_| Err(problem::outcome_unknown()))
}
