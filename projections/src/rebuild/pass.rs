//! One pass over all streams for several views.
//!
//! A task reads streams, threads decode and fold them, this task puts the pieces together in order, and a task a view
//! writes them. Every queue between them is bounded, so memory does not depend on the length of the log.

use std::sync::Arc;
use std::thread::available_parallelism;

use parcours_log::{Log, LogError, StreamCursor};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::Progress;
use super::fold::{Chunk, Place, fold};
use super::job::Job;
use crate::ViewError;
use crate::change::Gathering;
use crate::store::Load;
use crate::views::Shared;

/// Entries of a piece.
const PIECE: usize = 4096;
/// Bytes gathered for a view before they are written: a transaction long enough to be cheap, and short enough for
/// the live views that wait for it.
const TRANSACTION_BYTES: usize = 8 << 20;

/// What a view's writing task is given: rows of streams up to a cursor, and the number of entries read for them.
struct Portion {
    gathering: Gathering,
    cursor: u64,
    done: u64,
}

/// A view in the pass: where its portions go, and what is gathered for the next.
struct Lane {
    view: &'static crate::View,
    portions: Option<mpsc::Sender<Portion>>,
    gathering: Gathering,
    failure: Option<ViewError>,
    writing: JoinHandle<(Job, Result<(), ViewError>)>,
}

/// Loads these views up to `target`, and answers how it ended for each.
pub(super) async fn run(
    log: &Log,
    shared: &Shared,
    jobs: Vec<Job>,
    target: u64,
    progress: &(dyn Fn(Progress) + Send + Sync),
    cancel: &CancellationToken,
) -> Vec<(Job, Result<(), ViewError>)> {
    let places: Arc<[Place]> = jobs
        .iter()
        .map(|job| Place {
            view: job.view,
            loaded: job.generation.cursor,
        })
        .collect();
    let first = jobs.iter().min_by_key(|job| job.generation.cursor);
    let (after, mut done) = first.map_or((None, 0), |job| (job.generation.cursor, job.generation.done));
    let (pieces, mut folded) = mpsc::channel(available_parallelism().map_or(2, usize::from));
    let reading = tokio::spawn(read(log.clone(), after, target, places, pieces));
    let mut lanes: Vec<Lane> = jobs.into_iter().map(Lane::open).collect();
    let mut last = None;
    while let Some(Some(piece)) = cancel.run_until_cancelled(folded.recv()).await {
        let chunk: Chunk = match piece.await {
            Ok(chunk) => chunk,
            Err(stopped) => {
                fail(&mut lanes, &ViewError::unavailable(&stopped));
                break;
            }
        };
        done += chunk.entries;
        last = Some(chunk.cursor);
        for (lane, gathered) in lanes.iter_mut().zip(chunk.gatherings) {
            lane.take(gathered, chunk.cursor, done).await;
            shared.board.rebuild(lane.view, Some((done, target)));
        }
        progress(Progress { done, total: target });
        if lanes.iter().all(|lane| lane.portions.is_none()) {
            break;
        }
    }
    drop(folded);
    let read = reading
        .await
        .unwrap_or_else(|stopped| Err(ViewError::unavailable(&stopped)));
    // What is gathered is kept, however the pass ended.
    for lane in &mut lanes {
        lane.flush(last, done).await;
    }
    match read {
        Err(error) => fail(&mut lanes, &error),
        Ok(()) if cancel.is_cancelled() => fail(&mut lanes, &ViewError::Cancelled),
        Ok(()) => {}
    }
    let mut ended = Vec::new();
    for lane in lanes {
        ended.extend(lane.close().await);
    }
    ended
}

fn fail(lanes: &mut [Lane], error: &ViewError) {
    for lane in lanes.iter_mut().filter(|lane| lane.failure.is_none()) {
        lane.failure = Some(error.clone());
        lane.portions = None;
    }
}

/// Reads the log's streams and has them folded, a few pieces ahead of whoever puts them together.
async fn read(
    log: Log,
    after: Option<u64>,
    below: u64,
    places: Arc<[Place]>,
    pieces: mpsc::Sender<JoinHandle<Chunk>>,
) -> Result<(), ViewError> {
    let mut scan = log.scan_streams(after.map(StreamCursor), below);
    loop {
        // Whoever listened is gone: cancelled, or nothing left that could be loaded.
        let Ok(place) = pieces.reserve().await else {
            return Ok(());
        };
        let streams = match scan.next(PIECE).await {
            Ok(Some(streams)) => streams,
            Ok(None) => return Ok(()),
            Err(error) => return Err(LogError::into(error)),
        };
        let places = places.clone();
        place.send(tokio::task::spawn_blocking(move || fold(streams, &places)));
    }
}

impl Lane {
    fn open(job: Job) -> Lane {
        let (view, generation) = (job.view, job.generation.number);
        let (portions, given) = mpsc::channel(1);
        let gathering = Gathering::new(view);
        let writing = tokio::spawn(write(job, generation, given));
        Lane {
            view,
            portions: Some(portions),
            gathering,
            failure: None,
            writing,
        }
    }

    /// Takes a piece in, and hands on what is enough for a transaction.
    async fn take(&mut self, gathered: Result<Gathering, crate::Indigestible>, cursor: u64, done: u64) {
        if self.portions.is_none() {
            return;
        }
        match gathered {
            Ok(gathering) => self.gathering.absorb(gathering),
            Err(cause) => {
                self.failure = Some(ViewError::Stopped {
                    view: self.view.name.into(),
                    cause,
                });
                self.portions = None;
            }
        }
        if self.gathering.weight() >= TRANSACTION_BYTES {
            self.flush(Some(cursor), done).await;
        }
    }

    async fn flush(&mut self, cursor: Option<u64>, done: u64) {
        let (Some(portions), Some(cursor)) = (&self.portions, cursor) else {
            return;
        };
        let gathering = std::mem::replace(&mut self.gathering, Gathering::new(self.view));
        if portions
            .send(Portion {
                gathering,
                cursor,
                done,
            })
            .await
            .is_err()
        {
            // The writing task has failed, and will say with what.
            self.portions = None;
        }
    }

    /// Waits until what was handed on is written. Nothing is answered for a view whose task panicked: it is logged.
    async fn close(self) -> Option<(Job, Result<(), ViewError>)> {
        drop(self.portions);
        match self.writing.await {
            Ok((job, written)) => Some((job, written.and(self.failure.map_or(Ok(()), Err)))),
            Err(error) => {
                tracing::error!(view = self.view.name, %error, "the rebuild of a view failed");
                None
            }
        }
    }
}

/// Writes portions as they come, one transaction each.
async fn write(
    mut job: Job,
    generation: i64,
    mut portions: mpsc::Receiver<Portion>,
) -> (Job, Result<(), ViewError>) {
    while let Some(Portion {
        gathering,
        cursor,
        done,
    }) = portions.recv().await
    {
        let sorted = tokio::task::spawn_blocking(move || gathering.finish()).await;
        let written = match sorted {
            Ok(changes) => {
                let load = Load {
                    view: job.view,
                    generation,
                    changes: Arc::new(changes),
                    cursor,
                    done,
                };
                job.writer.load(load).await
            }
            Err(stopped) => Err(ViewError::unavailable(&stopped)),
        };
        if let Err(error) = written {
            return (job, Err(error));
        }
    }
    (job, Ok(()))
}
