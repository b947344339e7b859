//! Hearing of the commits of other processes.

use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Socket, Statement, tls::NoTlsStream};

use super::{CHANNEL, config, in_time, standby};
use crate::LogError;
use crate::store::watched::Damage;
use crate::store::{end, hash, number, stored};
use crate::supervision::Supervisor;
use crate::tail::Tail;

/// Between two attempts to find the server again.
const AGAIN: Duration = Duration::from_millis(500);
/// Without news for so long, it is asked whether the log is still the same.
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
    pub fn start(url: &str, tail: Tail, damage: Damage, supervisor: &Supervisor) -> Result<Listen, LogError> {
        let config = config(url)?;
        Ok(Listen(tokio::spawn(supervisor.task("log-listen", async move {
            loop {
                if let Err(error) = damage.noted(listen(&config, &tail).await) {
                    if damage.still_the_same().is_err() {
                        return;
                    }
                    tracing::warn!(%error, "commits of other processes are not heard of");
                }
                tokio::time::sleep(AGAIN).await;
            }
        }))))
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Listens until the connection ends.
async fn listen(config: &Config, tail: &Tail) -> Result<(), LogError> {
    let (client, connection) = config.connect(NoTls).await?;
    let (told, mut telling) = unbounded_channel();
    let mut driver = tokio::task::JoinSet::new();
    driver.spawn(drive(connection, told));
    in_time(client.batch_execute(&format!("LISTEN {CHANNEL}"))).await?;
    let question = in_time(client.prepare(END)).await?;
    // Asked after LISTEN has begun, so that no commit falls between the two.
    look(&client, &question, tail).await?;
    loop {
        match timeout(LOOK, telling.recv()).await {
            // Of its own commits, this process knows.
            Ok(Some(size)) if size <= tail.size() => {}
            Ok(None) => return Ok(()),
            Ok(Some(_)) | Err(_) => look(&client, &question, tail).await?,
        }
    }
}

/// Looks where the log ends, and whether it goes on from where it did.
async fn look(client: &Client, question: &Statement, tail: &Tail) -> Result<(), LogError> {
    let known = tail.end();
    let last = known.last().map_or(-1, stored);
    let row = in_time(client.query_one(question, &[&last])).await?;
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

/// Moves the connection, passing the sizes on. Ends with the connection, or when nobody listens.
async fn drive(mut connection: Connection<Socket, NoTlsStream>, told: UnboundedSender<u64>) {
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(notification) = message
            && let Ok(size) = notification.payload().parse()
            && told.send(size).is_err()
        {
            break;
        }
    }
}
