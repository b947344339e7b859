//! One connection, from its place to its end.

use crate::patience::{Patient, Times};
use crate::places::{Place, Places};
use crate::problem::{Problem, kinds};
use crate::{Client, Limits};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use parcours_model::Words;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Read from a connection at a time, and the longest head: nothing else of a request is held before somebody asks for it.
const BUFFER: usize = 128 << 10;
/// Connections for whom there is no place: asked how the service is, they are answered all the same.
const STANDING: usize = 64;
/// The time those have to say what they ask.
const STANDING_TIME: Duration = Duration::from_secs(2);
/// For what is on its way when a connection ends on which nothing is asked.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Whoever receives connections.
pub(crate) struct Host {
    service: TowerToHyperService<Router>,
    limits: Arc<Limits>,
    places: Places,
    standing: Places,
    ending: CancellationToken,
}

impl Host {
    /// Answers by these routes until `ending`, when what is under way comes to its end.
    pub fn new(routes: Router, limits: Arc<Limits>, ending: CancellationToken) -> Self {
        Host {
            service: TowerToHyperService::new(routes),
            places: Places::new(limits.connections),
            standing: Places::new(STANDING),
            limits,
            ending,
        }
    }

    /// Has the connection that is idle longest closed.
    pub fn close_one(&self) {
        self.places.make_room();
    }

    /// What serves this connection to its end; nothing, where so many come at once that it is closed unheard.
    pub fn receive(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
    ) -> Option<impl Future<Output = ()> + Send + use<>> {
        let client = Client::from(peer);
        let mut times = Times {
            stall: self.limits.stall,
            head: self.limits.head_time,
            idle: self.limits.idle_time,
        };
        let place = self.places.take(client);
        let stands = place.is_none();
        let place = Arc::new(place.or_else(|| self.standing.take(client))?);
        if stands {
            times.head = times.head.min(STANDING_TIME);
            times.idle = times.head;
        }
        let mut http = http1::Builder::new();
        // Heads are waited for by `Patient`, which knows them from the wait for the next request.
        http.header_read_timeout(None)
            .max_buf_size(BUFFER)
            .keep_alive(!stands);
        let answered = Arc::new(Notify::new());
        let (service, at, tell) = (self.service.clone(), place.clone(), answered.clone());
        let answer = service_fn(move |mut request: Request<Incoming>| {
            let working = Working::new(at.clone(), tell.clone());
            request.extensions_mut().insert(client);
            let refused = stands && !is_of_operations(request.uri().path());
            let answering = (!refused).then(|| service.call(request));
            async move {
                let response = match answering {
                    Some(answering) => answering.await?,
                    None => busy(),
                };
                Ok::<_, Infallible>(response.map(|body| Answer {
                    body,
                    _working: working,
                }))
            }
        });
        let stream = TokioIo::new(Patient::new(stream, times, place.clone()));
        let connection = http.serve_connection(stream, answer);
        let ending = self.ending.clone();
        Some(async move {
            let leave = async {
                tokio::select! {
                    () = place.given_away() => {}
                    () = ending.cancelled() => {}
                }
            };
            tokio::pin!(connection, leave);
            let ended = loop {
                tokio::select! {
                    biased;
                    ended = &mut connection => break ended,
                    // Polled again, it begins to wait for the next request, which `Patient` bounds.
                    () = answered.notified() => {}
                    () = &mut leave => {
                        connection.as_mut().graceful_shutdown();
                        break last_words(connection, &place).await;
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
        })
    }
}

/// Waits until what is under way is answered: a request may have come in that very moment.
async fn last_words(
    mut connection: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    place: &Place,
) -> hyper::Result<()> {
    loop {
        match timeout(LAST_WORDS, &mut connection).await {
            Ok(ended) => return ended,
            Err(_) if place.is_at_work() => {}
            Err(_) => return Ok(()),
        }
    }
}

/// Whether it is those who run the service who ask.
fn is_of_operations(path: &str) -> bool {
    path.starts_with("/health/") || path == "/metrics"
}

fn busy() -> Response<Body> {
    let detail = Words::fixed(
        "Requests are under way on all connections that the service has for you. Try again in a moment.",
        "Des requêtes sont en cours sur toutes les connexions que le service a pour vous. Réessayez dans un instant.",
    );
    let mut response = Problem::new(&kinds::BUSY, detail).into_response();
    let close = axum::http::HeaderValue::from_static("close");
    response.headers_mut().insert(header::CONNECTION, close);
    response
}

/// A request under way: from its head until its answer is written, or nobody is left to write it to.
struct Working {
    place: Arc<Place>,
    answered: Arc<Notify>,
}

impl Working {
    fn new(place: Arc<Place>, answered: Arc<Notify>) -> Self {
        place.works();
        Working { place, answered }
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.place.waits();
        self.answered.notify_one();
    }
}

/// The body of an answer.
struct Answer {
    body: Body,
    _working: Working,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
