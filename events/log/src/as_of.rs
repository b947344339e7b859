//! The log as it was known at a moment.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parcours_model::{Words, calendar};

use crate::{LogError, LogReader};

/// A moment in what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// Once the entry at this position was recorded.
    Position(u64),
    /// At this instant.
    Instant(DateTime<Utc>),
    /// At the end of this day, Europe/Paris; of the day that it is, now.
    Day(NaiveDate),
}

/// What had been recorded by a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The number of entries of the log.
    pub size: u64,
    /// The instant.
    pub instant: DateTime<Utc>,
}

/// Why nothing can be said of a moment.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unknowable {
    /// It is ahead of the clock, and the log has not come to it either.
    #[error("{0} is yet to come")]
    Ahead(AsOf),
    /// The log has no entry there.
    #[error("the log has no entry at position {0} yet")]
    NoEntry(u64),
    /// It cannot be looked up.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl FromStr for AsOf {
    type Err = Words;

    fn from_str(text: &str) -> Result<AsOf, Words> {
        if let Ok(position) = text.parse() {
            return Ok(AsOf::Position(position));
        }
        if let Ok(day) = text.parse() {
            return Ok(AsOf::Day(day));
        }
        let instant = DateTime::parse_from_rfc3339(text);
        instant.map(|instant| AsOf::Instant(instant.to_utc())).map_err(|_| {
            Words::new(
                format!(
                    "{text:?} is no moment: expected a position of the log, a day such as 2026-03-01, or an RFC 3339 instant such as 2026-03-01T00:00:00Z"
                ),
                format!(
                    "« {text} » n'est pas un moment : il faut une position du journal, un jour, par exemple 2026-03-01, ou un instant (RFC 3339), par exemple 2026-03-01T00:00:00Z"
                ),
            )
        })
    }
}

impl std::fmt::Display for AsOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AsOf::Position(position) => write!(f, "position {position}"),
            AsOf::Instant(instant) => write!(f, "{instant}"),
            AsOf::Day(day) => write!(f, "{day}"),
        }
    }
}

impl AsOf {
    /// Looks up what had been recorded by then, at the instant `now`.
    pub async fn resolve(self, log: &LogReader, now: DateTime<Utc>) -> Result<Known, Unknowable> {
        let instant = match self {
            AsOf::Position(position) => {
                let entries = log.read(position, 1).await?;
                let entry = entries.first().ok_or(Unknowable::NoEntry(position))?;
                return Ok(Known {
                    size: position + 1,
                    instant: entry.recorded()?,
                });
            }
            AsOf::Instant(instant) => instant,
            AsOf::Day(day) if day == calendar::day(now) => now,
            AsOf::Day(day) => end_of(day),
        };
        // Where some clock was ahead, the log has come to an instant to which this one has not.
        if instant > now && log.head().await?.recorded < Some(instant) {
            return Err(Unknowable::Ahead(self));
        }
        Ok(Known {
            size: log.size_at(instant).await?,
            instant,
        })
    }
}

/// The last instant of a day that an entry can be recorded at: they are recorded to the microsecond.
fn end_of(day: NaiveDate) -> DateTime<Utc> {
    calendar::midnight(calendar::days_later(day, 1)) - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_a_day_or_an_instant() {
        let instant = "2026-03-01T00:00:00Z".parse().unwrap();
        for (text, moment) in [
            ("12", AsOf::Position(12)),
            ("2026-03-01", AsOf::Day("2026-03-01".parse().unwrap())),
            ("2026-03-01T00:00:00Z", AsOf::Instant(instant)),
            ("2026-03-01T01:00:00+01:00", AsOf::Instant(instant)),
        ] {
            assert_eq!(text.parse(), Ok(moment));
        }
        for text in ["yesterday", "2026-02-30", "2026-3", "-1", "", "2026-03-01 00:00"] {
            let wrong = text.parse::<AsOf>().unwrap_err();
            assert!(wrong.english.contains("a day such as"), "{text}: {wrong}");
        }
    }

    #[test]
    fn a_day_ends_with_its_last_microsecond_in_paris() {
        for (day, end) in [
            ("2026-01-31", "2026-01-31T22:59:59.999999Z"),
            ("2026-07-31", "2026-07-31T21:59:59.999999Z"),
            ("2026-03-29", "2026-03-29T21:59:59.999999Z"),
        ] {
            assert_eq!(
                end_of(day.parse().unwrap()),
                end.parse::<DateTime<Utc>>().unwrap()
            );
        }
    }
}
