//! One reading of the list of messages for all who follow it.
//!
//! A task reads each new message once and keeps the last of them; whoever keeps up is served from there, in memory, and
//! woken when there is more. Whoever does not keep up reads pages of the view from its own cursor: however many follow,
//! and however slowly, what is kept is the last messages and no more.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use chrono::Utc;
use parcours_log::supervision::Supervisor;
use parcours_log::trouble::Trouble;
use parcours_log::{Anchor, Log, LogError};
use parcours_projections::outcomes::{Cursor, Filter, Key, OutcomeRow, VIEW};
use parcours_projections::{ViewError, Views};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use watermark::{Watermark, told_until};

mod watermark;

/// Messages kept: some seconds of a busy programme, about 2 MB.
const RECENT: usize = 4_096;
/// Messages read at once.
const PAGE: usize = 512;
/// The longest wait for the view before it is asked whether it is still there.
const LOOK: Duration = Duration::from_secs(10);
/// How long nothing happens before it is asked whether a message waits for its time. While something happens, the list
/// comes to that time by itself.
const QUIET: Duration = Duration::from_millis(400);
/// Between two looks at whether the list has come to a place that somebody waits for.
const STEP: Duration = Duration::from_millis(20);
/// Before the first new attempt after a failure; doubles with each, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Reads messages, at any pace. Clones share one task, which ends with the last of them, or when it is stopped.
#[derive(Clone)]
pub struct OutcomeReader(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    stop: CancellationToken,
    task: std::sync::Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    views: Views,
    log: Log,
    /// How far the list has come.
    watermark: Watermark,
    /// Nothing until the task has begun.
    recent: RwLock<Option<Recent>>,
    /// The last message there is, as far as is known.
    last: watch::Sender<Option<Cursor>>,
}

/// The last messages. Invariant: `messages` are all those after `since` up to `reached`.
#[derive(Default)]
struct Recent {
    since: Option<Cursor>,
    messages: VecDeque<Arc<OutcomeRow>>,
    reached: Option<Cursor>,
}

/// Some messages, one after another.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The messages, in order.
    pub messages: Vec<Arc<OutcomeRow>>,
    /// All messages up to here were looked at: the cursor to go on from, whether or not any was admitted.
    pub reached: Option<Cursor>,
    /// Whether there may be more right now.
    pub more: bool,
}

impl OutcomeReader {
    /// Begins to follow the view, which follows this log.
    pub fn start(views: Views, log: Log) -> Self {
        let shared = Arc::new(Shared {
            watermark: Watermark::new(views.clone(), log.clone()),
            recent: RwLock::new(None),
            last: watch::Sender::new(None),
            views,
            log,
        });
        let stop = CancellationToken::new();
        let work = follow(shared.clone(), stop.clone());
        let task = tokio::spawn(shared.log.supervisor().task("outcomes-reader", work));
        Self(Arc::new(Inner {
            shared,
            stop,
            task: std::sync::Mutex::new(Some(task)),
        }))
    }

    /// The log that the view follows.
    pub(crate) fn log(&self) -> &Log {
        &self.0.shared.log
    }

    /// The place of the log that the view has come to, and not before the entry at `position`: all that the list has told so
    /// far is before it. `None` if the log has no such entry.
    pub(crate) async fn told_before(&self, position: u64) -> Result<Option<Anchor>, LogError> {
        let digested = self.views().checkpoint(VIEW.name);
        self.log().anchor(digested.max(position + 1)).await
    }

    /// Hears of tasks that end by a fault.
    pub(crate) fn supervisor(&self) -> &Supervisor {
        self.0.shared.log.supervisor()
    }

    /// Stops the task, and waits until it has. Reading goes on; nobody is woken any more.
    pub async fn stop(&self) {
        self.0.stop.cancel();
        let task = self.0.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the reader of outcomes had failed");
        }
    }

    /// The next messages after `cursor` that the filter admits, at most `limit`, as the view has them now: what it has
    /// digested when this is called is among them, if it does not wait for its time.
    pub async fn after(
        &self,
        cursor: Option<Cursor>,
        filter: &Filter,
        limit: usize,
    ) -> Result<Batch, ViewError> {
        let shared = &self.0.shared;
        let reached = shared.watermark.read().await?;
        let messages = shared
            .views
            .outcomes(filter, cursor, told_until(reached), limit)
            .await?;
        let last = messages.last().map(OutcomeRow::cursor);
        let more = messages.len() == limit;
        Ok(Batch {
            messages: messages.into_iter().map(Arc::new).collect(),
            reached: if more { last } else { last.max(reached).max(cursor) },
            more,
        })
    }

    /// The same for whoever follows, as far as this reader has read: without a question to the view for whoever keeps up.
    pub async fn follow(
        &self,
        cursor: Option<Cursor>,
        filter: &Filter,
        limit: usize,
    ) -> Result<Batch, ViewError> {
        let kept = {
            let recent = self.0.shared.recent();
            recent
                .as_ref()
                .and_then(|recent| recent.after(cursor, filter, limit))
        };
        match kept {
            Some(batch) => Ok(batch),
            None => self.after(cursor, filter, limit).await,
        }
    }

    /// Waits until there are messages after `cursor`, which not every filter admits. Ends with the reader, too.
    pub async fn wait_after(&self, cursor: Option<Cursor>) {
        let mut last = self.0.shared.last.subscribe();
        tokio::select! {
            _ = last.wait_for(|last| *last > cursor) => {}
            () = self.0.stop.cancelled() => {}
        }
    }

    /// The end of the list as it is now: where whoever wants only what is new begins.
    pub async fn end(&self) -> Result<Option<Cursor>, ViewError> {
        let reached = self.0.shared.watermark.read().await?;
        let read = self.0.shared.recent().as_ref().and_then(|recent| recent.reached);
        Ok(reached.max(read))
    }

    /// The place to which a key leads, whether or not its message is there any more. One of which the log knows no entry
    /// leads to a place after everything.
    pub async fn cursor(&self, key: Key) -> Result<Cursor, ViewError> {
        let recorded = self.0.shared.log.recorded(key.position).await?;
        Ok(recorded.map_or_else(|| Cursor::beyond(key), |recorded| key.cursor(recorded)))
    }

    /// Has the list come to the present, as far as the view has digested the log: what waits and is due is told.
    pub async fn come_to_now(&self) -> Result<(), ViewError> {
        let shared = &self.0.shared;
        while let Some(reached) = shared.watermark.read().await? {
            match shared.views.next_outcome(reached.told).await? {
                Some(told) if told <= Utc::now() && shared.watermark.reach(told).await? => {}
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Waits, no longer than `limit`, until the list has come as far as this: what is not in it up to there is not there any
    /// more. Answers how far it has come.
    pub async fn covers(&self, cursor: Cursor, limit: Duration) -> Result<Cursor, ViewError> {
        let shared = &self.0.shared;
        let mut changed = shared.watermark.changes();
        let until = Instant::now() + limit;
        loop {
            let reached = shared.watermark.read().await?;
            if let Some(reached) = reached.filter(|reached| *reached >= cursor) {
                return Ok(reached);
            }
            if Instant::now() >= until {
                let checkpoint = shared.views.checkpoint(VIEW.name);
                return Err(ViewError::Behind { checkpoint });
            }
            // Nobody says so when the view has moved on.
            let _ = timeout_at(until.min(Instant::now() + STEP), changed.changed()).await;
        }
    }

    /// The views it reads.
    pub fn views(&self) -> &Views {
        &self.0.shared.views
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Shared {
    fn recent(&self) -> RwLockReadGuard<'_, Option<Recent>> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what there is after the last message known, and tells those who wait. Answers whether there may be more.
    async fn read(&self) -> Result<bool, ViewError> {
        let reached = self.watermark.read().await?;
        let begun = self.recent().as_ref().map(|recent| recent.reached);
        let Some(cursor) = begun else {
            *self.recent.write().unwrap_or_else(PoisonError::into_inner) = Some(Recent {
                since: reached,
                reached,
                messages: VecDeque::new(),
            });
            // Those who begin earlier find out by reading.
            self.last.send_replace(reached);
            return Ok(true);
        };
        let until = told_until(reached);
        let messages = self.views.outcomes(&Filter::all(), cursor, until, PAGE).await?;
        let more = messages.len() == PAGE;
        let last = messages.last().map(OutcomeRow::cursor);
        if let Some(recent) = &mut *self.recent.write().unwrap_or_else(PoisonError::into_inner) {
            recent.messages.extend(messages.into_iter().map(Arc::new));
            while recent.messages.len() > RECENT {
                recent.since = recent.messages.pop_front().map(|dropped| dropped.cursor());
            }
            recent.reached = if more { last } else { last.max(reached).max(cursor) };
        }
        if last.is_some() {
            self.last.send_replace(last);
        }
        Ok(more)
    }
}

impl Recent {
    /// What is asked, if it begins among the last messages.
    fn after(&self, cursor: Option<Cursor>, filter: &Filter, limit: usize) -> Option<Batch> {
        if cursor < self.since {
            return None;
        }
        let from = self
            .messages
            .partition_point(|message| Some(message.cursor()) <= cursor);
        let mut admitted = self
            .messages
            .range(from..)
            .filter(|message| filter.admits(message));
        let messages: Vec<_> = admitted.by_ref().take(limit).cloned().collect();
        let more = admitted.next().is_some();
        let last = messages.last().map(|message| message.cursor());
        Some(Batch {
            reached: if more { last } else { self.reached.max(cursor) },
            messages,
            more,
        })
    }
}

async fn follow(shared: Arc<Shared>, stop: CancellationToken) {
    let trouble = Trouble::new("outcomes", "outcomes cannot be read; it is tried again");
    let mut pause = FIRST_PAUSE;
    loop {
        match stop.run_until_cancelled(read_on(&shared)).await {
            None => return,
            Some(Ok(())) => {
                trouble.over();
                pause = FIRST_PAUSE;
            }
            Some(Err(error)) => {
                if pause >= LONGEST_PAUSE {
                    trouble.met(&error);
                }
                if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                    return;
                }
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Reads what there is, and waits a while for more: for the view to move on, or for the time of a message.
async fn read_on(shared: &Shared) -> Result<(), ViewError> {
    match shared.read().await {
        Ok(true) => return Ok(()),
        // It is being built for the first time: waited for like any other progress.
        Ok(false) | Err(ViewError::NotBuilt(_)) => {}
        Err(error) => return Err(error),
    }
    let reached = shared.watermark.known();
    let digested = reached.map_or(0, |reached| reached.key.position + 1);
    if progresses(&shared.views, digested, QUIET).await? {
        return Ok(());
    }
    let next = match reached {
        Some(reached) => shared.views.next_outcome(reached.told).await?,
        None => None,
    };
    let left = next.map(|told| (told - Utc::now()).to_std().unwrap_or_default());
    let pause = left.map_or(LOOK, |left| left.min(LOOK));
    if !progresses(&shared.views, digested, pause).await?
        && let Some(told) = next.filter(|told| *told <= Utc::now())
    {
        shared.watermark.reach(told).await?;
    }
    Ok(())
}

/// Whether the view has digested more than so many entries, or does within `limit`.
async fn progresses(views: &Views, digested: u64, limit: Duration) -> Result<bool, ViewError> {
    match views.comes_to(VIEW.name, digested, limit).await {
        Err(ViewError::Behind { .. }) => Ok(false),
        waited => waited.map(|()| true),
    }
}

#[cfg(test)]
mod tests;
