//! A stream of events under way: lines are sent and results read while it is open, as no whole-body client does.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// `POST /v1/events` of `application/x-ndjson`, not ended yet.
#[derive(Debug)]
pub struct EventStream {
    sending: TcpStream,
    answer: Option<BufReader<Chunked>>,
}

impl EventStream {
    /// Begins a stream to the service at `address` (`http://127.0.0.1:PORT`).
    pub fn open(address: &str) -> io::Result<EventStream> {
        let host = address
            .strip_prefix("http://")
            .expect("services are told by http addresses");
        let mut sending = TcpStream::connect(host)?;
        sending.set_read_timeout(Some(ANSWERED_WITHIN))?;
        sending.set_write_timeout(Some(ANSWERED_WITHIN))?;
        sending.set_nodelay(true)?;
        write!(
            sending,
            "POST /v1/events HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-ndjson\r\n\
             transfer-encoding: chunked\r\n\r\n"
        )?;
        Ok(EventStream {
            sending,
            answer: None,
        })
    }

    /// Sends events, one a line.
    pub fn send<'a>(&mut self, events: impl IntoIterator<Item = &'a Value>) -> io::Result<()> {
        let lines: String = events.into_iter().map(|event| format!("{event}\n")).collect();
        write!(self.sending, "{:x}\r\n{lines}\r\n", lines.len())
    }

    /// Says that nothing else comes.
    pub fn finish(&mut self) -> io::Result<()> {
        self.sending.write_all(b"0\r\n\r\n")
    }

    /// Waits for the next result; none after the last. A line that breaks off is an error, not a result.
    pub fn next_result(&mut self) -> io::Result<Option<Value>> {
        if self.answer.is_none() {
            self.answer = Some(body_of(self.sending.try_clone()?)?);
        }
        let answer = self.answer.as_mut().expect("it was made just now");
        let mut line = String::new();
        if answer.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if !line.ends_with('\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(serde_json::from_str(&line)?))
    }
}

/// The body of an answer in chunks (RFC 9112, section 7.1).
#[derive(Debug)]
pub(crate) struct Chunked {
    reading: BufReader<TcpStream>,
    left: usize,
    ended: bool,
}

impl Chunked {
    fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        match self.reading.read_line(&mut line)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}

/// Reads the head of the answer; what follows is its body.
pub(crate) fn body_of(connection: TcpStream) -> io::Result<BufReader<Chunked>> {
    let mut body = Chunked {
        reading: BufReader::new(connection),
        left: 0,
        ended: false,
    };
    let status = body.line()?;
    if !status.starts_with("HTTP/1.1 200") {
        return Err(io::Error::other(format!("the stream was answered {status}")));
    }
    while !body.line()?.is_empty() {}
    Ok(BufReader::new(body))
}

impl Read for Chunked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        if self.left == 0 {
            let length = self.line()?;
            self.left = usize::from_str_radix(&length, 16).map_err(io::Error::other)?;
            if self.left == 0 {
                self.ended = true;
                return Ok(0);
            }
        }
        let wanted = buffer.len().min(self.left);
        let read = self.reading.read(&mut buffer[..wanted])?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read;
        if self.left == 0 {
            self.line()?;
        }
        Ok(read)
    }
}
