//! The clock that a log goes by.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};

/// The machine's clock, unless it is set to an earlier time: a simulated past becomes known in that past. Clones are the
/// same clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicI64>);

/// Stands for no time that is set.
const UNSET: i64 = i64::MAX;

impl Default for Clock {
    fn default() -> Clock {
        Clock(Arc::new(AtomicI64::new(UNSET)))
    }
}

impl Clock {
    /// What it says. Never later than the machine's.
    pub fn now(&self) -> DateTime<Utc> {
        let machine = Utc::now();
        match self.0.load(Ordering::Relaxed) {
            UNSET => machine,
            set => DateTime::from_timestamp_micros(set).map_or(machine, |set| set.min(machine)),
        }
    }

    /// Stands still at this time, until it is set again or given back.
    pub fn set(&self, time: DateTime<Utc>) {
        self.0.store(time.timestamp_micros(), Ordering::Relaxed);
    }

    /// Goes with the machine's again.
    pub fn give_back(&self) {
        self.0.store(UNSET, Ordering::Relaxed);
    }
}
