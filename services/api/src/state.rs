//! What every route works with.

use crate::events::Room;
use crate::limits::Limits;
use parcours_http::{Places, Site};
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
    /// Room for bodies in memory.
    pub(crate) room: Room,
    /// Places for streams of events.
    pub(crate) streams: Places,
    /// A permit a group of lines in memory.
    pub(crate) groups: Arc<Semaphore>,
}

impl ApiState {
    /// Serves the log and the views of `site`.
    pub fn new(site: Site, limits: Limits) -> Self {
        ApiState {
            log: site.log.clone(),
            views: site.views.clone(),
            site,
            room: Room::new(&limits),
            streams: Places::new(limits.streams),
            groups: Arc::new(Semaphore::new(limits.groups)),
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
