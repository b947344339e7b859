//! What every service of a process works with.

use std::sync::Arc;

use metrics_exporter_prometheus::PrometheusHandle;
use parcours_log::Log;
use parcours_projections::Views;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Deliveries, Limits};

/// The log, the views, and what requests share. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    /// The log.
    pub log: Log,
    /// The views.
    pub views: Views,
    /// What requests may take.
    pub limits: Arc<Limits>,
    /// What is counted.
    pub metrics: PrometheusHandle,
    /// Work that outlives the head of its answer: what [`serve`](crate::serve()) waits for when it stops.
    pub tasks: TaskTracker,
    /// Cancelled when the service begins to stop: long answers come to their end.
    pub stopping: CancellationToken,
    /// What the process delivers to others by itself.
    pub deliveries: Deliveries,
}

impl Site {
    /// Serves `log` and `views`, and what `metrics` has counted (see [`metrics`](crate::metrics())).
    pub fn new(log: Log, views: Views, limits: Limits, metrics: PrometheusHandle) -> Self {
        Site {
            log,
            views,
            limits: Arc::new(limits),
            metrics,
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
            deliveries: Deliveries::default(),
        }
    }
}
