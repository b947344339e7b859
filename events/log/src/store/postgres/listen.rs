//! Hearing of the commits of other processes.

use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Config, Connection, NoTls, Socket, tls::NoTlsStream};

use super::{CHANNEL, config, in_time};
use crate::LogError;
use crate::supervision::Supervisor;
use crate::tail::Tail;

/// Between two attempts to find the server again.
const AGAIN: Duration = Duration::from_millis(500);

/// The task that listens. Stopped by being dropped.
pub(crate) struct Listen(JoinHandle<()>);

impl Listen {
    /// Tells `tail` of every commit, at once; of those made while the server was out of reach, when it is back.
    pub fn start(url: &str, tail: Tail, supervisor: &Supervisor) -> Result<Listen, LogError> {
        let config = config(url)?;
        Ok(Listen(tokio::spawn(supervisor.task("log-listen", async move {
            loop {
                if let Err(error) = listen(&config, &tail).await {
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
    // Asked after LISTEN has begun, so that no commit falls between the two.
    let row = in_time(client.query_one("SELECT size FROM parcours_log.head", &[])).await?;
    tail.grown_to(crate::store::number(row.get(0))?);
    while let Some(size) = telling.recv().await {
        tail.grown_to(size);
    }
    Ok(())
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
