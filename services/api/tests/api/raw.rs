//! HTTP written by hand, for what no decent client does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection. Waits a while for answers, never for ever.
pub struct Raw {
    writing: TcpStream,
    reading: BufReader<TcpStream>,
}

impl Raw {
    pub fn connect(address: SocketAddr) -> Raw {
        let writing = TcpStream::connect(address).unwrap();
        writing.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        writing.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
        let reading = BufReader::new(writing.try_clone().unwrap());
        Raw { writing, reading }
    }

    /// Sends text as it stands.
    pub fn send(&mut self, text: &str) {
        self.writing.write_all(text.as_bytes()).unwrap();
    }

    /// Begins a stream of events of unknown length.
    pub fn begin_stream(&mut self) {
        self.send("POST /v1/events HTTP/1.1\r\nhost: test\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n");
    }

    /// Sends a piece of it.
    pub fn send_chunk(&mut self, text: &str) {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.send(&chunk);
    }

    /// Ends it.
    pub fn end_stream(&mut self) {
        self.send("0\r\n\r\n");
    }

    /// The head of the next answer, up to the empty line.
    pub fn head(&mut self) -> String {
        let mut head = String::new();
        loop {
            let line = self.line();
            if line.is_empty() {
                return head;
            }
            head.push_str(&line);
            head.push('\n');
        }
    }

    /// The next piece of a chunked answer; none after the last.
    pub fn chunk(&mut self) -> Option<String> {
        let length = usize::from_str_radix(self.line().trim(), 16).unwrap();
        let mut chunk = vec![0; length + 2];
        self.reading.read_exact(&mut chunk).unwrap();
        chunk.truncate(length);
        (length > 0).then(|| String::from_utf8(chunk).unwrap())
    }

    /// All lines of a chunked answer, to its end.
    pub fn lines(&mut self) -> Vec<serde_json::Value> {
        let text: String = std::iter::from_fn(|| self.chunk()).collect();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// All that comes until the other side ends the connection.
    pub fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.reading.read_to_string(&mut rest).unwrap();
        rest
    }

    /// Whether the other side ends the connection, and nothing else comes.
    pub fn is_ended(&mut self) -> bool {
        matches!(self.reading.read(&mut [0]), Ok(0)) || self.writing.peer_addr().is_err()
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.reading.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}
