//! `GET /health/live` and `/health/ready`.

mod log;
mod views;

use crate::parameters::{Nothing, Parameters};
use crate::{Delivery, Site};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use log::LogHealth;
use serde::Serialize;
use utoipa::ToSchema;
use views::ViewHealth;

/// How the service is.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    /// Whether it can do its work.
    ready: bool,
    /// What it cannot do, a sentence each.
    problems: Vec<String>,
    /// The log.
    log: LogHealth,
    /// The views.
    views: Vec<ViewHealth>,
    /// What is delivered to others. One that is held up keeps nobody from using this service: it is told, and no problem.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deliveries: Vec<Delivery>,
}

/// Whether the process runs
///
/// It answers, whatever else may be wrong: see `/health/ready`.
#[utoipa::path(get, path = "/health/live", tag = "operations",
    responses((status = 200, description = "It does."), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn live(Parameters(Nothing {}): Parameters<Nothing>) -> StatusCode {
    StatusCode::OK
}

/// Whether the service can do its work
///
/// It cannot while the log is out of reach, takes nothing or is known to be damaged, while a view is stopped by an event it
/// cannot digest or cannot be written, before a view has been built for the first time, or when a part of it has ended by a
/// fault. Where nothing was written for some seconds, an attempt is made, which records no event.
#[utoipa::path(get, path = "/health/ready", tag = "operations",
    responses((status = 200, description = "It can.", body = Health), (status = 503, description = "It cannot, and why.", body = Health),
        (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn ready(
    State(site): State<Site>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> (StatusCode, Json<Health>) {
    let (log, mut problems) = LogHealth::ask(&site.log).await;
    if let Some(fallen) = site.log.supervisor().fallen() {
        problems.push(format!(
            "{fallen} has ended by a fault of the program: the service ends, and is to be started again"
        ));
    }
    if site.stopping.is_cancelled() {
        problems.push("the service is stopping".to_owned());
    }
    let views: Vec<_> = site.views.status().into_iter().map(ViewHealth::of).collect();
    for problem in views.iter().filter_map(ViewHealth::problem) {
        // What is wrong with the database is so for each of its views.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    let health = Health {
        ready: problems.is_empty(),
        problems,
        log,
        views,
        deliveries: site.deliveries.told(),
    };
    let status = if health.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(health))
}
