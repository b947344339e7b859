//! Whose turn it is to be offered a place (R18).

use super::filter::{OFFERED, TAKEN, open_on};
use crate::territory::{day as date, days};
use crate::{Reader, Value, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use parcours_model::calendar;
use uuid::Uuid;

/// Those who wait at the moment ?1 for a place in a session that can be entered, and were offered none, in the order of their
/// turns; with the number of places that nobody holds and that are offered to nobody.
const WAITING: &str = "
    SELECT s.session, s.region, s.enrol_day, <last-entry>, s.capacity - <taken> - <offered>, t.parcours, t.since
    FROM {catalogue_session} s
    JOIN {catalogue_turn} t ON t.session = s.session
    WHERE s.since <= ?1 AND s.until > ?1 AND NOT s.cancelled AND s.region IS NOT NULL AND <open>
        AND t.offered_day IS NULL AND t.since <= ?1
    ORDER BY s.session, t.since, t.parcours";

/// Somebody whose turn it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// In which session a place is free.
    pub session: Uuid,
    /// The région in which it is held.
    pub region: String,
    /// The last day on which it may be entered.
    pub last_day: NaiveDate,
    /// Who waits.
    pub parcours: Uuid,
    /// Since when.
    pub since: DateTime<Utc>,
}

/// The first of them, at most so many. Complexity: all who wait.
pub(crate) async fn turns(reader: &Reader, now: DateTime<Utc>, limit: usize) -> Result<Vec<Turn>, ViewError> {
    let today = days(calendar::day(now));
    let sql = WAITING
        .replace("<taken>", TAKEN)
        .replace("<last-entry>", super::filter::LAST_ENTRY)
        .replace("<open>", &open_on(today))
        .replace("<offered>", &OFFERED.replace("<today>", &today.to_string()));
    let rows = reader
        .query(&sql, &[Value::Integer(now.timestamp_micros())])
        .await?;
    let (mut turns, mut ahead): (Vec<Turn>, i64) = (Vec::new(), 0);
    for row in &rows {
        let session = row.text(0).parse().expect("folds write UUIDs");
        ahead = if turns.last().is_some_and(|last| last.session == session) {
            ahead + 1
        } else {
            0
        };
        if ahead >= row.integer(4) {
            continue;
        }
        turns.push(Turn {
            session,
            region: row.text(1).to_owned(),
            last_day: date(row.integer(2).min(row.integer(3))),
            parcours: row.text(5).parse().expect("folds write UUIDs"),
            since: DateTime::from_timestamp_micros(row.integer(6)).unwrap_or_default(),
        });
        if turns.len() == limit {
            break;
        }
    }
    Ok(turns)
}
