//! The task that keeps one view at the log's end.

use std::sync::Arc;
use std::time::Duration;

use parcours_log::trouble::Trouble;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::builder::Builder;
use super::feed::{FULL, Feed};
use crate::ViewError;
use crate::change::Changes;
use crate::lineage::mark_of;
use crate::shared::Shared;
use crate::standing::ViewState;
use crate::store::{Generation, Mark, State, Step, Writer};
use crate::view::{Indigestible, View};

/// Between two attempts at a lock that another process holds.
const LOCK_STEP: Duration = Duration::from_millis(500);
/// Between two looks at whether the generation is still the one that answers, when there is nothing else to do.
const LOOK: Duration = Duration::from_secs(1);
/// Before the first new attempt after a failure; doubles with each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The task's own.
pub(super) struct Follower {
    pub view: &'static View,
    pub feed: Arc<Feed>,
    pub shared: Arc<Shared>,
    pub builder: Builder,
    pub stop: CancellationToken,
}

/// Why following ended without a failure.
enum Ended {
    /// The projector stops.
    Stop,
    /// Another generation has taken over, or another process has moved this one.
    Moved,
}

impl Follower {
    /// Follows until it is told to stop; after a failure, again after a while.
    pub async fn run(self) {
        let mut pause = FIRST_PAUSE;
        let trouble = Trouble::new(self.view.name, "a view cannot go on; it is tried again");
        loop {
            let before = self.checkpoint();
            let Err(error) = self.session().await else { return };
            if self.checkpoint() > before {
                pause = FIRST_PAUSE;
                trouble.over();
            }
            self.report(&error, pause, &trouble);
            if error.is_for_good() {
                return self.shared.board.lost(&error);
            }
            if self.feed.log().still_the_same().is_err() {
                return self.end().await;
            }
            if self.stop.run_until_cancelled(sleep(pause)).await.is_none() {
                return;
            }
            pause = (2 * pause).min(LONGEST_PAUSE);
        }
    }

    /// The log was replaced: there is nothing to follow any more. What the view has digested may be of it nevertheless.
    async fn end(&self) {
        if let Err(error) = self.shared.compare(self.feed.log()).await {
            tracing::warn!(view = self.view.name, %error, "whether a view is of the log could not be found out");
        }
    }

    fn checkpoint(&self) -> u64 {
        self.shared.board.of(self.view).borrow().checkpoint
    }

    fn report(&self, error: &ViewError, pause: Duration, trouble: &Trouble) {
        let (view, checkpoint) = (self.view.name, self.checkpoint());
        if let ViewError::Stopped { cause, .. } = error {
            let Indigestible { position, detail } = cause.clone();
            tracing::error!(
                view,
                checkpoint,
                position,
                detail,
                "a view is stopped by an event; tried again in {pause:?}"
            );
            self.shared
                .board
                .state(self.view, ViewState::Stopped { position, detail });
        } else if !matches!(error, ViewError::Cancelled) {
            trouble.met(error);
            self.shared.board.failing(self.view, error);
        }
    }

    /// One session with the database. Ends well only when the projector stops. The lock is let go after a failure, so
    /// that another process, which may have the fix, can try.
    async fn session(&self) -> Result<(), ViewError> {
        let mut writer = self.shared.store.writer().await?;
        // Of each version one: a newer one builds its generation while the older still follows with its own.
        let lock = format!("projector.{}.v{}", self.view.name, self.view.version);
        while !writer.try_lock(&lock).await? {
            self.shared.board.state(self.view, ViewState::Standby);
            if self.stop.run_until_cancelled(sleep(LOCK_STEP)).await.is_none() {
                return Ok(());
            }
        }
        while !self.stop.is_cancelled() {
            let generations = writer.generations(self.view.name).await?;
            let live = generations
                .iter()
                .find(|generation| generation.state == State::Live);
            let mut mark = None;
            if let Some(live) = live {
                mark = mark_of(self.feed.log(), live).await?;
                match mark {
                    Some(_) => self.shared.board.saw(live),
                    None => self.shared.board.diverged(self.view, live),
                }
            }
            match (live, mark) {
                (Some(live), Some(mark)) if live.version == self.view.version => {
                    for retired in generations
                        .iter()
                        .filter(|generation| generation.state == State::Retired)
                    {
                        writer.discard(retired).await?;
                    }
                    match self.follow(&mut *writer, live, mark).await? {
                        Ended::Stop => return Ok(()),
                        Ended::Moved => {}
                    }
                }
                (Some(newer), mark) if newer.version > self.view.version => {
                    if mark.is_some() {
                        self.shared.board.state(
                            self.view,
                            ViewState::Newer {
                                version: newer.version,
                            },
                        );
                    }
                    self.stop.run_until_cancelled(sleep(LOOK)).await;
                }
                _ => self.build().await?,
            }
        }
        Ok(())
    }

    async fn build(&self) -> Result<(), ViewError> {
        match self.builder.build(self.view).await {
            // By another process, or on demand: to be looked at again when it is done.
            Err(ViewError::Rebuilding(_)) => {
                self.stop.run_until_cancelled(sleep(LOCK_STEP)).await;
                Ok(())
            }
            built => built,
        }
    }

    async fn follow(
        &self,
        writer: &mut dyn Writer,
        live: &Generation,
        mut mark: Mark,
    ) -> Result<Ended, ViewError> {
        // Up to `wary` there is an event that the view cannot digest: it is looked for in small steps.
        let (mut limit, mut wary) = (FULL, 0);
        let mut live = live.clone();
        if live.leaf.is_none() && !self.keep_identity(writer, &mut live, mark).await? {
            return Ok(Ended::Moved);
        }
        // Stopped by an event, it says so until that event is digested.
        let stopped = match self.shared.board.of(self.view).borrow().state {
            ViewState::Stopped { position, .. } => position >= mark.checkpoint(),
            _ => false,
        };
        if !stopped {
            self.shared.board.state(self.view, ViewState::Live);
        }
        loop {
            let checkpoint = mark.checkpoint();
            let grown = self
                .stop
                .run_until_cancelled(timeout(LOOK, self.feed.grown(checkpoint)));
            match grown.await {
                None => return Ok(Ended::Stop),
                Some(Ok(grown)) => grown?,
                Some(Err(_)) => {
                    let now = writer.generations(self.view.name).await?;
                    if !now.contains(&live) {
                        return Ok(Ended::Moved);
                    }
                    continue;
                }
            }
            let far = self.feed.is_behind(checkpoint) && checkpoint >= wary && limit == FULL;
            let (to, changes) = if far || mark.crossing.is_some() {
                let stride = self.feed.stride(self.view, mark);
                let Some(stride) = self.stop.run_until_cancelled(stride).await else {
                    return Ok(Ended::Stop);
                };
                let stride = stride?;
                match stride.changes {
                    Ok(changes) => (stride.to, changes),
                    // One of many: what stands before it is digested batch by batch.
                    Err(_) if mark.crossing.is_none() => {
                        wary = stride.end_of_gap;
                        continue;
                    }
                    // Some streams are ahead of it already.
                    Err(fault) => return Err(stopped_at(self.view, fault.position, fault)),
                }
            } else {
                let batch = self.feed.batch(self.view, mark.at, limit).await?;
                match self.feed.digest(self.view, &batch).await? {
                    Ok(changes) => (Mark::at(batch.to), changes),
                    // Closer and closer to the event: what stands before it is digested.
                    Err(_) if batch.len() > 1 => {
                        limit = batch.len() / 2;
                        continue;
                    }
                    Err(fault) => return Err(stopped_at(self.view, checkpoint, fault)),
                }
            };
            let changes = Arc::new(changes);
            let (view, generation) = (self.view, live.number);
            let step = Step {
                view,
                generation,
                state: State::Live,
                from: mark,
                to,
                changes,
            };
            if !writer.advance(step).await? {
                return Ok(Ended::Moved);
            }
            mark = to;
            live.come_to(mark);
            self.shared.board.saw(&live);
            self.shared.board.state(self.view, ViewState::Live);
            limit = (2 * limit).min(FULL);
        }
    }
}

impl Follower {
    /// A program that kept no more than numbers has left them: what they lead to is kept with them from now on.
    async fn keep_identity(
        &self,
        writer: &mut dyn Writer,
        live: &mut Generation,
        mark: Mark,
    ) -> Result<bool, ViewError> {
        let step = Step {
            view: self.view,
            generation: live.number,
            state: State::Live,
            from: mark,
            to: mark,
            changes: Arc::new(Changes::default()),
        };
        live.come_to(mark);
        writer.advance(step).await
    }
}

/// The view cannot digest the entry at `position`.
pub(crate) fn stopped_at(view: &View, position: u64, fault: Indigestible) -> ViewError {
    ViewError::Stopped {
        view: view.name.into(),
        cause: fault.brought_by(position),
    }
}
