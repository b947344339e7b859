//! What every route works with.

use crate::limits::Limits;
use metrics_exporter_prometheus::PrometheusHandle;
use parcours_log::Log;
use parcours_projections::Views;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The log, the views, and what requests share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) log: Log,
    pub(crate) views: Views,
    pub(crate) limits: Arc<Limits>,
    pub(crate) metrics: PrometheusHandle,
    /// Who brings events, as long as nobody has to say who they are.
    pub(crate) actor: Arc<str>,
    /// A permit a KiB of body in memory.
    pub(crate) bodies: Arc<Semaphore>,
    /// A permit a stream of events.
    pub(crate) streams: Arc<Semaphore>,
    /// Streams under way: what `serve` waits for when it stops.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the service begins to stop: long answers come to their end.
    pub(crate) stopping: CancellationToken,
}

impl ApiState {
    /// Serves `log` and `views`, and what `metrics` has counted (see [`crate::metrics`]).
    pub fn new(log: Log, views: Views, limits: Limits, metrics: PrometheusHandle) -> Self {
        ApiState {
            log,
            views,
            bodies: Arc::new(Semaphore::new(limits.bodies.div_ceil(1024))),
            streams: Arc::new(Semaphore::new(limits.streams)),
            limits: Arc::new(limits),
            metrics,
            actor: "anonymous".into(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        }
    }

    /// Writes `actor` into the entries of events.
    pub fn with_actor(mut self, actor: impl Into<Arc<str>>) -> Self {
        self.actor = actor.into();
        self
    }
}
