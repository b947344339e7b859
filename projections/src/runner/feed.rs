//! One reading of the log for all views of a process.
//!
//! Views that are at the same place share a batch: it is read, decoded and replayed once. A view that is elsewhere
//! (it was stopped, it is new) gets batches of its own and meets the others at the log's end. Views that are behind share
//! a [`Stride`], and leave most of the machine to whoever fills the log.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::available_parallelism;
use std::time::Duration;

use parcours_log::{Anchor, Entry, Log};
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::ProjectorOptions;
use super::batch::{Batch, Kinds, Known, make};
use super::company::{Company, OVER_BATCHES, OVER_STRIDES};
use super::states::{Started, States};
use super::stride::{self, Gap, Make, Stride, Strode};
use crate::ViewError;
use crate::change::Changes;
use crate::shared::Shared;
use crate::store::Mark;
use crate::view::{Indigestible, View};

/// Entries of a batch, an append not cut in two aside: enough for a stream touched often to be folded once, little enough for memory.
pub(crate) const FULL: usize = 1024;
/// Bytes of recent batches kept for views that come later.
const RECENT_BYTES: usize = 16 << 20;
/// Between two batches at the log's end. Two transactions of one event cost twice as much as one of two, so that
/// without a pause a steady trickle of events would keep a core busy. Most of the time from an event's
/// acknowledgement to its being visible; 20 ms are allowed.
const PACE: Duration = Duration::from_millis(4);
/// A view with more than this to do takes strides.
const BEHIND: u64 = 8 * FULL as u64;
/// A view with more than this to do does not hold the pace of whoever fills the log: rather than race, it falls behind.
const OUTPACED: u64 = 2 * FULL as u64;
/// How long it waits for that.
const RACE: Duration = Duration::from_secs(1);
/// While the log is being filled, views work on one core, one part of the time in so many: on two cores they take a
/// quarter of the machine. Less, and they would need more than a minute after an import of ten million events; more, and
/// whoever imports would wait for them.
const PARTS: u32 = 2;
/// While the log is being filled, views that are behind begin to catch up so long after they began the last time: the
/// wider the gap, the more often is a stream folded once for many entries. Whoever waits for a view has them begin at once.
const APART: Duration = Duration::from_secs(10);
/// Between two looks at whether the log is still being filled.
const YIELD: Duration = Duration::from_millis(100);
/// Looks one after another that see it grow no more: whoever fills it may have held his breath.
const QUIET: u32 = 2;
/// Entries that a log which is being filled grows by between two looks, at the least.
const FILLING: u64 = 64;
/// A first build of more entries than this waits until the log is filled.
const MANY: u64 = 100_000;
/// A view with less than this to do is at the log's end.
const NEAR: u64 = 64;

/// Whether the entry was appended with the one before it: they were recorded at one instant.
pub(super) fn is_of_one_append(before: &Entry, entry: &Entry) -> bool {
    before
        .recorded()
        .is_ok_and(|recorded| entry.recorded().is_ok_and(|same| same == recorded))
}

/// Where batches come from.
pub(crate) struct Feed {
    log: Log,
    shared: Arc<Shared>,
    kinds: Kinds,
    known: Arc<Known>,
    states: Arc<States>,
    recent: Mutex<VecDeque<Arc<Slot>>>,
    company: Company,
    paced: Mutex<Instant>,
    /// The stride made last, which views may still take their parts of.
    stride: tokio::sync::Mutex<Option<Arc<Stride>>>,
    began: Mutex<Began>,
}

/// When views that are behind began last, and the size of the log then.
#[derive(Clone, Copy, Default)]
struct Began {
    /// With a stride.
    stride: Option<(Instant, u64)>,
    /// With a gap.
    gap: Option<Instant>,
    /// Whether the log was being filled then.
    filled: bool,
}

/// The batch that begins at `from`, once the first view that wants it has made it.
struct Slot {
    from: Anchor,
    batch: OnceCell<Arc<Batch>>,
}

impl Feed {
    /// For these views.
    pub fn new(log: Log, shared: Arc<Shared>, views: &[&View], options: &ProjectorOptions) -> Self {
        Self {
            log,
            shared,
            kinds: Kinds::of(views),
            known: Arc::new(Known::new(options.history_bytes)),
            states: Arc::new(States::new(options.state_bytes)),
            recent: Mutex::default(),
            company: Company::default(),
            paced: Mutex::new(Instant::now()),
            stride: tokio::sync::Mutex::default(),
            began: Mutex::default(),
        }
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Whether a view that has digested so many entries has so much to do that it takes strides.
    pub fn is_behind(&self, checkpoint: u64) -> bool {
        self.log.size().saturating_sub(checkpoint) > BEHIND
    }

    /// Lets go of everything kept for views that follow. Views that are built meanwhile do not.
    pub fn forget(&self) {
        self.forget_batches();
        self.states.forget();
    }

    /// Lets go of what is kept for views that take batches.
    fn forget_batches(&self) {
        self.known.forget();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until the log is no longer being filled, for `limit` at most: the fast pass of a first build leaves nothing
    /// of the machine to others.
    pub async fn calm(&self, limit: Duration) {
        if self.log.size() > MANY {
            self.rest(Instant::now() + limit, || false).await;
        }
    }

    /// Waits until then, until the log is no longer being filled, or until it is enough. Answers whether it is being filled.
    async fn rest(&self, until: Instant, enough: impl Fn() -> bool) -> bool {
        let (mut size, mut quiet) = (self.log.size(), 0);
        while Instant::now() < until && !enough() {
            tokio::time::sleep_until(until.min(Instant::now() + YIELD)).await;
            let grown = self.log.size() - size;
            quiet = if grown < FILLING { quiet + 1 } else { 0 };
            if quiet == QUIET {
                return false;
            }
            size += grown;
        }
        true
    }

    /// Waits until the log has an entry at `position`.
    pub async fn grown(&self, position: u64) -> Result<(), ViewError> {
        if self.log.size() <= position {
            self.log.follow(position).next(1).await?;
        }
        Ok(())
    }

    /// The batch that begins at `from`, of at most `limit` entries, for this view; waits until there is one.
    pub async fn batch(
        &self,
        view: &'static View,
        from: Anchor,
        limit: usize,
    ) -> Result<Arc<Batch>, ViewError> {
        if limit < FULL {
            // A view is looking for the event that stops it; nobody else wants this piece.
            return self.make(from, limit).await;
        }
        self.company.keep(view, Mark::at(from), &OVER_BATCHES).await;
        let slot = self.slot(from);
        slot.batch.get_or_try_init(|| self.paced(from)).await.cloned()
    }

    /// What a batch changes in a view, worked out where it does not hold up others.
    pub async fn digest(
        &self,
        view: &'static View,
        batch: &Arc<Batch>,
    ) -> Result<Result<Changes, Indigestible>, ViewError> {
        let passed = self.shared.passed_over(view, &self.log).await?;
        let started: Started = batch.started(&self.log, &self.states, view, &passed).await?;
        let (batch, states) = (batch.clone(), self.states.clone());
        let digested =
            tokio::task::spawn_blocking(move || batch.digest(view, &passed, &started, &states)).await;
        digested.map_err(|stopped| ViewError::unavailable(&stopped))
    }

    /// A stride of this view across the gap before it: what that changes, and how far the view is then.
    pub async fn stride(&self, view: &'static View, mark: Mark) -> Result<Strode, ViewError> {
        self.company.keep(view, mark, &OVER_STRIDES).await;
        let mut last = self.stride.lock().await;
        loop {
            if let Some(stride) = last.as_ref().filter(|stride| stride.begins_at(mark))
                && let Some(changes) = stride.take(view).await?
            {
                return Ok(Strode {
                    end_of_gap: stride.gap.to.size,
                    to: stride.end(),
                    changes,
                });
            }
            let gap = last.take().map(|stride| stride.gap.clone());
            *last = Some(Arc::new(self.make_stride(view, mark, gap).await?));
        }
    }

    async fn make_stride(
        &self,
        view: &'static View,
        mark: Mark,
        known: Option<Arc<Gap>>,
    ) -> Result<Stride, ViewError> {
        self.forget_batches();
        let known = known.filter(|gap| gap.is_before(mark));
        let filled = self.leave_room(known.is_none() && mark.crossing.is_none()).await;
        let cores = available_parallelism().map_or(1, usize::from);
        let at_once = if filled { 1 } else { cores };
        let (views, next) = self.company.at(view, mark);
        let gap = match known {
            Some(gap) => gap,
            None => Arc::new(Gap::look(&self.log, mark, next).await?),
        };
        if !gap.is_before(mark) {
            return Err(ViewError::Unavailable(
                "the log ends before a way that was begun".into(),
            ));
        }
        let how = Make {
            log: &self.log,
            states: &self.states,
            shared: &self.shared,
            views: &views,
            at_once,
        };
        stride::make(how, gap, mark, next).await
    }

    /// Leaves to others what is theirs while the log is being filled, and answers whether it is: before a stride the time
    /// that the last one took, whoever wrote it, and before a gap what is left of the time between two.
    async fn leave_room(&self, before_a_gap: bool) -> bool {
        let (now, size) = (Instant::now(), self.log.size());
        let last = *self.began.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filled = match last.stride {
            None => true,
            // Too soon to tell.
            Some((began, _)) if now < began + YIELD => last.filled,
            Some((began, then)) => {
                let looks = (now - began).as_millis() / YIELD.as_millis();
                u128::from(size - then) > looks * u128::from(FILLING)
            }
        };
        if let Some((began, _)) = last.stride.filter(|_| filled) {
            filled = self.rest(now + (now - began) * (PARTS - 1), || false).await;
        }
        if before_a_gap && filled {
            let awaited = || self.shared.board.is_awaited();
            filled = self.rest(last.gap.unwrap_or(now) + APART, awaited).await;
        }
        let rested = now.elapsed();
        tracing::debug!(filled, before_a_gap, ?rested, "views that are behind go on");
        let now = Instant::now();
        *self.began.lock().unwrap_or_else(PoisonError::into_inner) = Began {
            stride: Some((now, self.log.size())),
            gap: if before_a_gap { Some(now) } else { last.gap },
            filled,
        };
        filled
    }

    async fn paced(&self, from: Anchor) -> Result<Arc<Batch>, ViewError> {
        let gap = || self.log.size().saturating_sub(from.size);
        if gap() > OUTPACED {
            let over = || gap() > BEHIND || self.shared.board.is_awaited();
            self.rest(Instant::now() + RACE, over).await;
        }
        if gap() < NEAR {
            let turn = *self.paced.lock().unwrap_or_else(PoisonError::into_inner);
            tokio::time::sleep_until(turn).await;
        }
        *self.paced.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + PACE;
        self.make(from, FULL).await
    }

    async fn make(&self, from: Anchor, limit: usize) -> Result<Arc<Batch>, ViewError> {
        let mut follower = self.log.follow_after(from);
        let mut entries = follower.next(limit).await?;
        // Whoever sees an event sees what was recorded with it: a view never stands between the two.
        while limit == FULL && follower.position() < self.log.size() {
            let next = follower.next(1).await?;
            let together = |last: &Entry| next.iter().all(|next| is_of_one_append(last, next));
            if !entries.last().is_some_and(together) {
                break;
            }
            entries.extend(next);
        }
        Ok(Arc::new(
            make(&self.log, &self.known, &self.kinds, entries).await?,
        ))
    }

    fn slot(&self, from: Anchor) -> Arc<Slot> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = recent.iter().find(|slot| slot.from == from) {
            return slot.clone();
        }
        let weight = |slot: &Arc<Slot>| slot.batch.get().map_or(0, |batch| batch.weight());
        let mut weights: usize = recent.iter().map(weight).sum();
        while (weights > RECENT_BYTES || recent.len() > 64)
            && let Some(oldest) = recent.pop_front()
        {
            weights -= weight(&oldest);
        }
        let slot = Arc::new(Slot {
            from,
            batch: OnceCell::new(),
        });
        recent.push_back(slot.clone());
        slot
    }
}
