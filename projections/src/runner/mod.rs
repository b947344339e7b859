//! Live following: the tasks that keep the views at the log's end.
//!
//! Each view has a task, a session with the database, a lock, a checkpoint, and failures of its own. What they share
//! is the [`feed`], which reads the log once for all, and the [`builder`], which builds in one pass all views that
//! must be built.

pub(crate) mod batch;
mod builder;
mod company;
pub(crate) mod feed;
mod follower;
mod states;
mod stride;

use std::sync::Arc;

use parcours_log::Log;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::Views;
use feed::Feed;
use follower::Follower;
pub(crate) use follower::stopped_at;

/// What may be set; the default suits a small machine.
#[derive(Clone, Debug)]
pub struct ProjectorOptions {
    /// Bytes of histories kept in memory. Beside a sequencer most of them are its own, shared.
    pub history_bytes: usize,
    /// Bytes of what views keep of hot streams.
    pub state_bytes: usize,
}

impl Default for ProjectorOptions {
    fn default() -> Self {
        Self {
            history_bytes: 32 << 20,
            state_bytes: 8 << 20,
        }
    }
}

/// What keeps the views up to date with the log. Several, of this process or others, are safe together: one works on
/// a view, and another takes over within about a second when it is gone.
pub struct Projector {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Projector {
    /// Starts to follow the log with every view. A view that is missing, or of an older version, is built first; the
    /// older one goes on answering meanwhile.
    pub async fn start(log: Log, views: Views, options: ProjectorOptions) -> Projector {
        let stop = CancellationToken::new();
        let shared = views.0.shared.clone();
        let all: Vec<_> = shared.board.all().map(|(view, _)| view).collect();
        let supervisor = log.supervisor().clone();
        let feed = Arc::new(Feed::new(log, shared.clone(), &all, &options));
        let (builder, requests) = builder::channel();
        let building = builder::run(feed.clone(), shared.clone(), requests, stop.clone());
        let mut tasks = vec![tokio::spawn(supervisor.task("views-builder", building))];
        for view in all {
            let (feed, shared, builder, stop) = (feed.clone(), shared.clone(), builder.clone(), stop.clone());
            let follower = Follower {
                view,
                feed,
                shared,
                builder,
                stop,
            };
            tasks.push(tokio::spawn(supervisor.task(view.name, follower.run())));
        }
        Projector { stop, tasks }
    }

    /// Stops: each view finishes the batch it is at, and lets go of its lock.
    pub async fn stop(mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            if let Err(error) = task.await {
                tracing::error!(%error, "a projector's task had failed");
            }
        }
    }
}

impl Drop for Projector {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
