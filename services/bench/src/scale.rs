//! How much is measured: sizes that follow from the number of events asked for.

use std::time::Duration;

/// Callers that append at the same time.
pub const CALLERS: usize = 64;
/// Rows of a bare batch.
pub const BATCH: usize = 1_000;
/// Events a second while acknowledged events are watched becoming visible.
pub const PACE: u64 = 2_000;
/// Parcours replayed.
pub const REPLAYS: usize = 2_000;
const MILLION: u64 = 1_000_000;
/// How long the programme lasts that a million events come from, unless it is told.
const MONTHS: u32 = 36;
/// And at most: a larger programme is one with more people.
const MONTHS_AT_MOST: u32 = 120;
/// The small log that the cost of an append is compared with has this many entries.
const SMALL: u64 = 10_000;

/// The sizes of one run.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Scale {
    /// Events of the programme that fills the log.
    pub events: u64,
    /// How long that programme lasts: the longer, the fewer people are in it at a time.
    pub months: u32,
    /// What a larger log is compared with.
    pub first: u64,
    /// Entries of the small log.
    pub small: u64,
    /// Times that appends to the small and to the large log, and bare inserts, are measured, in turn.
    pub rounds: usize,
    /// Events that concurrent callers append in each of them.
    pub pressed: usize,
    /// Rows inserted one a transaction in each of them.
    pub singles: usize,
    /// Events watched becoming visible.
    pub watched: usize,
    /// Places taken in the long session when single events in it are measured.
    pub places: u32,
    /// Single events of each kind in it.
    pub hot_singles: usize,
    /// Sessions of the catalogue that is asked.
    pub sessions: usize,
}

impl Scale {
    /// The sizes for a log of `events`, sent by a programme of so many months, growth told from the `first` of them on.
    pub fn of(events: u64, months: Option<u32>, first: u64) -> Self {
        let usual = u64::from(MONTHS) * events.max(MILLION) / MILLION;
        let months = months.unwrap_or(usual.min(MONTHS_AT_MOST.into()) as u32);
        let share = |of: u64, least: u64, most: u64| (events / of).clamp(least, most) as usize;
        Self {
            events,
            months,
            first,
            small: events.min(SMALL),
            rounds: 3,
            pressed: share(5, 200, 40_000),
            singles: share(50, 50, 1_500),
            watched: share(20, 200, 20_000),
            places: share(10, 200, 100_000) as u32,
            hot_singles: share(4_000, 10, 300),
            sessions: share(2, 1_000, 100_000),
        }
    }

    /// The sizes of the log at which it is measured: the first events, if there are more, and all.
    pub fn stages(&self) -> Vec<u64> {
        let first = (self.events > self.first).then_some(self.first);
        first.into_iter().chain([self.events]).collect()
    }

    /// How long the watched events take to be sent.
    pub fn watch_time(&self) -> Duration {
        Duration::from_secs_f64(self.watched as f64 / PACE as f64)
    }
}
