//! Connections: accepted, bounded, and brought to their end when the service stops.

use crate::Site;
use crate::connection::Host;
use crate::interface::{Part, router};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};
use tokio_util::sync::CancellationToken;

/// The counts of requests are folded together this often, so that they take no more memory when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

/// Between two tries to accept connections where the system lets nobody open more.
const AGAIN: Duration = Duration::from_millis(200);

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Requests under way that were cut off because the time for stopping was over.
    pub cut_off: usize,
}

/// Serves until `shutdown` completes; then accepts nothing more, brings what is under way to its end within
/// `Limits::stop`, and returns. Whoever calls closes the log afterwards: what was acknowledged is in it.
///
/// Long answers end by themselves once `Site::stopping` is cancelled. A stream of events under way is not read further: what has arrived is decided and answered, and its last result
/// says from which line on it has to be sent again.
pub async fn serve(
    listener: TcpListener,
    site: Site,
    parts: Vec<Part>,
    shutdown: impl Future<Output = ()>,
) -> Stopped {
    let ending = CancellationToken::new();
    let host = Host::new(router(&site, parts), site.limits.clone(), ending.clone());
    let mut connections = JoinSet::new();
    let mut upkeep = interval(UPKEEP);
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            _ = upkeep.tick() => site.metrics.run_upkeep(),
            Some(_) = connections.join_next() => {}
            (stream, peer) = accept(&listener, &host) => {
                if let Some(conversation) = host.receive(stream, peer) {
                    connections.spawn(conversation);
                }
            }
        }
    }
    drop(listener);
    site.stopping.cancel();
    ending.cancel();
    site.tasks.close();
    let ended = timeout(site.limits.stop, async {
        while connections.join_next().await.is_some() {}
        site.tasks.wait().await;
    });
    let cut_off = if ended.await.is_ok() { 0 } else { connections.len() };
    if cut_off > 0 {
        tracing::warn!(
            cut_off,
            "requests were cut off: they took longer than the time for stopping"
        );
    }
    connections.shutdown().await;
    Stopped { cut_off }
}

/// The next connection. An error concerns that connection, or is lack of something that will be there again.
async fn accept(listener: &TcpListener, host: &Host) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Answers are written whole: there is nothing to wait for.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection broke");
                }
                return (stream, peer);
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted: one that is idle is closed");
                host.close_one();
                sleep(AGAIN).await;
            }
        }
    }
}
