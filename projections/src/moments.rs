//! How a stream stands from when on: facts may be recorded up to a day ahead of their time, and act from then on.

use chrono::{DateTime, Utc};
use parcours_model::{Effective, History};

/// A stretch of time in which a stream stands as these facts say, in microseconds since 1970. The first begins at 0.
pub(crate) struct Moment<'a> {
    pub since: i64,
    /// Not within.
    pub until: i64,
    pub facts: Vec<Effective<'a>>,
}

/// One stretch for ever, save where facts were recorded ahead of their time. None of an empty history.
pub(crate) fn of(history: &History) -> Vec<Moment<'_>> {
    let Some(last) = history.records().last() else {
        return Vec::new();
    };
    let known = last.recorded;
    let mut turns: Vec<DateTime<Utc>> = history
        .effective()
        .map(|fact| fact.time)
        .filter(|time| *time > known)
        .collect();
    turns.dedup();
    let micros = |instant: &DateTime<Utc>| instant.timestamp_micros();
    let begins = std::iter::once(0).chain(turns.iter().map(micros));
    let ends = turns.iter().map(micros).chain([i64::MAX]);
    let at = std::iter::once(known).chain(turns.iter().copied());
    let moments = begins.zip(ends).zip(at);
    moments
        .map(|((since, until), at)| Moment {
            since,
            until,
            facts: history.effective().take_while(|fact| fact.time <= at).collect(),
        })
        .collect()
}
