//! A stream of events, one a line, of any length; one result a line, in order.
//!
//! Reading, parsing and deciding overlap, with one group of lines in each: memory does not depend on the length of
//! the stream. Groups are decided one after another, so lines are decided in their order. When the log is busy,
//! nothing is read; when nothing more has arrived, what is there is decided without waiting for a full group.
//!
//! A sender may tell what happens when it happens: between two lines a stream may be quiet, and holds nothing of what
//! streams share but its place, which it gives to a newcomer where there are no others. A line that is begun goes on in
//! pace. A group of lines waits for its turn among those of all streams with no more than one chunk in hand, and gives the turn
//! back when it is decided, before anybody reads its results: no sender, however slow, holds a turn.

use super::choice::Choice;
use super::decision::{Decision, Read, Sent, decide_each};
use super::gzip;
use super::lines::{Line, Lines};
use super::outlet::{Outlet, Shut};
use super::pace::Patience;
use crate::limits::Limits;
use crate::state::ApiState;
use axum::body::{Body, BodyDataStream};
use axum::response::Response;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use parcours_http::problem::{Problem, kinds};
use parcours_http::{Client, Place, cut_off};
use parcours_model::Words;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

/// Bytes after which a group is full, however few its lines.
const GROUP_BYTES: usize = 1 << 20;

/// A group on its way from the reader to the decider.
struct Group {
    /// In the hands of a parsing thread.
    lines: JoinHandle<Vec<Read>>,
    turn: OwnedSemaphorePermit,
}

/// Takes the stream in, and answers while it comes.
pub(super) async fn take(
    state: &ApiState,
    actor: Arc<str>,
    client: Client,
    body: Body,
    choice: Choice,
    french: bool,
) -> Result<Response, Problem> {
    let place = state.streams.take(client).ok_or_else(|| {
        let share = state.streams.share();
        let detail = Words::new(
            format!(
                "Lines of all streams that you may have open, {share} at most, are being decided. Try again when one has ended."
            ),
            format!(
                "Des lignes de tous les flux que vous pouvez avoir ouverts, {share} au plus, sont en cours de décision. Réessayez quand l'un d'eux sera fini."
            ),
        );
        Problem::new(&kinds::BUSY, detail).limit(state.streams.share())
    })?;
    let body = begun(body.into_data_stream()).await;
    let (client, results) = mpsc::channel(1);
    let outlet = Outlet::new(client, &state.limits);
    let owned = state.clone();
    state.site.tasks.spawn(async move {
        run(owned, actor, body, outlet, Told { choice, french }, place).await;
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

/// What comes of the body.
type Coming = Pin<Box<dyn Stream<Item = Result<Bytes, axum::Error>> + Send>>;

/// Asks for the body once, before anything is answered: a sender that waits to be told to go on (`Expect: 100-continue`) is
/// told when its body is asked for, and only as long as the answer has not begun.
async fn begun(mut body: BodyDataStream) -> Coming {
    let first = poll_fn(|context| Poll::Ready(body.poll_next_unpin(context))).await;
    tokio::task::yield_now().await;
    match first {
        Poll::Pending => Box::pin(body),
        Poll::Ready(chunk) => Box::pin(stream::iter(chunk).chain(body)),
    }
}

/// How results are found and told.
#[derive(Clone, Copy)]
struct Told {
    choice: Choice,
    french: bool,
}

async fn run(state: ApiState, actor: Arc<str>, body: Coming, outlet: Outlet, told: Told, place: Place) {
    let (groups, parsed) = mpsc::channel(1);
    // Cancelled when nothing more should be read: the service stops, or the client or the log is gone.
    let enough = state.site.stopping.child_token();
    let reader = Reader {
        limits: &state.limits,
        tried: told.choice.dry_run,
        turns: &state.groups,
        place: &place,
        enough: &enough,
    };
    let reading = reader.read(body, groups);
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
    // All is decided: who takes its results slowly only waits.
    place.waits();
    let finishing = outlet.finish();
    tokio::pin!(finishing);
    tokio::select! {
        biased;
        _ = &mut finishing => {}
        () = place.given_away() => {
            let _ = timeout(state.limits.stall, finishing).await;
        }
    }
}

/// What reads a stream.
struct Reader<'a> {
    limits: &'a Limits,
    /// Whether its events are only tried.
    tried: bool,
    /// A permit a group in memory, of all streams.
    turns: &'a Arc<Semaphore>,
    place: &'a Place,
    enough: &'a CancellationToken,
}

impl Reader<'_> {
    /// Reads lines and hands them on in groups, until the stream ends: the error says why it ended before its time.
    /// Whole lines that have arrived are handed on in any case; part of a line only if it is the last of the stream.
    async fn read(self, mut body: Coming, groups: Sender<Group>) -> Result<(), Problem> {
        let limits = self.limits;
        let mut lines = Lines::new(limits.line);
        let mut patience = Patience::new(limits.pace);
        let mut group = Vec::new();
        let mut turn = None;
        let mut bytes = 0;
        let ended = loop {
            let full = group.len() >= limits.group || bytes >= GROUP_BYTES;
            if !full && let Some(line) = lines.next() {
                bytes += line.text.as_ref().map_or(0, Bytes::len);
                group.push(line);
                patience = Patience::new(limits.pace);
                continue;
            }
            let waits = group.is_empty();
            match waits {
                true => self.place.waits(),
                false => self.place.works(),
            }
            let within = lines.is_within_one();
            let left = if within { patience.left() } else { limits.quiet };
            let began = Instant::now();
            tokio::select! {
                biased;
                () = self.enough.cancelled() => break Err(cut(&STOPS)),
                chunk = timeout(left, body.next()), if !full && (waits || turn.is_some()) => match chunk {
                    Ok(Some(Ok(chunk))) => {
                        patience.came(chunk.len(), if within { began.elapsed() } else { Duration::ZERO });
                        lines.put(&chunk);
                    }
                    Ok(Some(Err(wrong))) => break Err(gzip::broken(&wrong)),
                    Ok(None) => break Ok(()),
                    Err(_) if within => {
                        cut_off("line");
                        let pace = limits.pace.told();
                        break Err(cut(&Words::new(
                            format!("A line that is begun comes at {pace} or more"),
                            format!("Une ligne commencée arrive à {pace:#} ou plus"),
                        )));
                    }
                    Err(_) => {
                        let seconds = limits.quiet.as_secs();
                        break Err(cut(&Words::new(
                            format!("Nothing came for {seconds} s"),
                            format!("Rien n'est venu en {seconds} s"),
                        )));
                    }
                },
                () = self.place.given_away(), if waits => {
                    cut_off("stream");
                    break Err(cut(&Words::fixed(
                        "Another stream took the place of this one, which had waited longest",
                        "Un autre flux a pris la place de celui-ci, qui avait attendu le plus longtemps",
                    )));
                }
                taken = self.turns.clone().acquire_owned(), if !waits && turn.is_none() => match taken {
                    Ok(taken) => turn = Some(taken),
                    Err(_) => break Err(cut(&STOPS)),
                },
                permit = groups.reserve(), if turn.is_some() => match (permit, turn.take()) {
                    (Ok(permit), Some(turn)) => {
                        let lines = parse(std::mem::take(&mut group), limits.line, self.tried);
                        permit.send(Group { lines, turn });
                        bytes = 0;
                    }
                    _ => break Err(cut(&STOPS)),
                },
            }
        };
        // What has come is decided, and keeps its place until then.
        self.place.works();
        if ended.is_ok() {
            group.extend(lines.last());
        }
        if !group.is_empty()
            && let Ok(permit) = groups.reserve().await
            && let Some(turn) = match turn {
                None => self.turns.clone().acquire_owned().await.ok(),
                turn => turn,
            }
        {
            let lines = parse(group, limits.line, self.tried);
            permit.send(Group { lines, turn });
        }
        ended
    }
}

fn parse(group: Vec<Line>, limit: usize, tried: bool) -> JoinHandle<Vec<Read>> {
    let read = move |line| parse_line(line, limit, tried);
    tokio::task::spawn_blocking(move || group.into_iter().map(read).collect())
}

fn parse_line(line: Line, limit: usize, tried: bool) -> Read {
    match line.text {
        Some(text) => Read::json(&text, Sent::Line(line.number, &text), tried),
        None => {
            let detail = Words::new(
                format!("A line is at most {limit} bytes long. The stream goes on behind it."),
                format!("Une ligne compte au plus {limit} octets. Le flux continue après elle."),
            );
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
        let Some(Group { lines, turn }) = group else {
            return Ok((outlet, last_line));
        };
        let read = lines
            .await
            .map_err(|panicked| tracing::error!(%panicked, "a group of lines was lost"))
            .map_err(|()| Shut)?;
        last_line = read.last().and_then(|read| read.line).unwrap_or(last_line);
        let mut decisions = decide_each(state, actor, read, told.choice.dry_run).await;
        for decision in &mut decisions {
            decision.tell_in(told.french);
        }
        drop(turn);
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

const STOPS: Words = Words::fixed(
    "The service is stopping, or cannot go on",
    "Le service s'arrête, ou ne peut continuer",
);

fn cut(why: &Words) -> Problem {
    let detail = Words::new(
        format!("{why}. Nothing from this line on was read: send it again from here."),
        format!("{why:#}. Rien n'a été lu à partir de cette ligne : renvoyez à partir d'ici."),
    );
    Problem::new(&kinds::NOT_READ, detail)
}
