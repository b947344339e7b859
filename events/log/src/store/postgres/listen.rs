//! Hearing of the commits of other processes.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::CHANNEL;
use crate::LogError;
use crate::postgres::{ANSWER_LIMIT, Door};
use crate::supervision::Supervisor;
use crate::tail::Tail;

/// Between two attempts to find the server again.
const AGAIN: Duration = Duration::from_millis(500);
/// When nothing was heard for so long, the server is asked: a connection may be dead without saying so.
const QUIET: Duration = Duration::from_secs(5);

/// The task that listens. Stopped by being dropped.
pub(crate) struct Listen(JoinHandle<()>);

impl Listen {
    /// Tells `tail` of every commit, at once; of those made while the server was out of reach, when it is back.
    pub fn start(door: Door, tail: Tail, supervisor: &Supervisor) -> Listen {
        Listen(tokio::spawn(supervisor.task("log-listen", async move {
            loop {
                // The door tells of it, if the server is away.
                if let Err(error) = listen(&door, &tail).await {
                    tracing::debug!(%error, "commits of other processes are not heard of");
                }
                sleep(AGAIN).await;
            }
        })))
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens until the connection ends.
async fn listen(door: &Door, tail: &Tail) -> Result<(), LogError> {
    let (told, mut telling) = unbounded_channel();
    let session = door.open_to_hear(move |notification| {
        if let Ok(size) = notification.payload().parse::<u64>() {
            // Nobody listens any more only once the session ends.
            let _ = told.send(size);
        }
    });
    let session = session.await?;
    let begin = format!("LISTEN {CHANNEL}");
    session.ask(ANSWER_LIMIT, session.batch_execute(&begin)).await?;
    loop {
        // Asked after LISTEN has begun, so that no commit falls between the two.
        let size = session.query_one("SELECT size FROM parcours_log.head", &[]);
        let row = session.ask(ANSWER_LIMIT, size).await?;
        tail.grown_to(crate::store::number(row.get(0))?);
        loop {
            match timeout(QUIET, telling.recv()).await {
                Ok(Some(size)) => tail.grown_to(size),
                Ok(None) => return Ok(()),
                Err(_) => break,
            }
        }
    }
}
