//! Telling whoever runs the service that the log is dated ahead of the clock.

use chrono::{DateTime, Utc};

use crate::entry::ahead;

/// Whether it is told. It is told once, and again only after the clock had caught up in between.
#[derive(Default)]
pub(super) struct Ahead {
    told: bool,
}

impl Ahead {
    /// Compares the clock with when the last entry was recorded, in microseconds since 1970.
    pub fn compare(&mut self, recorded: i64) {
        let recorded = DateTime::from_timestamp_micros(recorded).unwrap_or_default();
        let ahead = ahead(recorded, Utc::now());
        if let Some(ahead) = ahead
            && !self.told
        {
            let seconds = ahead.num_seconds();
            tracing::warn!(
                seconds,
                %recorded,
                "the log's last entry is dated ahead of the clock: until then, every entry bears that time"
            );
        }
        self.told = ahead.is_some();
    }
}
