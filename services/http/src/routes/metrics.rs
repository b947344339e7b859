//! `GET /metrics`: what the service counts, for Prometheus.

use crate::Site;
use crate::parameters::{Nothing, Parameters};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use metrics::gauge;
use parcours_projections::ViewState;

/// Read what is counted
///
/// In the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operations",
    responses((status = 200, description = "The counts.", body = String, content_type = "text/plain"), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn get_metrics(
    State(site): State<Site>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> Response {
    let size = site.log.size();
    gauge!("parcours_log_size").set(size as f64);
    let writing = site.log.writing();
    let committed = writing
        .committed
        .map_or(0.0, |time| time.timestamp_millis() as f64 / 1_000.0);
    gauge!("parcours_log_writing_failed").set(f64::from(u8::from(writing.failure.is_some())));
    gauge!("parcours_log_last_commit_timestamp_seconds").set(committed);
    gauge!("parcours_log_oldest_waiting_seconds").set(writing.waiting.unwrap_or_default().as_secs_f64());
    gauge!("parcours_log_damaged").set(f64::from(u8::from(site.log.damage().is_some())));
    if let Some(free) = site.log.free_space() {
        gauge!("parcours_log_free_bytes").set(free as f64);
    }
    for status in site.views.status() {
        let name = status.name;
        let stopped = match status.state {
            ViewState::Stopped { position, .. } => Some(position),
            _ => None,
        };
        gauge!("parcours_view_checkpoint", "view" => name).set(status.checkpoint as f64);
        gauge!("parcours_view_lag", "view" => name).set(size.saturating_sub(status.checkpoint) as f64);
        gauge!("parcours_view_stopped", "view" => name).set(f64::from(u8::from(stopped.is_some())));
        gauge!("parcours_view_stopped_position", "view" => name)
            .set(stopped.map_or(-1.0, |position| position as f64));
        gauge!("parcours_view_passed_over", "view" => name).set(status.passed_over.len() as f64);
    }
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        site.metrics.render(),
    )
        .into_response()
}
