//! What every route works with.

use crate::limits::Limits;
use parcours_http::Site;
use parcours_log::Log;
use parcours_projections::Views;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The log, the views, and what requests share. Cheap to clone.
#[derive(Clone)]
pub struct ApiState {
    pub(crate) site: Site,
    pub(crate) log: Log,
    pub(crate) views: Views,
    pub(crate) limits: Arc<Limits>,
    /// Who brings events, as long as nobody has to say who they are.
    pub(crate) actor: Arc<str>,
    /// A permit a KiB of body in memory.
    pub(crate) bodies: Arc<Semaphore>,
    /// A permit a stream of events.
    pub(crate) streams: Arc<Semaphore>,
}

impl ApiState {
    /// Serves the log and the views of `site`.
    pub fn new(site: Site, limits: Limits) -> Self {
        ApiState {
            log: site.log.clone(),
            views: site.views.clone(),
            site,
            bodies: Arc::new(Semaphore::new(limits.bodies.div_ceil(1024))),
            streams: Arc::new(Semaphore::new(limits.streams)),
            limits: Arc::new(limits),
            actor: "anonymous".into(),
        }
    }

    /// Writes `actor` into the entries of events.
    pub fn with_actor(mut self, actor: impl Into<Arc<str>>) -> Self {
        self.actor = actor.into();
        self
    }
}
