//! One reading of the log for all views of a process.
//!
//! Views that are at the same place share a batch: it is read, decoded and replayed once. A view that is elsewhere
//! (it was stopped, it is new) gets batches of its own and meets the others at the log's end.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use parcours_log::{Entry, Log};
use parcours_model::rules::places;
use parcours_model::{Record, StreamKind};
use tokio::sync::{Notify, OnceCell};
use tokio::time::{Instant, timeout_at};

use super::ProjectorOptions;
use super::batch::{Batch, Known, make};
use crate::ViewError;
use crate::view::View;

/// Entries of a batch, an append not cut in two aside: enough for a stream touched often to be folded once, little enough for memory.
pub(crate) const FULL: usize = 1024;
/// Bytes of recent batches kept for views that come later.
const RECENT_BYTES: usize = 16 << 20;
/// Between two batches at the log's end. Two transactions of one event cost twice as much as one of two, so that
/// without a pause a steady trickle of events would keep a core busy. Most of the time from an event's
/// acknowledgement to its being visible; 20 ms are allowed.
const PACE: Duration = Duration::from_millis(4);
/// How far a view may run ahead of another: what is kept is then shared by all. Views that drift apart would each have
/// batches of their own made.
const AHEAD: u64 = FULL as u64;
/// A view that waits for a slower one waits no longer than this: it may have been stopped.
const COMPANY: Duration = Duration::from_millis(250);
/// A view which has asked for nothing for this long is waited for by nobody.
const ABSENT: Duration = Duration::from_secs(1);
/// Views with more than this to do, while the log grows by more than a batch during each of theirs, cannot follow: it is
/// being filled. They leave most of the cores to whoever fills it, and go on at full speed once it is filled.
const OVERRUN: u64 = 16 * FULL as u64;
/// The pause they make then between two batches.
const YIELD: Duration = Duration::from_millis(200);
/// A view with less than this to do is at the log's end.
const NEAR: u64 = 64;
/// A rebuild digests more than ten times as many entries a second as a view that catches up, but all of them: it is worth
/// while for a view that has at least one in so many still to do.
const FAR_PART: u64 = 8;

/// Whether the entry was appended with the one before it.
fn is_consequence(entry: &Entry) -> bool {
    let states = |record: Arc<Record>| places::is_consequence(&record.event.fact);
    entry.stream.kind == StreamKind::Session && entry.record().is_ok_and(states)
}

/// Where batches come from.
pub(crate) struct Feed {
    log: Log,
    kinds: Vec<StreamKind>,
    known: Arc<Known>,
    recent: Mutex<VecDeque<Arc<Slot>>>,
    places: Mutex<Vec<Place>>,
    moved: Notify,
    paced: Mutex<Instant>,
    /// The size of the log when the last batch was made.
    seen: AtomicU64,
    /// Entries that no view is rebuilt for.
    far: u64,
}

/// Where a view asked for a batch last, and when.
struct Place {
    view: &'static str,
    from: u64,
    asked: Instant,
}

/// The batch that begins at `from`, once the first view that wants it has made it.
struct Slot {
    from: u64,
    batch: OnceCell<Arc<Batch>>,
}

impl Feed {
    /// For these views.
    pub fn new(log: Log, views: &[&View], options: &ProjectorOptions) -> Self {
        let mut kinds: Vec<_> = views.iter().flat_map(|view| view.streams).copied().collect();
        kinds.sort_unstable();
        kinds.dedup();
        let known = Arc::new(Known::new(options.history_bytes));
        Self {
            log,
            kinds,
            known,
            recent: Mutex::default(),
            places: Mutex::default(),
            moved: Notify::new(),
            paced: Mutex::new(Instant::now()),
            seen: AtomicU64::new(0),
            far: options.rebuild_beyond,
        }
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Whether a view that has digested so many entries is made anew sooner than it would catch up.
    pub fn is_far_behind(&self, checkpoint: u64) -> bool {
        let size = self.log.size();
        size.saturating_sub(checkpoint) > self.far.max(size / FAR_PART)
    }

    /// Lets go of everything kept for views that follow. Views that are built meanwhile do not.
    pub fn forget(&self) {
        self.known.forget();
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until the log grows no faster than views can follow, for `limit` at most: what is built while it is being
    /// filled is soon far behind again.
    pub async fn calm(&self, limit: Duration) {
        let until = Instant::now() + limit;
        let mut size = self.log.size();
        while size > self.far && Instant::now() < until {
            tokio::time::sleep(YIELD).await;
            let grown = self.log.size() - size;
            if grown <= FULL as u64 {
                return;
            }
            size += grown;
        }
    }

    /// Waits until the log has an entry at `position`.
    pub async fn grown(&self, position: u64) -> Result<(), ViewError> {
        if self.log.size() <= position {
            self.log.follow(position).next(1).await?;
        }
        Ok(())
    }

    /// The batch that begins at `from`, of at most `limit` entries, for this view; waits until there is one.
    pub async fn batch(&self, view: &'static View, from: u64, limit: usize) -> Result<Arc<Batch>, ViewError> {
        if limit < FULL {
            // A view is looking for the event that stops it; nobody else wants this piece.
            return self.make(from, limit).await;
        }
        self.keep_company(view, from).await;
        let slot = self.slot(from);
        slot.batch.get_or_try_init(|| self.paced(from)).await.cloned()
    }

    /// Waits a little if this view runs ahead of others that are at work.
    async fn keep_company(&self, view: &'static View, from: u64) {
        let until = Instant::now() + COMPANY;
        loop {
            let moved = self.moved.notified();
            if self.slowest(view.name, from) + AHEAD >= from || timeout_at(until, moved).await.is_err() {
                return;
            }
        }
    }

    /// Notes where this view is, and answers where the slowest of those at work is.
    fn slowest(&self, view: &'static str, from: u64) -> u64 {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = Instant::now();
        match places.iter_mut().find(|place| place.view == view) {
            Some(place) if place.from == from => place.asked = asked,
            Some(place) => {
                *place = Place { view, from, asked };
                self.moved.notify_waiters();
            }
            None => places.push(Place { view, from, asked }),
        }
        let at_work = places
            .iter()
            .filter(|place| asked.duration_since(place.asked) < ABSENT);
        at_work.map(|place| place.from).min().unwrap_or(from)
    }

    async fn paced(&self, from: u64) -> Result<Arc<Batch>, ViewError> {
        let size = self.log.size();
        let grown = size.saturating_sub(self.seen.swap(size, Ordering::Relaxed));
        if size.saturating_sub(from) > OVERRUN && grown > FULL as u64 {
            tokio::time::sleep(YIELD).await;
        }
        if size.saturating_sub(from) < NEAR {
            let turn = *self.paced.lock().unwrap_or_else(PoisonError::into_inner);
            tokio::time::sleep_until(turn).await;
        }
        *self.paced.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now() + PACE;
        self.make(from, FULL).await
    }

    async fn make(&self, from: u64, limit: usize) -> Result<Arc<Batch>, ViewError> {
        let mut follower = self.log.follow(from);
        let mut entries = follower.next(limit).await?;
        // Whoever waits for an event sees the places it takes: a view never stands between the two.
        while limit == FULL && follower.position() < self.log.size() {
            let next = follower.next(1).await?;
            if !next.iter().all(is_consequence) {
                break;
            }
            entries.extend(next);
        }
        Ok(Arc::new(
            make(&self.log, &self.known, &self.kinds, entries).await?,
        ))
    }

    fn slot(&self, from: u64) -> Arc<Slot> {
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
