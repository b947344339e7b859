//! A connection that is given up when its client takes nothing, asks nothing, or is too slow to say what it asks.

use crate::observe::cut_off;
use crate::places::Place;
use crate::problem::{MEDIA_TYPE, Problem, kinds};
use parcours_model::Words;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// How long a client may take.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// To move a byte, in or out, while there are some to be written.
    pub stall: Duration,
    /// For the head of a request, from its first byte.
    pub head: Duration,
    /// To begin a request.
    pub idle: Duration,
}

/// A connection on which bytes must move, in or out, while there are some to be written. A client that sends a long
/// stream and reads the results afterwards is moving bytes all the time; one that is gone, or waits for nothing, is not.
/// While no request is under way, one is to be begun in time, and its head to be finished in time.
pub(crate) struct Patient {
    stream: TcpStream,
    times: Times,
    /// At work while a request is under way.
    place: Arc<Place>,
    /// The requests that had begun when it was looked last: one may begin and end between two reads.
    requests: u64,
    /// Runs since the last byte moved.
    alarm: Pin<Box<Sleep>>,
    asked: Asked,
    /// Runs since `asked` changed, unless a request is under way.
    patience: Pin<Box<Sleep>>,
}

/// What the client has said of its next request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Nothing,
    PartOfAHead,
    /// The request is under way: how it comes is its reader's concern.
    All,
}

impl Patient {
    /// Gives the client these times.
    pub fn new(stream: TcpStream, times: Times, place: Arc<Place>) -> Self {
        Patient {
            stream,
            times,
            requests: place.turns(),
            place,
            alarm: Box::pin(sleep(times.stall)),
            asked: Asked::Nothing,
            patience: Box::pin(sleep(times.idle)),
        }
    }

    fn moved(&mut self) {
        self.alarm.as_mut().reset(Instant::now() + self.times.stall);
    }

    fn has_asked(&mut self, asked: Asked) {
        let time = match asked {
            _ if self.asked == asked => return,
            Asked::Nothing => self.times.idle,
            Asked::PartOfAHead => self.times.head,
            Asked::All => Duration::ZERO,
        };
        self.asked = asked;
        if asked != Asked::All {
            self.patience.as_mut().reset(Instant::now() + time);
        }
    }

    /// What a read in waiting comes to while no request is under way: the end of the connection once the client's time
    /// is over.
    fn unasked(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.asked == Asked::All {
            self.has_asked(Asked::Nothing);
        }
        ready!(self.patience.as_mut().poll(context));
        if self.asked == Asked::Nothing {
            return Poll::Ready(Ok(()));
        }
        cut_off("head");
        // Nothing else is being written, and so little always has room: whoever has gone does not read it.
        let _ = self.stream.try_write(&too_slow(self.times.head));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// What a write in waiting comes to: an error once the client's time is over.
    fn waiting<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.alarm.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn written(
        &mut self,
        context: &mut Context<'_>,
        wrote: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match wrote {
            Poll::Ready(wrote) => {
                self.moved();
                Poll::Ready(wrote)
            }
            Poll::Pending => self.waiting(context),
        }
    }
}

/// The answer to a head that has not come whole, which nobody else could give.
fn too_slow(time: Duration) -> Vec<u8> {
    let seconds = time.as_secs();
    let detail = Words::new(
        format!("The head of the request did not come whole within {seconds} s."),
        format!("L'en-tête de la requête n'est pas arrivé entier en {seconds} s."),
    );
    let problem = Problem::new(&kinds::HEAD_TOO_SLOW, detail);
    let body = serde_json::to_string(&problem).expect("a problem is JSON");
    let media = MEDIA_TYPE;
    let media = media.to_str().expect("a media type is a text");
    let length = body.len();
    format!(
        "HTTP/1.1 408 Request Timeout\r\ncontent-type: {media}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let came = buffer.filled().len() > before;
        let requests = self.place.turns();
        if requests != self.requests {
            self.requests = requests;
            self.has_asked(Asked::All);
        }
        if self.place.is_at_work() {
            self.has_asked(Asked::All);
        } else if read.is_pending() {
            return self.unasked(context);
        } else if came {
            self.has_asked(Asked::PartOfAHead);
        }
        if came {
            self.moved();
        }
        read
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(context, wrote)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let wrote = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.written(context, wrote)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
