//! One pass over all streams for several views.
//!
//! A task reads streams, threads decode and fold them, this task hands the pieces on in order, and a task a view
//! ([`lane`](super::lane)) gathers and writes them. Every queue between them is bounded, so memory does not depend on
//! the length of the log.

use std::sync::Arc;
use std::thread::available_parallelism;

use parcours_log::{Log, StreamCursor};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::fold::{Chunk, Part, Place, fold};
use super::job::Job;
use super::lane::Lane;
use crate::ViewError;
use crate::shared::Shared;
use crate::view::View;

/// Entries of a piece.
const PIECE: usize = 8192;

/// Loads these views up to `target`, and answers how it ended for each.
pub(super) async fn run(
    log: &Log,
    shared: &Shared,
    jobs: Vec<Job>,
    target: u64,
    progress: &(dyn Fn(Progress) + Send + Sync),
    cancel: &CancellationToken,
) -> Vec<(Job, Result<(), ViewError>)> {
    let loaded = jobs.iter().map(|job| (job.view, job.generation.cursor)).collect();
    let places = match places(log, shared, loaded).await {
        Ok(places) => places,
        Err(error) => return jobs.into_iter().map(|job| (job, Err(error.clone()))).collect(),
    };
    let first = jobs.iter().min_by_key(|job| job.generation.cursor);
    let (after, mut done) = first.map_or((None, 0), |job| (job.generation.cursor, job.generation.done));
    let (pieces, mut folded) = mpsc::channel(available_parallelism().map_or(2, usize::from));
    let reading = tokio::spawn(read(log.clone(), after, target, places, pieces));
    let mut lanes: Vec<Lane> = jobs.into_iter().map(Lane::open).collect();
    let mut trouble = None;
    while let Some(Some(piece)) = cancel.run_until_cancelled(folded.recv()).await {
        let chunk: Chunk = match piece.await {
            Ok(chunk) => chunk,
            Err(stopped) => {
                trouble = Some(ViewError::unavailable(&stopped));
                break;
            }
        };
        done += chunk.entries;
        for (lane, outputs) in lanes.iter_mut().zip(chunk.outputs) {
            lane.take(outputs, chunk.cursor, done).await;
            shared.board.rebuild(lane.view, Some((done, target)));
        }
        progress(Progress { done, total: target });
        if lanes.iter().all(Lane::is_closed) {
            break;
        }
    }
    drop(folded);
    let read = reading
        .await
        .unwrap_or_else(|stopped| Err(ViewError::unavailable(&stopped)));
    let cancelled = cancel.is_cancelled().then_some(ViewError::Cancelled);
    let trouble = trouble.or(read.err()).or(cancelled);
    let mut ended = Vec::new();
    for lane in lanes {
        // What was handed on is written, however the pass ended.
        if let Some((job, written)) = lane.close().await {
            ended.push((job, written.and_then(|()| trouble.clone().map_or(Ok(()), Err))));
        }
    }
    ended
}

/// Of these views, each with the last stream it has loaded.
async fn places(
    log: &Log,
    shared: &Shared,
    loaded: Vec<(&'static View, Option<u64>)>,
) -> Result<Arc<[Place]>, ViewError> {
    let mut places = Vec::new();
    for (view, loaded) in loaded {
        places.push(Place {
            view,
            passed: shared.passed_over(view, log).await?,
            loaded,
        });
    }
    Ok(places.into())
}

/// Reads the log's streams and has them folded, a few pieces ahead of whoever hands them on.
async fn read(
    log: Log,
    after: Option<u64>,
    below: u64,
    places: Arc<[Place]>,
    pieces: mpsc::Sender<JoinHandle<Chunk>>,
) -> Result<(), ViewError> {
    let mut scan = log.scan_streams(after.map(StreamCursor), below);
    // The stream that was alone on its page: it may go on on the next one.
    let mut part: Option<Part> = None;
    while !pieces.is_closed() {
        let page = scan.next(PIECE).await?;
        let next = page.iter().flatten().next().map(|(cursor, ..)| *cursor);
        if let Some(ended) = part.take_if(|part| next != Some(part.cursor)) {
            let places = places.clone();
            if !send(&pieces, move || ended.finish(&places)).await {
                return Ok(());
            }
        }
        let Some(mut streams) = page else { return Ok(()) };
        let places = places.clone();
        if streams.len() > 1 {
            if !send(&pieces, move || fold(streams, &places)).await {
                return Ok(());
            }
        } else if let Some((cursor, stream, entries)) = streams.pop() {
            let mut begun = part
                .take()
                .unwrap_or_else(|| Part::begin(cursor, stream, &places));
            let taken = tokio::task::spawn_blocking(move || {
                begun.take(entries, &places);
                begun
            });
            part = Some(taken.await.map_err(|stopped| ViewError::unavailable(&stopped))?);
        }
    }
    Ok(())
}

/// Hands on what a thread makes. False if whoever listened is gone: cancelled, or nothing left that could be loaded.
async fn send(
    pieces: &mpsc::Sender<JoinHandle<Chunk>>,
    work: impl FnOnce() -> Chunk + Send + 'static,
) -> bool {
    match pieces.reserve().await {
        Ok(place) => {
            place.send(tokio::task::spawn_blocking(work));
            true
        }
        Err(_) => false,
    }
}
