//! One reading of the list of messages for all who follow it.
//!
//! A task reads each new message once and keeps the last of them; whoever keeps up is served from there, in memory, and
//! woken when there is more. Whoever does not keep up reads pages of the view from its own cursor: however many follow,
//! and however slowly, what is kept is the last messages and no more.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use parcours_projections::outcomes::{Filter, Key, OutcomeRow, VIEW};
use parcours_projections::{ViewError, Views};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// Messages kept: some seconds of a busy programme, about 2 MB.
const RECENT: usize = 4_096;
/// Messages read at once.
const PAGE: usize = 512;
/// The longest wait for the view before it is asked whether it is still there.
const LOOK: Duration = Duration::from_secs(10);
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
    recent: RwLock<Recent>,
    /// The last message there is, as far as is known.
    last: watch::Sender<Option<Key>>,
}

/// The last messages. Invariant: `messages` are all those after `since` up to `reached`.
#[derive(Default)]
struct Recent {
    since: Option<Key>,
    messages: VecDeque<Arc<OutcomeRow>>,
    reached: Option<Key>,
}

/// Some messages, one after another.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// The messages, in order.
    pub messages: Vec<Arc<OutcomeRow>>,
    /// All messages up to here were looked at: the cursor to go on from, whether or not any was admitted.
    pub reached: Option<Key>,
    /// Whether there may be more right now.
    pub more: bool,
}

impl OutcomeReader {
    /// Begins to follow the view.
    pub fn start(views: Views) -> Self {
        let reached = Key::end_of(views.checkpoint(VIEW.name));
        let shared = Arc::new(Shared {
            recent: RwLock::new(Recent {
                since: reached,
                reached,
                messages: VecDeque::new(),
            }),
            // Those who begin earlier find out by reading.
            last: watch::Sender::new(reached),
            views,
        });
        let stop = CancellationToken::new();
        let task = tokio::spawn(follow(shared.clone(), stop.clone()));
        Self(Arc::new(Inner {
            shared,
            stop,
            task: std::sync::Mutex::new(Some(task)),
        }))
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
    /// digested when this is called is among them.
    pub async fn after(
        &self,
        cursor: Option<Key>,
        filter: &Filter,
        limit: usize,
    ) -> Result<Batch, ViewError> {
        let views = &self.0.shared.views;
        let digested = Key::end_of(views.checkpoint(VIEW.name));
        let messages = views.outcomes(filter, cursor, limit).await?;
        let last = messages.last().map(|message| message.key);
        let more = messages.len() == limit;
        Ok(Batch {
            messages: messages.into_iter().map(Arc::new).collect(),
            reached: if more {
                last
            } else {
                last.max(digested).max(cursor)
            },
            more,
        })
    }

    /// The same for whoever follows, as far as this reader has read: without a question to the view for whoever keeps up.
    pub async fn follow(
        &self,
        cursor: Option<Key>,
        filter: &Filter,
        limit: usize,
    ) -> Result<Batch, ViewError> {
        let kept = self.0.shared.recent().after(cursor, filter, limit);
        match kept {
            Some(batch) => Ok(batch),
            None => self.after(cursor, filter, limit).await,
        }
    }

    /// Waits until there are messages after `cursor`, which not every filter admits. Ends with the reader, too.
    pub async fn wait_after(&self, cursor: Option<Key>) {
        let mut last = self.0.shared.last.subscribe();
        tokio::select! {
            _ = last.wait_for(|last| *last > cursor) => {}
            () = self.0.stop.cancelled() => {}
        }
    }

    /// The end of the list as far as it is known: where whoever wants only what is new begins.
    pub fn end(&self) -> Option<Key> {
        let digested = Key::end_of(self.0.shared.views.checkpoint(VIEW.name));
        self.0.shared.recent().reached.max(digested)
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
    fn recent(&self) -> RwLockReadGuard<'_, Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what there is after the last message known, and tells those who wait. Answers whether there may be more.
    async fn read(&self) -> Result<bool, ViewError> {
        let cursor = self.recent().reached;
        let digested = Key::end_of(self.views.checkpoint(VIEW.name));
        let messages = self.views.outcomes(&Filter::all(), cursor, PAGE).await?;
        let more = messages.len() == PAGE;
        let last = messages.last().map(|message| message.key);
        {
            let mut recent = self.recent.write().unwrap_or_else(PoisonError::into_inner);
            recent.messages.extend(messages.into_iter().map(Arc::new));
            while recent.messages.len() > RECENT {
                recent.since = recent.messages.pop_front().map(|dropped| dropped.key);
            }
            recent.reached = if more {
                last
            } else {
                last.max(digested).max(cursor)
            };
        }
        if last.is_some() {
            self.last.send_replace(last);
        }
        Ok(more)
    }
}

impl Recent {
    /// What is asked, if it begins among the last messages.
    fn after(&self, cursor: Option<Key>, filter: &Filter, limit: usize) -> Option<Batch> {
        if cursor < self.since {
            return None;
        }
        let from = self
            .messages
            .partition_point(|message| Some(message.key) <= cursor);
        let mut admitted = self
            .messages
            .range(from..)
            .filter(|message| filter.admits(message));
        let messages: Vec<_> = admitted.by_ref().take(limit).cloned().collect();
        let more = admitted.next().is_some();
        let last = messages.last().map(|message| message.key);
        Some(Batch {
            reached: if more { last } else { self.reached.max(cursor) },
            messages,
            more,
        })
    }
}

async fn follow(shared: Arc<Shared>, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    loop {
        match stop.run_until_cancelled(read_on(&shared)).await {
            None => return,
            Some(Ok(())) => pause = FIRST_PAUSE,
            Some(Err(error)) => {
                if pause >= LONGEST_PAUSE {
                    tracing::warn!(%error, "outcomes cannot be read; tried again in {pause:?}");
                }
                if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                    return;
                }
                pause = (2 * pause).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Reads what there is, and waits a while for more.
async fn read_on(shared: &Shared) -> Result<(), ViewError> {
    match shared.read().await {
        Ok(true) => return Ok(()),
        // It is being built for the first time: waited for like any other progress.
        Ok(false) | Err(ViewError::NotBuilt(_)) => {}
        Err(error) => return Err(error),
    }
    let next = shared.recent().reached.map_or(0, |reached| reached.position + 1);
    match shared.views.wait_for(VIEW.name, next, LOOK).await {
        Err(ViewError::Behind { .. }) => Ok(()),
        waited => waited,
    }
}
