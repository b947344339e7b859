//! What the service counts of itself.

use crate::Client;
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use std::time::Instant;

/// Seconds. An append takes a sync to disk, a read a few lookups.
const LATENCIES: [f64; 12] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

const SECONDS: &str = "parcours_http_request_seconds";

const CUT_OFF: &str = "parcours_clients_cut_off_total";

/// The target of a line for every request that is answered: whoever runs the process turns it on, or does not.
pub const ACCESS_LOG: &str = "access";

/// Counts something that a client lost by being slow: a `head`, a `body`, a `line`, or its room or place to others.
pub fn cut_off(what: &'static str) {
    counter!(CUT_OFF, "what" => what).increment(1);
}

/// Begins to count, for the whole process; the handle gives out what is counted. Asked again, gives the same one.
///
/// Fails if something else counts in this process already.
pub fn metrics() -> Result<PrometheusHandle, BuildError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Full(SECONDS.to_owned()), &LATENCIES)?;
    let recorder = builder.build_recorder();
    let handle = HANDLE.get_or_init(|| recorder.handle()).clone();
    if metrics::set_global_recorder(recorder).is_ok() {
        describe();
    }
    Ok(handle)
}

fn describe() {
    describe_histogram!(
        SECONDS,
        Unit::Seconds,
        "From the head of a request to the head of its answer, by route."
    );
    describe_counter!("parcours_events_total", "Events sent, by what became of them.");
    describe_counter!(
        "parcours_refusals_total",
        "Events of which nothing was recorded, by the code of the reason."
    );
    describe_counter!(
        CUT_OFF,
        "What was cut off for being slow, or gave way to others while it waited for its client, by what it was."
    );
    describe_gauge!(
        "parcours_outcome_subscribers",
        "Streams of outcomes that are open."
    );
    describe_gauge!("parcours_log_size", "Entries of the log.");
    describe_gauge!(
        "parcours_log_writing_failed",
        "1 if the last attempt of this process to write the log failed."
    );
    describe_gauge!(
        "parcours_log_last_commit_timestamp_seconds",
        "When this process last wrote the log, in seconds since 1970; 0 before the first time."
    );
    describe_gauge!(
        "parcours_log_oldest_waiting_seconds",
        "For how long the oldest event without an answer has been waiting."
    );
    describe_gauge!(
        "parcours_log_free_bytes",
        "Bytes that are free where the log is kept, if not by a server."
    );
    describe_gauge!(
        "parcours_log_damaged",
        "1 if an entry was found to be other than its hash says."
    );
    describe_gauge!("parcours_view_checkpoint", "Entries a view has digested.");
    describe_gauge!(
        "parcours_view_lag",
        "Entries of the log a view has yet to digest."
    );
    describe_gauge!(
        "parcours_view_stopped",
        "1 if a view is stopped by an event it cannot digest."
    );
    describe_gauge!(
        "parcours_view_stopped_position",
        "The position of that event; -1 if there is none."
    );
    describe_gauge!(
        "parcours_view_passed_over",
        "Events that a view passes over because an operator had it do so."
    );
}

/// Times every request by the route that answers it, as many series as there are routes, whatever is asked; and tells of
/// it in the access log.
pub async fn request(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = known(request.method());
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());
    let client = request.extensions().get::<Client>().copied();
    // Without the query: what people look for is theirs.
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_str().to_owned();
    tracing::info!(
        target: ACCESS_LOG,
        client = client.map(tracing::field::display),
        method,
        path,
        status,
        seconds = began.elapsed().as_secs_f64(),
        "answered"
    );
    histogram!(SECONDS, "method" => method, "route" => route, "status" => status).record(began.elapsed());
    response
}

fn known(method: &Method) -> &'static str {
    let methods = [
        &Method::GET,
        &Method::POST,
        &Method::HEAD,
        &Method::OPTIONS,
        &Method::PUT,
        &Method::DELETE,
    ];
    let names = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE"];
    methods
        .iter()
        .position(|known| *known == method)
        .map_or("other", |index| names[index])
}
