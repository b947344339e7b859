//! The rebuild of one view: its session, its generation, and all of its steps but the pass.

use std::sync::Arc;
use std::time::Duration;

use parcours_log::{Anchor, Log};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::ViewError;
use crate::change::Changes;
use crate::lineage::{mark_of, reached};
use crate::runner::feed::{FULL, Feed};
use crate::runner::stopped_at;
use crate::shared::Shared;
use crate::store::{Generation, Mark, State, Step, Writer};
use crate::view::{Indigestible, View};

/// A session that has ended holds its locks until PostgreSQL has noticed: a rebuild right after another waits this long
/// before it takes the other for one that is still at work.
const LINGERING: Duration = Duration::from_secs(1);
/// Between two attempts at the lock.
const LOCK_STEP: Duration = Duration::from_millis(20);

/// A generation this close to the log's end takes over: the rest is digested in the takeover itself, for which the
/// generation that answers must wait.
const NEAR: u64 = 256;
/// How long a takeover may keep it waiting.
const HOLD_LIMIT: Duration = Duration::from_secs(10);

/// The rebuild of one view under way. Its writer holds the lock which says that nobody else rebuilds the view.
pub(super) struct Job {
    pub view: &'static View,
    pub writer: Box<dyn Writer>,
    pub generation: Generation,
    /// How far it has come, once it is loaded.
    mark: Mark,
    log: Log,
    shared: Arc<Shared>,
}

impl Job {
    /// Goes on with what an earlier rebuild has left of this log, or makes a new generation, to be loaded up to `target`.
    pub async fn begin(
        shared: &Arc<Shared>,
        view: &'static View,
        log: &Log,
        target: Anchor,
    ) -> Result<Job, ViewError> {
        let mut writer = shared.store.writer().await?;
        let lock = format!("rebuild.{}", view.name);
        let until = Instant::now() + LINGERING;
        while !writer.try_lock(&lock).await? {
            if Instant::now() >= until {
                return Err(ViewError::Rebuilding(view.name.into()));
            }
            sleep(LOCK_STEP).await;
        }
        let mut found = None;
        for generation in writer.generations(view.name).await? {
            let unfinished = matches!(generation.state, State::Loading | State::CatchingUp);
            let mark = match unfinished && generation.version == view.version {
                true => mark_of(log, &generation).await?,
                false => None,
            };
            match mark {
                Some(mark) => found = Some((generation, mark)),
                None if generation.state == State::Live => {}
                None => writer.discard(&generation).await?,
            }
        }
        let (generation, mark) = match found {
            Some(found) => found,
            None => (writer.create(view, target).await?, Mark::at(Anchor::start())),
        };
        tracing::info!(
            view = view.name,
            generation = generation.number,
            target = target.size,
            "a view is being rebuilt"
        );
        shared
            .board
            .rebuild(view, Some((generation.done, generation.target)));
        Ok(Job {
            view,
            writer,
            generation,
            mark,
            log: log.clone(),
            shared: shared.clone(),
        })
    }

    /// Whether streams are still to be loaded.
    pub fn is_loading(&self) -> bool {
        self.generation.state == State::Loading
    }

    /// Ends the loading, or begins it anew: an event that cannot be digested ends what can be loaded. A view that
    /// comes as far as the one that answers is worth having; it will stop at that event, and say so.
    pub async fn after_pass(&mut self, ended: Result<(), ViewError>) -> Result<(), ViewError> {
        let fault = match ended {
            Ok(()) => {
                self.writer.loaded(self.view, &self.generation).await?;
                let generations = self.writer.generations(self.view.name).await?;
                let number = self.generation.number;
                let loaded = |generation: &Generation| generation.number == number;
                let gone = || ViewError::Rebuilding(self.view.name.into());
                self.generation = generations.into_iter().find(loaded).ok_or_else(gone)?;
                // Whatever the log was replaced by meanwhile, this is not of it.
                self.mark = mark_of(&self.log, &self.generation).await?.ok_or_else(gone)?;
                return Ok(());
            }
            Err(ViewError::Stopped { cause, .. }) => cause,
            Err(error) => return Err(error),
        };
        let generations = self.writer.generations(self.view.name).await?;
        let mut generations = generations.into_iter();
        let live = generations.find(|generation| generation.state == State::Live);
        if fault.position >= self.generation.target
            || reached(&self.log, live.as_ref()).await? > fault.position
        {
            return Err(ViewError::Stopped {
                view: self.view.name.into(),
                cause: fault,
            });
        }
        let Indigestible { position, detail } = fault;
        tracing::warn!(
            view = self.view.name,
            position,
            detail,
            "a view can be built up to this event only"
        );
        let target = self.log.anchor(position).await?;
        let gone = || ViewError::Unavailable("the log ends before the event that cannot be digested".into());
        self.writer.discard(&self.generation).await?;
        self.generation = self.writer.create(self.view, target.ok_or_else(gone)?).await?;
        Ok(())
    }

    /// Catches up and takes over.
    pub async fn finish(&mut self, feed: &Feed, cancel: &CancellationToken) -> Result<(), ViewError> {
        loop {
            if cancel.is_cancelled() {
                return Err(ViewError::Cancelled);
            }
            let mark = self.mark;
            let reached = mark.checkpoint();
            let far = feed.is_behind(reached) && reached >= self.answering();
            if mark.crossing.is_none() && (far || reached + NEAR >= feed.log().size()) {
                return self.take_over(feed).await;
            }
            let step = next(self.view, self.generation.number, feed, mark);
            let step = cancel.run_until_cancelled(step).await;
            match step.unwrap_or(Err(ViewError::Cancelled)) {
                Ok(step) => {
                    let to = step.to;
                    if !self.writer.advance(step).await? {
                        return Err(ViewError::Rebuilding(self.view.name.into()));
                    }
                    self.mark = to;
                }
                // The event at which it stops may be behind the place up to which it must come.
                Err(ViewError::Stopped { .. }) if mark.crossing.is_none() => {
                    return self.take_over(feed).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// How far the generation is that answers, as far as is known here. One that has fallen behind is replaced by what
    /// is ahead of it, even if the log has been filled meanwhile faster than this can follow.
    fn answering(&self) -> u64 {
        self.shared.board.of(self.view).borrow().checkpoint
    }

    async fn take_over(&mut self, feed: &Feed) -> Result<(), ViewError> {
        let live = self.writer.hold(self.view).await?;
        let live = reached(&self.log, live.as_ref()).await?;
        let mut steps: Vec<Step> = Vec::new();
        let mut reached = self.mark.at;
        while reached.size < live {
            let limit = usize::try_from(live - reached.size).unwrap_or(FULL).min(FULL - 1);
            let step = timeout(
                HOLD_LIMIT,
                step(self.view, self.generation.number, feed, reached, limit),
            )
            .await;
            let step =
                step.map_err(|_| ViewError::Unavailable("the log's end is not readable yet".into()))??;
            reached = step.to.at;
            steps.push(step);
        }
        if !self
            .writer
            .take_over(self.view, self.generation.number, steps)
            .await?
        {
            return Err(ViewError::Rebuilding(self.view.name.into()));
        }
        self.generation.state = State::Live;
        self.generation.come_to(Mark::at(reached));
        self.shared.board.saw(&self.generation);
        let (view, generation) = (self.view.name, self.generation.number);
        tracing::info!(
            view,
            generation,
            checkpoint = reached.size,
            "a rebuilt view has taken over"
        );
        self.clean().await;
        Ok(())
    }

    /// Drops what was replaced. If it cannot be now, the projector does when it begins next.
    async fn clean(&mut self) {
        let cleaned = async {
            for generation in self.writer.generations(self.view.name).await? {
                if generation.state == State::Retired {
                    self.writer.discard(&generation).await?;
                }
            }
            Ok::<_, ViewError>(())
        };
        if let Err(error) = cleaned.await {
            tracing::warn!(view = self.view.name, %error, "the tables of an old generation could not be dropped yet");
        }
    }
}

/// What comes next: a stride, if there is much to do and every event of it can be digested.
async fn next(view: &'static View, generation: i64, feed: &Feed, mark: Mark) -> Result<Step, ViewError> {
    if mark.crossing.is_some() || feed.is_behind(mark.checkpoint()) {
        let stride = feed.stride(view, mark).await?;
        match stride.changes {
            Ok(changes) => return Ok(catching_up(view, generation, mark, stride.to, changes)),
            Err(fault) if mark.crossing.is_some() => return Err(stopped_at(view, fault.position, fault)),
            Err(_) => {}
        }
    }
    step(view, generation, feed, mark.at, FULL).await
}

/// What entries from `from` on change. Fewer and fewer of them, if there is one that cannot be digested.
async fn step(
    view: &'static View,
    generation: i64,
    feed: &Feed,
    from: Anchor,
    mut limit: usize,
) -> Result<Step, ViewError> {
    loop {
        let batch = feed.batch(view, from, limit).await?;
        match feed.digest(view, &batch).await? {
            Ok(changes) => {
                let (from, to) = (Mark::at(from), Mark::at(batch.to));
                return Ok(catching_up(view, generation, from, to, changes));
            }
            Err(_) if batch.len() > 1 => limit = batch.len() / 2,
            Err(fault) => return Err(stopped_at(view, from.size, fault)),
        }
    }
}

fn catching_up(view: &'static View, generation: i64, from: Mark, to: Mark, changes: Changes) -> Step {
    let (state, changes) = (State::CatchingUp, Arc::new(changes));
    Step {
        view,
        generation,
        state,
        from,
        to,
        changes,
    }
}
