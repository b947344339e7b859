//! `GET /health/live` and `/health/ready`.

use crate::parameters::{Nothing, Parameters};
use crate::{Delivery, Site};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{SecondsFormat, Utc};
use parcours_log::Head;
use parcours_projections::{ViewState, ViewStatus};
use serde::Serialize;
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// The log answers within this time, or counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(2);

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

/// How the log is.
#[derive(Serialize, ToSchema)]
struct LogHealth {
    /// Whether it answers.
    reachable: bool,
    /// The number of its entries, as far as is known.
    size: u64,
    /// Present while the last entry is dated ahead of the clock. The service does its work, and keeps to the clock; but
    /// every entry bears that time until it has come.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock: Option<ClockHealth>,
}

/// A log dated ahead of the clock.
#[derive(Serialize, ToSchema)]
struct ClockHealth {
    /// By so many seconds.
    ahead_seconds: i64,
    /// What that means, in a sentence.
    detail: String,
}

/// How a view is.
#[derive(Serialize, ToSchema)]
struct ViewHealth {
    /// Its name.
    name: &'static str,
    /// `live`, `starting`, `rebuilding`, `standby` (another process writes it), `stopped`, `diverged` (it is of
    /// another history than the log, and is rebuilt), `lost` (its file was removed under the service), or `newer` (a newer version of the program writes it).
    state: &'static str,
    /// Whether it answers; while it is rebuilt, the one before may.
    answers: bool,
    /// How many entries of the log it has digested.
    checkpoint: u64,
    /// The position of the event that it cannot digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// More on its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Whether the process runs
#[utoipa::path(get, path = "/health/live", tag = "operations",
    responses((status = 200, description = "It does."), (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn live(Parameters(Nothing {}): Parameters<Nothing>) -> StatusCode {
    StatusCode::OK
}

/// Whether the service can do its work
///
/// It cannot while the log is out of reach or known to be damaged, while a view is stopped by an event it cannot digest, before a view has been
/// built for the first time, or when a part of it has ended by a fault.
#[utoipa::path(get, path = "/health/ready", tag = "operations",
    responses((status = 200, description = "It can.", body = Health), (status = 503, description = "It cannot, and why.", body = Health),
        (status = 400, response = crate::ProblemResponse)))]
pub(crate) async fn ready(
    State(site): State<Site>,
    Parameters(Nothing {}): Parameters<Nothing>,
) -> (StatusCode, Json<Health>) {
    let mut problems = Vec::new();
    let head = timeout(PATIENCE, site.log.head()).await;
    let head = match head {
        Ok(Ok(head)) => Some(head),
        Ok(Err(error)) => {
            problems.push(error.to_string());
            None
        }
        Err(_) => {
            problems.push(format!("the log does not answer within {} s", PATIENCE.as_secs()));
            None
        }
    };
    problems.extend(
        site.log
            .damage()
            .map(|what| format!("the log is damaged: {what}")),
    );
    if let Some(fallen) = site.log.supervisor().fallen() {
        problems.push(format!(
            "{fallen} has ended by a fault of the program: the service ends, and is to be started again"
        ));
    }
    if site.stopping.is_cancelled() {
        problems.push("the service is stopping".to_owned());
    }
    let views: Vec<_> = site.views.status().into_iter().map(ViewHealth::of).collect();
    problems.extend(views.iter().filter_map(ViewHealth::problem));
    let health = Health {
        ready: problems.is_empty(),
        problems,
        log: LogHealth {
            reachable: head.is_some(),
            size: head.as_ref().map_or_else(|| site.log.size(), |head| head.size),
            clock: head.as_ref().and_then(ClockHealth::of),
        },
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

impl ClockHealth {
    fn of(head: &Head) -> Option<Self> {
        let ahead_seconds = head.ahead(Utc::now())?.num_seconds();
        let until = head.recorded?.to_rfc3339_opts(SecondsFormat::Secs, true);
        Some(ClockHealth {
            ahead_seconds,
            detail: format!(
                "until {until} every entry is recorded as of that time: a clock was once set to it"
            ),
        })
    }
}

impl ViewHealth {
    fn of(status: ViewStatus) -> Self {
        let (state, position, detail) = match status.state {
            ViewState::Live => ("live", None, None),
            ViewState::Starting => ("starting", None, None),
            ViewState::Standby => ("standby", None, None),
            ViewState::Rebuilding { done, total } => (
                "rebuilding",
                None,
                Some(format!("{done} entries of {total} are read")),
            ),
            ViewState::Stopped { position, detail } => ("stopped", Some(position), Some(detail)),
            ViewState::Diverged { detail } => ("diverged", None, Some(detail)),
            ViewState::Lost { detail } => ("lost", None, Some(detail)),
            ViewState::Newer { version } => (
                "newer",
                None,
                Some(format!(
                    "version {version} is live, this program has {}",
                    status.version
                )),
            ),
        };
        ViewHealth {
            name: status.name,
            state,
            answers: status.answers,
            checkpoint: status.checkpoint,
            position,
            detail,
        }
    }

    fn problem(&self) -> Option<String> {
        let name = self.name;
        match (self.state, self.position) {
            ("stopped", Some(position)) => Some(format!(
                "the view {name:?} is stopped by the event at position {position}"
            )),
            ("diverged", _) => Some(format!(
                "the view {name:?} is of another history than the log, and is to be rebuilt"
            )),
            ("lost", _) => self.detail.clone(),
            _ if !self.answers => Some(format!("the view {name:?} is not built yet")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use parcours_log::tree::Hash;

    fn clock(ahead: TimeDelta) -> Option<ClockHealth> {
        let head = Head {
            size: 1,
            recorded: Some(Utc::now() + ahead),
            root: Hash::of_nothing(),
        };
        ClockHealth::of(&head)
    }

    #[test]
    fn a_log_is_dated_ahead_of_the_clock_when_it_is_by_more_than_clocks_differ() {
        assert!(clock(TimeDelta::seconds(2)).is_none());
        assert!(clock(TimeDelta::hours(-1)).is_none());
        let told = clock(TimeDelta::hours(1)).map(|clock| clock.ahead_seconds);
        assert!(
            told.is_some_and(|seconds| (3_590..=3_600).contains(&seconds)),
            "{told:?}"
        );
    }
}
