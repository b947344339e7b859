//! A partner that receives calls: it listens, remembers every call, and answers as the test has it answer.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

use crate::wait::wait_for;

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// The address asked for, without the host.
    pub path: String,
    /// Headers, with names in small letters.
    pub headers: Vec<(String, String)>,
    /// What was sent.
    pub body: Vec<u8>,
    /// When its last byte was there.
    pub at: Instant,
    /// The status it was answered with, once it was.
    pub answered: Option<u16>,
}

impl Call {
    /// A header.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or_else(|| panic!("no {name} in {:?}", self.headers), |(_, value)| value)
    }

    /// The body as JSON.
    #[track_caller]
    pub fn message(&self) -> Value {
        serde_json::from_slice(&self.body).expect("calls bring JSON")
    }

    /// The `webhook-id`.
    #[track_caller]
    pub fn id(&self) -> &str {
        self.header("webhook-id")
    }

    /// Whether it was answered by a status that accepts.
    pub fn is_accepted(&self) -> bool {
        self.answered.is_some_and(|status| (200..300).contains(&status))
    }
}

/// How a call is answered.
#[derive(Clone, Debug)]
pub enum Answer {
    /// By this status alone.
    Status(u16),
    /// By a status with a header.
    With(u16, &'static str, String),
    /// By these bytes, whatever they are; then the connection is closed.
    Bytes(Vec<u8>),
    /// By a good head, and a body that goes on for as long as anybody reads it.
    Endless,
    /// By a good status, once [`Receiver::release`] was called.
    Held,
    /// Not at all: the connection is closed.
    Nothing,
}

type Behaviour = Arc<dyn Fn(&Call) -> Answer + Send + Sync>;

/// A receiver, which stops when dropped.
pub struct Receiver {
    address: SocketAddr,
    scheme: &'static str,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

struct Shared {
    behaviour: Mutex<Behaviour>,
    calls: Mutex<Vec<Call>>,
    connections: AtomicUsize,
    sent: AtomicUsize,
    released: AtomicBool,
    stopping: AtomicBool,
}

impl Receiver {
    /// Listens on a free port, and accepts everything.
    pub fn start() -> Receiver {
        Receiver::at(SocketAddr::from(([127, 0, 0, 1], 0)))
    }

    /// Listens where one listened before.
    pub fn at(address: SocketAddr) -> Receiver {
        Receiver::listen(address, None)
    }

    /// Listens on a free port for encrypted connections.
    pub fn encrypted(config: ServerConfig) -> Receiver {
        Receiver::listen(SocketAddr::from(([127, 0, 0, 1], 0)), Some(Arc::new(config)))
    }

    fn listen(address: SocketAddr, tls: Option<Arc<ServerConfig>>) -> Receiver {
        let listener = TcpListener::bind(address).expect("a receiver listens");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Arc::new(|_| Answer::Status(204))),
            calls: Mutex::default(),
            connections: AtomicUsize::new(0),
            sent: AtomicUsize::new(0),
            released: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        });
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listening = thread::spawn({
            let shared = shared.clone();
            move || listen(&listener, &shared, tls.as_ref())
        });
        Receiver {
            address,
            scheme,
            shared,
            listening: Some(listening),
        }
    }

    /// From now on answers so.
    pub fn answers(&self, behaviour: impl Fn(&Call) -> Answer + Send + Sync + 'static) {
        *self.shared.behaviour.lock().unwrap() = Arc::new(behaviour);
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it receives calls, under the name `localhost`.
    pub fn url(&self) -> String {
        format!("{}://localhost:{}/outcomes", self.scheme, self.address.port())
    }

    /// Every call there was, in the order of their arrival.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.lock().unwrap().clone()
    }

    /// Those that were accepted.
    pub fn accepted(&self) -> Vec<Call> {
        self.calls().into_iter().filter(Call::is_accepted).collect()
    }

    /// Waits for so many calls that were accepted.
    #[track_caller]
    pub fn wait_for_accepted(&self, count: usize) -> Vec<Call> {
        wait_for(
            &format!("{count} calls are accepted"),
            Duration::from_secs(60),
            || Some(self.accepted()).filter(|calls| calls.len() >= count),
        )
    }

    /// Waits for so many calls, however they are answered.
    #[track_caller]
    pub fn wait_for_calls(&self, count: usize) -> Vec<Call> {
        wait_for(&format!("{count} calls come"), Duration::from_secs(60), || {
            Some(self.calls()).filter(|calls| calls.len() >= count)
        })
    }

    /// Connections there were, whether or not anything was asked on them.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Bytes of endless bodies that somebody took.
    pub fn sent(&self) -> usize {
        self.shared.sent.load(Ordering::SeqCst)
    }

    /// Lets calls that are held be answered.
    pub fn release(&self) {
        self.shared.released.store(true, Ordering::SeqCst);
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // Wakes whoever waits for the next connection.
        let _ = TcpStream::connect(self.address);
        if let Some(listening) = self.listening.take() {
            let _ = listening.join();
        }
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>, tls: Option<&Arc<ServerConfig>>) {
    for stream in listener.incoming().map_while(Result::ok) {
        if shared.stopping.load(Ordering::SeqCst) {
            return;
        }
        shared.connections.fetch_add(1, Ordering::SeqCst);
        let (shared, tls) = (shared.clone(), tls.cloned());
        thread::spawn(move || {
            let _ = stream.set_nodelay(true);
            // A connection that breaks is the other side's to tell of.
            let _: io::Result<()> = match tls {
                None => serve(stream, &shared),
                Some(tls) => ServerConnection::new(tls)
                    .map_err(io::Error::other)
                    .and_then(|connection| serve(StreamOwned::new(connection, stream), &shared)),
            };
        });
    }
}

/// Answers one call after another on a connection.
fn serve<S: Read + Write>(stream: S, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while !shared.stopping.load(Ordering::SeqCst) {
        let Some(call) = read(&mut stream)? else {
            return Ok(());
        };
        let behaviour = shared.behaviour.lock().unwrap().clone();
        let index = {
            let mut calls = shared.calls.lock().unwrap();
            calls.push(call.clone());
            calls.len() - 1
        };
        let answered = |status| shared.calls.lock().unwrap()[index].answered = Some(status);
        let mut answer = behaviour(&call);
        if let Answer::Held = answer {
            while !shared.released.load(Ordering::SeqCst) && !shared.stopping.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(2));
            }
            answer = Answer::Status(200);
        }
        match answer {
            // Noted first: whoever has the answer may be gone when it is noted.
            Answer::Status(status) => {
                answered(status);
                write!(
                    stream.get_mut(),
                    "HTTP/1.1 {status} So\r\ncontent-length: 0\r\n\r\n"
                )?;
            }
            Answer::With(status, name, value) => {
                answered(status);
                write!(
                    stream.get_mut(),
                    "HTTP/1.1 {status} So\r\n{name}: {value}\r\ncontent-length: 0\r\n\r\n"
                )?;
            }
            Answer::Bytes(bytes) => {
                stream.get_mut().write_all(&bytes)?;
                return stream.get_mut().flush();
            }
            Answer::Endless => {
                answered(200);
                stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                let part = [b'x'; 64 << 10];
                while !shared.stopping.load(Ordering::SeqCst) {
                    stream.get_mut().write_all(&part)?;
                    shared.sent.fetch_add(part.len(), Ordering::SeqCst);
                }
            }
            Answer::Nothing | Answer::Held => return Ok(()),
        }
        stream.get_mut().flush()?;
    }
    Ok(())
}

/// The next call; none when the other side has closed the connection.
fn read(stream: &mut impl BufRead) -> io::Result<Option<Call>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(Some(Call {
        path,
        headers,
        body,
        at: Instant::now(),
        answered: None,
    }))
}
