//! How the views are, as health tells it.

use parcours_projections::{ViewState, ViewStatus};
use serde::Serialize;
use utoipa::ToSchema;

/// How a view is.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewHealth {
    /// Its name.
    name: &'static str,
    /// `live`, `starting`, `rebuilding`, `standby` (another process writes it), `stopped` (by an event), `diverged` (it is
    /// of another history than the log, and is rebuilt), `lost` (its file was removed under the service, or is
    /// damaged), `failing` (its
    /// database, or the log, does not do what it must), or `newer` (a newer version of the program writes it).
    state: &'static str,
    /// Whether it answers; while it is rebuilt, the one before may.
    answers: bool,
    /// How many entries of the log it has digested.
    checkpoint: u64,
    /// The positions of the events that it passes over, because an operator had it do so (`parcours rebuild --skip`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passed_over: Vec<u64>,
    /// The position of the event that it cannot digest.
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<u64>,
    /// More on its state.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl ViewHealth {
    pub fn of(status: ViewStatus) -> Self {
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
            ViewState::Failing { detail } => ("failing", None, Some(detail)),
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
            passed_over: status.passed_over,
            position,
            detail,
        }
    }

    /// What keeps it from doing its work, if anything does.
    pub fn problem(&self) -> Option<String> {
        let name = self.name;
        match (self.state, self.position) {
            ("stopped", Some(position)) => Some(format!(
                "the view {name:?} is stopped by the event at position {position}: {}. If no newer version of the program can \
                 digest it, `parcours rebuild {name} --skip {position}` has the view pass it over",
                self.detail.as_deref().unwrap_or_default()
            )),
            ("diverged", _) => Some(format!(
                "the view {name:?} is of another history than the log, and is to be rebuilt"
            )),
            ("lost", _) => self.detail.clone(),
            ("failing", _) => Some(format!(
                "the view {name:?} cannot go on, and tries again: {}",
                self.detail.as_deref().unwrap_or_default()
            )),
            _ if !self.answers => Some(format!("the view {name:?} is not built yet")),
            _ => None,
        }
    }
}
