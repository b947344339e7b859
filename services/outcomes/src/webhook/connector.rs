//! Connections to endpoints, to permitted addresses only.
//!
//! The name is resolved here, each address is looked at, and the connection goes to an address that was looked at: a
//! name that means another machine a moment later (DNS rebinding) leads nowhere else. A connection that is used again
//! still ends where it was permitted to.

use std::collections::HashMap;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::thread;

use hyper::Uri;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, oneshot};
use tower_service::Service;

use super::Network;

/// Connects to the host of a URL.
#[derive(Clone, Debug)]
pub(super) struct Connector(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    network: Network,
    /// A permit a host: those that are declared.
    resolving: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoConnection {
    /// The name leads to nothing that may be called.
    #[error("{0}")]
    Refused(String),
    /// The name means nothing now.
    #[error("{host} cannot be resolved: {cause}")]
    Unresolved { host: String, cause: io::Error },
    /// Nobody answers there.
    #[error("{address} cannot be connected to: {cause}")]
    Unreachable { address: SocketAddr, cause: io::Error },
}

impl Connector {
    pub(super) fn new(network: Network) -> Self {
        Self(Arc::new(Inner {
            network,
            resolving: Mutex::default(),
        }))
    }

    /// The addresses of a host. The system's resolver blocks its thread, for half a minute and more while a name server
    /// does not answer, and cannot be told to stop: so it gets a thread that nobody else waits for, one at a time for
    /// each host.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let permits = {
            let mut resolving = self.0.resolving.lock().unwrap_or_else(PoisonError::into_inner);
            let permits = resolving.entry(host.to_owned());
            permits.or_insert_with(|| Arc::new(Semaphore::new(1))).clone()
        };
        let permit = permits.acquire_owned().await.map_err(io::Error::other)?;
        let (tell, told) = oneshot::channel();
        let host = host.to_owned();
        thread::Builder::new()
            .name("resolver".to_owned())
            .spawn(move || {
                let _permit = permit;
                let found = (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
                // Nobody listens any more when the attempt was given up.
                let _ = tell.send(found);
            })?;
        told.await.map_err(io::Error::other)?
    }

    async fn connect(self, url: Uri) -> Result<TcpStream, NoConnection> {
        let encrypted = url.scheme_str() == Some("https");
        let host = url
            .host()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let port = url.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let unresolved = |cause| NoConnection::Unresolved {
            host: host.to_owned(),
            cause,
        };
        let addresses = self.resolve(host, port).await.map_err(unresolved)?;
        let mut last = unresolved(io::Error::other("it has no address"));
        for address in addresses {
            if let Err(why) = self.0.network.permits(address.ip(), encrypted) {
                last = NoConnection::Refused(why);
                continue;
            }
            match TcpStream::connect(address).await {
                Ok(stream) => match self.ends_here(&stream) {
                    None => return Ok(stream),
                    Some(why) => last = NoConnection::Refused(why),
                },
                Err(cause) => last = NoConnection::Unreachable { address, cause },
            }
        }
        Err(last)
    }

    /// A connection that ends on this very machine, whatever address led there, reaches what listens for its own only:
    /// refused like loopback. Nothing has been sent on it yet.
    fn ends_here(&self, stream: &TcpStream) -> Option<String> {
        let (here, there) = (stream.local_addr().ok()?.ip(), stream.peer_addr().ok()?.ip());
        let allowed = self
            .0
            .network
            .allowed
            .iter()
            .any(|network| network.contains(&there.to_canonical()));
        (here == there && !allowed).then(|| {
            format!(
                "{there} is this machine: calls to it are refused unless --webhooks-allow {there} is given"
            )
        })
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = NoConnection;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let stream = connector.connect(url).await?;
            // A call is written whole: there is nothing to wait for.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection broke");
            }
            Ok(TokioIo::new(stream))
        })
    }
}
