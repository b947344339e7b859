//! Many events through the door of HTTP: one client, one stream of lines, results read as they come.

use anyhow::{Context, ensure};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::io::SeekFrom;
use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Read from the file at a time.
const PIECE: usize = 1 << 16;

/// What was answered.
pub struct Sent {
    /// Events recorded.
    pub recorded: u64,
    /// Events refused or malformed.
    pub refused: u64,
    /// From the first byte sent to the last answer.
    pub took: Duration,
}

/// Sends a file of NDJSON to the service at `address`, and counts the answers; `progress` is told how many.
pub async fn send(address: SocketAddr, file: &Path, progress: impl FnMut(u64)) -> anyhow::Result<Sent> {
    let length = std::fs::metadata(file)?.len();
    send_part(address, file, 0..length, progress).await
}

/// Sends whole lines of a file, those in these bytes of it.
pub async fn send_part(
    address: SocketAddr,
    file: &Path,
    bytes: Range<u64>,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Sent> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let mut source = File::open(file).await?;
    source.seek(SeekFrom::Start(bytes.start)).await?;
    let length = bytes.end - bytes.start;
    let pieces = stream::unfold(source.take(length), async |mut source| {
        let mut piece = Vec::with_capacity(PIECE);
        match source.read_buf(&mut piece).await {
            Ok(0) => None,
            Ok(_) => Some((Ok(Frame::data(Bytes::from(piece))), source)),
            Err(error) => Some((Err(error), source)),
        }
    });
    let request = Request::post("/v1/events")
        .header("host", address.to_string())
        .header("content-type", "application/x-ndjson")
        .header("content-length", length)
        .body(StreamBody::new(Box::pin(pieces)))?;
    let began = Instant::now();
    let response = sender.send_request(request).await?;
    let answers = count(response, &mut progress).await?;
    Ok(Sent {
        recorded: answers.recorded,
        refused: answers.lines - answers.recorded,
        took: began.elapsed(),
    })
}

#[derive(Default)]
struct Answers {
    lines: u64,
    recorded: u64,
    /// A line of which the end has not come.
    rest: Vec<u8>,
}

impl Answers {
    fn take(&mut self, piece: &[u8]) {
        self.rest.extend_from_slice(piece);
        let mut begin = 0;
        for end in memchr::memchr_iter(b'\n', &self.rest) {
            let line = &self.rest[begin..end];
            self.lines += 1;
            if memchr::memmem::find(line, b"\"status\":\"recorded\"").is_some() {
                self.recorded += 1;
            } else {
                tracing::debug!(answer = %String::from_utf8_lossy(line), "an event of the bench was refused");
            }
            begin = end + 1;
        }
        self.rest.drain(..begin);
    }
}

async fn count(response: Response<Incoming>, progress: &mut impl FnMut(u64)) -> anyhow::Result<Answers> {
    ensure!(
        response.status().is_success(),
        "the service answered {}",
        response.status()
    );
    let mut body = response.into_body();
    let mut answers = Answers::default();
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the answer broke off")?;
        if let Some(piece) = frame.data_ref() {
            answers.take(piece);
            progress(answers.lines);
        }
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_however_they_are_cut() {
        let body = b"{\"id\":\"1\",\"status\":\"recorded\"}\n{\"id\":\"2\",\"status\":\"refused\"}\n{\"status\":\"recorded\"}\n";
        for cut in 1..body.len() {
            let mut answers = Answers::default();
            body.chunks(cut).for_each(|piece| answers.take(piece));
            assert_eq!((answers.lines, answers.recorded), (3, 2), "in pieces of {cut}");
        }
    }
}
