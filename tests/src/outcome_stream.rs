//! `GET /v1/outcomes` as server-sent events, followed as `EventSource` does.

use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::event_stream::{Chunked, body_of};

const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// One event of a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its `id`: what a client gives as `Last-Event-ID` when it comes back.
    pub id: String,
    /// The outcome.
    pub outcome: Value,
}

/// A stream of outcomes, open.
#[derive(Debug)]
pub struct OutcomeStream {
    body: BufReader<Chunked>,
}

impl OutcomeStream {
    /// Asks the service at `address` (`http://127.0.0.1:PORT`) for `path`, with headers.
    pub fn open(address: &str, path: &str, headers: &[(&str, &str)]) -> io::Result<OutcomeStream> {
        let host = address
            .strip_prefix("http://")
            .expect("services are told by http addresses");
        let mut connection = TcpStream::connect(host)?;
        connection.set_read_timeout(Some(ANSWERED_WITHIN))?;
        connection.set_write_timeout(Some(ANSWERED_WITHIN))?;
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nhost: {host}\r\naccept: text/event-stream\r\n"
        )?;
        for (name, value) in headers {
            write!(connection, "{name}: {value}\r\n")?;
        }
        connection.write_all(b"\r\n")?;
        Ok(OutcomeStream {
            body: body_of(connection)?,
        })
    }

    /// Waits for the next message; none when the service ends the stream. Signs of life are passed over.
    pub fn next_message(&mut self) -> io::Result<Option<Message>> {
        let (mut id, mut data) = (None, None);
        loop {
            let mut line = String::new();
            if self.body.read_line(&mut line)? == 0 {
                return Ok(None);
            }
            match line.trim_end_matches('\n').split_once(": ") {
                Some(("id", value)) => id = Some(value.to_owned()),
                Some(("data", value)) => data = Some(serde_json::from_str(value)?),
                _ if line == "\n" => {
                    if let (Some(id), Some(outcome)) = (id.take(), data.take()) {
                        return Ok(Some(Message { id, outcome }));
                    }
                }
                _ => {}
            }
        }
    }

    /// Waits for a sign of life: a comment, before any other message.
    pub fn next_sign_of_life(&mut self) -> io::Result<()> {
        loop {
            let mut line = String::new();
            let read = self.body.read_line(&mut line)?;
            match line.as_str() {
                ":\n" => return Ok(()),
                line if read > 0 && line.starts_with("retry: ") => {}
                other => return Err(io::Error::other(format!("{other:?} instead"))),
            }
        }
    }

    /// Waits for so many messages.
    #[track_caller]
    pub fn take(&mut self, count: usize) -> Vec<Message> {
        (0..count)
            .map(|number| match self.next_message() {
                Ok(Some(message)) => message,
                other => panic!("message {number} of {count}: {other:?}"),
            })
            .collect()
    }
}
