//! Clients that are slow on purpose: all that a few hundred of them can hold with next to no work of their own.

use anyhow::Context;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

/// Connections on which a body of 8 MiB is announced.
const BODIES: usize = 200;
/// Connections on which a stream of events is begun.
const STREAMS: usize = 100;
/// Connections on which a head is begun.
const HEADS: usize = 100;
/// All of them: with those that say nothing, as many as a service takes from one address.
const CONNECTIONS: usize = 2_048;
/// Files that this process, and the service, have to be able to open.
pub const FILES: u64 = 2 * CONNECTIONS as u64;
/// A byte each, and a new connection after one was closed.
const PACE: Duration = Duration::from_secs(1);
/// For all of them to be there.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a client says before it dribbles.
#[derive(Clone, Copy)]
enum Beginning {
    Nothing,
    Head,
    Body,
    Stream,
}

/// The attack. Ends when it is dropped.
pub struct Attack {
    opened: watch::Receiver<u64>,
    _clients: JoinSet<()>,
}

impl Attack {
    /// Begins it; returns once all are connected.
    pub async fn on(address: SocketAddr) -> anyhow::Result<Self> {
        let (count, mut opened) = watch::channel(0);
        let count = Arc::new(count);
        let mut clients = JoinSet::new();
        let kinds = [
            (Beginning::Body, BODIES),
            (Beginning::Stream, STREAMS),
            (Beginning::Head, HEADS),
            (Beginning::Nothing, CONNECTIONS - BODIES - STREAMS - HEADS),
        ];
        for beginning in kinds
            .iter()
            .flat_map(|(kind, clients)| std::iter::repeat_n(*kind, *clients))
        {
            clients.spawn(again_and_again(address, beginning, count.clone()));
        }
        timeout(PATIENCE, opened.wait_for(|opened| *opened >= CONNECTIONS as u64))
            .await
            .context("the attack does not come about")??;
        Ok(Self {
            opened,
            _clients: clients,
        })
    }

    /// The connections that were opened so far, those in the place of closed ones included.
    pub fn connections(&self) -> u64 {
        *self.opened.borrow()
    }
}

async fn again_and_again(address: SocketAddr, beginning: Beginning, count: Arc<watch::Sender<u64>>) {
    loop {
        if let Ok(stream) = TcpStream::connect(address).await {
            count.send_modify(|opened| *opened += 1);
            let _ = dribble(stream, beginning).await;
        }
        sleep(PACE).await;
    }
}

/// Says a byte now and then until the service has had enough.
async fn dribble(mut stream: TcpStream, beginning: Beginning) -> std::io::Result<()> {
    let post = "POST /v1/events HTTP/1.1\r\nhost: bench\r\n";
    let (said, byte) = match beginning {
        Beginning::Nothing => (String::new(), ""),
        Beginning::Head => (post.to_owned(), "x"),
        Beginning::Body => {
            let head = "content-type: application/cloudevents-batch+json\r\ncontent-length: 8388608\r\n\r\n[";
            (format!("{post}{head}"), " ")
        }
        Beginning::Stream => {
            let head = "content-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n";
            (format!("{post}{head}"), "1\r\n \r\n")
        }
    };
    stream.write_all(said.as_bytes()).await?;
    let mut pace = interval(PACE);
    let mut heard = [0; 4096];
    loop {
        tokio::select! {
            read = stream.read(&mut heard) => if read? == 0 {
                return Ok(());
            },
            _ = pace.tick(), if !byte.is_empty() => stream.write_all(byte.as_bytes()).await?,
        }
    }
}
