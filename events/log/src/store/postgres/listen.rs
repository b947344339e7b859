//! Hearing of the commits of other processes.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::Statement;

use super::{CHANNEL, standby};
use crate::LogError;
use crate::postgres::{ANSWER_LIMIT, Door, Session};
use crate::store::watched::Damage;
use crate::store::{end, hash, number, stored};
use crate::supervision::Supervisor;
use crate::tail::Tail;

/// Between two attempts to find the server again.
const AGAIN: Duration = Duration::from_millis(500);
/// Without news for so long, it is asked whether the log is still the same: a connection may be dead without saying so, too.
const LOOK: Duration = Duration::from_secs(2);

/// The end of the log now, and the leaf hash of the entry at a position.
const END: &str = "
    SELECT size, (SELECT leaf FROM parcours_log.entries WHERE position = size - 1),
           (SELECT leaf FROM parcours_log.entries WHERE position = $1), pg_is_in_recovery()
    FROM parcours_log.head";

/// The task that listens. Stopped by being dropped.
pub(crate) struct Listen(JoinHandle<()>);

impl Listen {
    /// Tells `tail` of every commit, at once; of those made while the server was out of reach, when it is back. A log that
    /// is another by then is told to `damage`.
    pub fn start(door: Door, tail: Tail, damage: Damage, supervisor: &Supervisor) -> Listen {
        Listen(tokio::spawn(supervisor.task("log-listen", async move {
            loop {
                // The door tells of it, if the server is away.
                if let Err(error) = damage.noted(listen(&door, &tail).await) {
                    if damage.still_the_same().is_err() {
                        return;
                    }
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
    let question = session.ask(ANSWER_LIMIT, session.prepare(END)).await?;
    // Asked after LISTEN has begun, so that no commit falls between the two.
    look(&session, &question, tail).await?;
    loop {
        match timeout(LOOK, telling.recv()).await {
            // Of its own commits, this process knows.
            Ok(Some(size)) if size <= tail.size() => {}
            Ok(None) => return Ok(()),
            Ok(Some(_)) | Err(_) => look(&session, &question, tail).await?,
        }
    }
}

/// Looks where the log ends, and whether it goes on from where it did.
async fn look(session: &Session, question: &Statement, tail: &Tail) -> Result<(), LogError> {
    let known = tail.end();
    let last = known.last().map_or(-1, stored);
    let row = session
        .ask(ANSWER_LIMIT, session.query_one(question, &[&last]))
        .await?;
    if row.get(3) {
        return Err(standby());
    }
    let leaf = |column| {
        let leaf: Option<&[u8]> = row.get(column);
        leaf.map(hash).transpose()
    };
    let seen = end(number(row.get(0))?, leaf(1)?)?;
    tail.saw(known, seen, leaf(2)?)
}
