//! A wire to PostgreSQL that can be cut.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use parcours_log::Location;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::place::Place;

/// Forwards connections to the server of a place, until it is cut.
pub struct Proxy {
    address: SocketAddr,
    server: String,
    accepting: Mutex<Option<JoinHandle<()>>>,
    /// Raised to make the answers on all connections that are open now be lost, and the connections with them.
    deaf: Arc<watch::Sender<u64>>,
}

impl Proxy {
    pub async fn start(place: &Place) -> Proxy {
        let Location::Postgres(url) = place.location() else {
            unreachable!()
        };
        let server = host(&url).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Proxy {
            address: listener.local_addr().unwrap(),
            server,
            accepting: Mutex::default(),
            deaf: Arc::new(watch::Sender::new(0)),
        };
        proxy.accept(listener);
        proxy
    }

    /// The same database, through the proxy.
    pub fn instead_of(&self, url: &str) -> String {
        url.replace(host(url), &self.address.to_string())
    }

    /// Ends every connection and lets none in.
    pub fn cut(&self) {
        self.accepting.lock().unwrap().take().unwrap().abort();
    }

    /// Lets connections in again.
    pub async fn mend(&self) {
        self.accept(TcpListener::bind(self.address).await.unwrap());
    }

    /// What is asked on the connections open now still reaches the server; no answer comes back, and the first
    /// one that would ends its connection. New connections are not concerned.
    pub fn lose_answers(&self) {
        self.deaf.send_modify(|deafened| *deafened += 1);
    }

    fn accept(&self, listener: TcpListener) {
        let (server, deaf) = (self.server.clone(), self.deaf.clone());
        let accepting = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                connections.spawn(forward(client, server, deaf.subscribe()));
            }
        });
        *self.accepting.lock().unwrap() = Some(accepting);
    }
}

async fn forward(client: TcpStream, server: TcpStream, deaf: watch::Receiver<u64>) {
    let born = *deaf.borrow();
    let (mut questions, mut to_client) = client.into_split();
    let (mut answers, mut to_server) = server.into_split();
    let answering = async {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = answers.read(&mut buffer).await {
            if *deaf.borrow() != born || to_client.write_all(&buffer[..length]).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        _ = copy(&mut questions, &mut to_server) => {}
        () = answering => {}
    }
}

/// The part of a URL between user and database.
fn host(url: &str) -> &str {
    let after_user = url.rsplit_once('@').unwrap().1;
    after_user.split_once('/').unwrap().0
}
