//! How far the list of messages has come.
//!
//! The *watermark* is a place before which everything is in the view, and nothing will be told any more. As the view digests
//! the log, it is the end of the last entry digested: no later one is recorded before that. In a log to which nobody appends,
//! a message whose time has come would wait for the next entry; so the log is asked to record nothing before that time
//! any more ([`Log::reach`]), and the watermark is there.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};
use parcours_log::Log;
use parcours_projections::outcomes::{Cursor, VIEW};
use parcours_projections::{ViewError, Views};
use tokio::sync::watch;

/// The watermark of a view that follows a log.
pub(super) struct Watermark {
    views: Views,
    log: Log,
    /// As far as it was asked for. Never goes back.
    reached: watch::Sender<Option<Cursor>>,
    /// Whether the view has been where the log is: then it was seen to which instant the log had been taken before.
    abreast: AtomicBool,
}

impl Watermark {
    pub fn new(views: Views, log: Log) -> Self {
        Self {
            views,
            log,
            reached: watch::Sender::new(None),
            abreast: AtomicBool::new(false),
        }
    }

    /// As far as it is known.
    pub fn known(&self) -> Option<Cursor> {
        *self.reached.borrow()
    }

    /// Tells when more is known of it.
    pub fn changes(&self) -> watch::Receiver<Option<Cursor>> {
        self.reached.subscribe()
    }

    /// How far the list has come; `None` while the view has digested nothing.
    pub async fn read(&self) -> Result<Option<Cursor>, ViewError> {
        let known = self.known();
        let Some(last) = self.views.checkpoint(VIEW.name).checked_sub(1) else {
            return Ok(known);
        };
        if known.is_some_and(|known| known.key.position >= last) {
            return Ok(known);
        }
        let recorded = self.recorded(last).await?;
        let mut reached = recorded;
        if !self.abreast.load(Ordering::Relaxed) {
            let head = self.log.head().await?;
            if head.size == last + 1 {
                reached = head.recorded.unwrap_or(recorded);
                self.abreast.store(true, Ordering::Relaxed);
            }
        }
        Ok(self.raise(Cursor::end_of(last, recorded, reached)))
    }

    /// The watermark is here at least.
    fn raise(&self, reached: Cursor) -> Option<Cursor> {
        self.reached.send_if_modified(|known| {
            let further = *known < Some(reached);
            *known = (*known).max(Some(reached));
            further
        });
        self.known()
    }

    /// Has the list come to the time of a message; false if the view is not where the log is, and has to come there first.
    pub async fn reach(&self, told: DateTime<Utc>) -> Result<bool, ViewError> {
        let digested = self.views.checkpoint(VIEW.name);
        let Some(last) = digested.checked_sub(1).filter(|_| self.log.size() <= digested) else {
            return Ok(false);
        };
        let recorded = self.recorded(last).await?;
        let head = self.log.reach(told).await?;
        let Some(reached) = head.recorded.filter(|_| head.size == digested) else {
            return Ok(false);
        };
        let reached = self.raise(Cursor::end_of(last, recorded, reached));
        Ok(reached.is_some_and(|reached| reached.told >= told))
    }

    async fn recorded(&self, position: u64) -> Result<DateTime<Utc>, ViewError> {
        let recorded = self.log.recorded(position).await?;
        recorded.ok_or_else(|| ViewError::Unavailable(format!("the entry {position} is not readable yet")))
    }
}

/// Up to which instant messages are told when the list has come so far.
pub(super) fn told_until(reached: Option<Cursor>) -> DateTime<Utc> {
    reached.map_or(DateTime::<Utc>::MIN_UTC, |reached| reached.told)
}
