//! One view in a pass: what is folded for it is gathered, and written in transactions of a good size.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::job::Job;
use crate::ViewError;
use crate::change::Gathering;
use crate::store::Load;
use crate::view::{Indigestible, Output, View};

/// Bytes gathered before they are written: a transaction long enough to be cheap, and short enough for the live views
/// that wait for it.
const TRANSACTION_BYTES: usize = 4 << 20;
/// Pieces that may wait while one transaction is written, or others write theirs: with fewer, all views wait for the one
/// that waits longest.
const WAITING: usize = 3;

/// What the task is given: what streams contribute, the last of them, and the number of entries read up to there.
struct Piece {
    outputs: Vec<Output>,
    cursor: u64,
    done: u64,
}

/// The way to the task.
pub(super) struct Lane {
    pub view: &'static View,
    pieces: Option<mpsc::Sender<Piece>>,
    failure: Option<ViewError>,
    task: JoinHandle<(Job, Result<(), ViewError>)>,
}

impl Lane {
    /// Starts the task.
    pub fn open(job: Job) -> Lane {
        let (pieces, given) = mpsc::channel(WAITING);
        Lane {
            view: job.view,
            pieces: Some(pieces),
            failure: None,
            task: tokio::spawn(write(job, given)),
        }
    }

    /// Whether it takes no more: an event cannot be digested, or the database failed.
    pub fn is_closed(&self) -> bool {
        self.pieces.is_none()
    }

    /// Hands on what streams contribute, `cursor` being the last of them.
    pub async fn take(&mut self, outputs: Result<Vec<Output>, Indigestible>, cursor: u64, done: u64) {
        let Some(pieces) = &self.pieces else { return };
        let taken = match outputs {
            Ok(outputs) => pieces
                .send(Piece {
                    outputs,
                    cursor,
                    done,
                })
                .await
                .is_ok(),
            Err(cause) => {
                self.failure = Some(ViewError::Stopped {
                    view: self.view.name.into(),
                    cause,
                });
                false
            }
        };
        if !taken {
            self.pieces = None;
        }
    }

    /// Waits until everything handed on is written. Nothing is answered for a task that panicked: it is logged.
    pub async fn close(self) -> Option<(Job, Result<(), ViewError>)> {
        drop(self.pieces);
        match self.task.await {
            Ok((job, written)) => Some((job, written.and_then(|()| self.failure.map_or(Ok(()), Err)))),
            Err(error) => {
                tracing::error!(view = self.view.name, %error, "the rebuild of a view failed");
                None
            }
        }
    }
}

/// Gathers pieces, and writes them when there is enough for a transaction, or no more to come.
async fn write(mut job: Job, mut pieces: mpsc::Receiver<Piece>) -> (Job, Result<(), ViewError>) {
    let view = job.view;
    let mut gathering = Gathering::new(view);
    let mut reached = None;
    loop {
        let piece = pieces.recv().await;
        let last = piece.is_none();
        if let Some(Piece {
            outputs,
            cursor,
            done,
        }) = piece
        {
            reached = Some((cursor, done));
            let added = tokio::task::spawn_blocking(move || {
                outputs
                    .into_iter()
                    .for_each(|output| gathering.add(Output::new(), output));
                gathering
            });
            gathering = match added.await {
                Ok(gathering) => gathering,
                Err(stopped) => return (job, Err(ViewError::unavailable(&stopped))),
            };
        }
        if let Some((cursor, done)) = reached.take_if(|_| last || gathering.weight() >= TRANSACTION_BYTES) {
            let full = std::mem::replace(&mut gathering, Gathering::new(view));
            if let Err(error) = load(&mut job, full, cursor, done).await {
                return (job, Err(error));
            }
        }
        if last {
            return (job, Ok(()));
        }
    }
}

async fn load(job: &mut Job, gathering: Gathering, cursor: u64, done: u64) -> Result<(), ViewError> {
    let finished = tokio::task::spawn_blocking(move || gathering.finish_unordered()).await;
    let changes = Arc::new(finished.map_err(|stopped| ViewError::unavailable(&stopped))?);
    let load = Load {
        view: job.view,
        generation: job.generation.number,
        changes,
        cursor,
        done,
    };
    job.writer.load(load).await
}
