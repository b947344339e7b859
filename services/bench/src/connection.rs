//! A connection to the service, on which one request follows another.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// The connection. Closed when it is dropped.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
    _driver: JoinSet<hyper::Result<()>>,
}

/// What the service answered.
pub struct Answer {
    pub status: StatusCode,
    pub body: Bytes,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Ok(Self {
            sender,
            host: address.to_string(),
            _driver: driver,
        })
    }

    /// Sends one event.
    pub async fn post(&mut self, event: Vec<u8>) -> anyhow::Result<Answer> {
        let request = Request::post("/v1/events")
            .header("host", &self.host)
            .header("content-type", "application/cloudevents+json")
            .body(Full::from(event))?;
        self.ask(request).await
    }

    /// Asks a question.
    pub async fn get(&mut self, path: &str) -> anyhow::Result<Answer> {
        let request = Request::get(path)
            .header("host", &self.host)
            .body(Full::default())?;
        self.ask(request).await
    }

    /// Asks a question as a partner.
    pub async fn get_as(&mut self, secret: &str, path: &str) -> anyhow::Result<Answer> {
        let request = Request::get(path)
            .header("host", &self.host)
            .header("authorization", format!("Bearer {secret}"))
            .body(Full::default())?;
        self.ask(request).await
    }

    async fn ask(&mut self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        self.sender.ready().await?;
        let response = self.sender.send_request(request).await?;
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Ok(Answer { status, body })
    }
}
