//! Connections: accepted, bounded, and brought to their end when the service stops.

use crate::Site;
use crate::interface::{Part, router};
use crate::patience::Patient;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

/// The counts of requests are folded together this often, so that they take no more memory when nobody asks.
const UPKEEP: Duration = Duration::from_secs(5);

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
    let service = TowerToHyperService::new(router(&site, parts));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(site.limits.head_time);
    let graceful = GracefulShutdown::new();
    let room = Arc::new(Semaphore::new(site.limits.connections));
    let mut connections = JoinSet::new();
    let mut upkeep = interval(UPKEEP);
    tokio::pin!(shutdown);
    loop {
        let accepted = async {
            let permit = room
                .clone()
                .acquire_owned()
                .await
                .expect("the semaphore is never closed");
            (accept(&listener).await, permit)
        };
        tokio::select! {
            () = &mut shutdown => break,
            _ = upkeep.tick() => site.metrics.run_upkeep(),
            Some(_) = connections.join_next() => {}
            (stream, permit) = accepted => {
                let stream = TokioIo::new(Patient::new(stream, site.limits.stall));
                let connection = graceful.watch(http.serve_connection(stream, service.clone()));
                connections.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection broke");
                    }
                    drop(permit);
                });
            }
        }
    }
    drop(listener);
    site.stopping.cancel();
    site.tasks.close();
    let ended = timeout(site.limits.stop, async {
        tokio::join!(graceful.shutdown(), site.tasks.wait());
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
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Answers are written whole: there is nothing to wait for.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection broke");
                }
                return stream;
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted for a second");
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}
