//! A stream of events, one a line, of any length; one result a line, in order.
//!
//! Reading, parsing and deciding overlap, with one group of lines in each: memory does not depend on the length of
//! the stream. Groups are decided one after another, so lines are decided in their order. When the log is busy,
//! nothing is read; when nothing more has arrived, what is there is decided without waiting for a full group.

use super::choice::Choice;
use super::decision::{Decision, Read, decide_each};
use super::lines::{Line, Lines};
use super::outlet::{Outlet, Shut};
use crate::limits::Limits;
use crate::state::ApiState;
use axum::body::{Body, BodyDataStream};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use parcours_http::problem::{Problem, kinds};
use std::sync::Arc;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Bytes after which a group is full, however few its lines.
const GROUP_BYTES: usize = 1 << 20;

/// A group on its way from the reader to the decider, in the hands of a parsing thread.
type Group = JoinHandle<Vec<Read>>;

/// Takes the stream in, and answers while it comes.
pub(super) fn take(
    state: &ApiState,
    actor: Arc<str>,
    body: Body,
    choice: Choice,
    french: bool,
) -> Result<Response, Problem> {
    let permit = state.streams.clone().try_acquire_owned().map_err(|_| {
        let detail = format!(
            "{} streams are being read, which is all at a time. Try again when one has ended.",
            state.limits.streams
        );
        Problem::new(&kinds::BUSY, detail).limit(state.limits.streams)
    })?;
    let (client, results) = mpsc::channel(1);
    let outlet = Outlet::new(client, &state.limits);
    let owned = state.clone();
    state.site.tasks.spawn(async move {
        run(
            owned,
            actor,
            body.into_data_stream(),
            outlet,
            Told { choice, french },
        )
        .await;
        drop(permit);
    });
    let results = stream::unfold(results, async |mut results: Receiver<Bytes>| {
        let piece = results.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), results))
    });
    let mut response = Response::new(Body::from_stream(results));
    response.headers_mut().insert(
        axum::http::header::CONTENT_TYPE,
        axum::http::HeaderValue::from_static("application/x-ndjson"),
    );
    Ok(response)
}

/// How results are found and told.
#[derive(Clone, Copy)]
struct Told {
    choice: Choice,
    french: bool,
}

async fn run(state: ApiState, actor: Arc<str>, body: BodyDataStream, outlet: Outlet, told: Told) {
    let (groups, parsed) = mpsc::channel(1);
    // Cancelled when nothing more should be read: the service stops, or the client or the log is gone.
    let enough = state.site.stopping.child_token();
    let reading = read(body, &state.limits, groups, &enough);
    let deciding = async {
        let decided = decide(&state, &actor, parsed, outlet, told).await;
        enough.cancel();
        decided
    };
    let (ended, decided) = tokio::join!(reading, deciding);
    let Ok((mut outlet, last_line)) = decided else {
        return;
    };
    if let Err(why) = ended {
        let unread = Decision::not(why.line(last_line + 1));
        if outlet.put(lines_of(&[unread])).await.is_err() {
            return;
        }
    }
    let _ = outlet.finish().await;
}

/// Reads lines and hands them on in groups, until the stream ends: the error says why it ended before its time.
/// Whole lines that have arrived are handed on in any case; part of a line only if it is the last of the stream.
async fn read(
    mut body: BodyDataStream,
    limits: &Limits,
    groups: Sender<Group>,
    enough: &CancellationToken,
) -> Result<(), Problem> {
    let mut lines = Lines::new(limits.line);
    let mut group = Vec::new();
    let mut bytes = 0;
    let ended = loop {
        let full = group.len() >= limits.group || bytes >= GROUP_BYTES;
        if !full && let Some(line) = lines.next() {
            bytes += line.text.as_ref().map_or(0, Bytes::len);
            group.push(line);
            continue;
        }
        tokio::select! {
            biased;
            () = enough.cancelled() => break Err(cut("The service is stopping, or cannot go on")),
            chunk = timeout(limits.stall, body.next()), if !full => match chunk {
                Ok(Some(Ok(chunk))) => lines.put(&chunk),
                Ok(Some(Err(wrong))) => break Err(cut(&format!("The body broke off ({wrong})"))),
                Ok(None) => break Ok(()),
                Err(_) => break Err(cut(&format!("Nothing came for {} s", limits.stall.as_secs()))),
            },
            permit = groups.reserve(), if !group.is_empty() => match permit {
                Ok(permit) => {
                    permit.send(parse(std::mem::take(&mut group), limits.line));
                    bytes = 0;
                }
                Err(_) => break Err(cut("The service cannot go on")),
            },
        }
    };
    if ended.is_ok() {
        group.extend(lines.last());
    }
    if !group.is_empty()
        && let Ok(permit) = groups.reserve().await
    {
        permit.send(parse(group, limits.line));
    }
    ended
}

fn parse(group: Vec<Line>, limit: usize) -> Group {
    tokio::task::spawn_blocking(move || group.into_iter().map(|line| parse_line(line, limit)).collect())
}

fn parse_line(line: Line, limit: usize) -> Read {
    match line.text {
        Some(text) => Read::json(Some(line.number), &text),
        None => {
            let detail = format!("A line is at most {limit} bytes long. The stream goes on behind it.");
            Read {
                line: Some(line.number),
                event: Err(Problem::new(&kinds::LINE_TOO_LONG, detail).limit(limit)),
            }
        }
    }
}

/// Decides group after group until there are no more, or the service cannot. Answers the last line decided.
async fn decide(
    state: &ApiState,
    actor: &Arc<str>,
    mut groups: Receiver<Group>,
    mut outlet: Outlet,
    told: Told,
) -> Result<(Outlet, u64), Shut> {
    let mut last_line = 0;
    loop {
        let group = tokio::select! {
            biased;
            ready = outlet.ready() => {
                ready?;
                outlet.hand_one_on().await?;
                continue;
            }
            group = groups.recv() => group,
        };
        let Some(group) = group else {
            return Ok((outlet, last_line));
        };
        let read = group
            .await
            .map_err(|panicked| tracing::error!(%panicked, "a group of lines was lost"))
            .map_err(|()| Shut)?;
        last_line = read.last().and_then(|read| read.line).unwrap_or(last_line);
        let mut decisions = decide_each(state, actor, read, told.choice.dry_run).await;
        for decision in &mut decisions {
            decision.tell_in(told.french);
        }
        outlet.put(lines_of(&decisions)).await?;
        if decisions.iter().any(Decision::is_the_service_s_fault) {
            return Ok((outlet, last_line));
        }
    }
}

/// The results, a line each.
fn lines_of(decisions: &[Decision]) -> Bytes {
    let mut lines = Vec::with_capacity(decisions.len() * 128);
    for decision in decisions {
        serde_json::to_writer(&mut lines, &decision.result()).expect("a result is JSON");
        lines.push(b'\n');
    }
    lines.into()
}

fn cut(why: &str) -> Problem {
    let detail = format!("{why}. Nothing from this line on was read: send it again from here.");
    Problem::new(&kinds::NOT_READ, detail)
}
