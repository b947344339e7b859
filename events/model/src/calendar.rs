//! Instants as calendar days. The programme lives in Normandie: a fact's day is its day in Europe/Paris.

use chrono::{DateTime, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Europe::Paris;

/// The day an instant falls on, Europe/Paris.
pub fn day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&Paris).date_naive()
}

/// Midnight at the start of a day, Europe/Paris: the effective time of a fact known only by its day.
pub fn midnight(day: NaiveDate) -> DateTime<Utc> {
    // Paris changes its clocks at 02:00 or 03:00, so midnight always exists and is never doubled.
    Paris
        .from_local_datetime(&day.and_time(NaiveTime::MIN))
        .earliest()
        .expect("midnight exists every day in Europe/Paris")
        .to_utc()
}

/// The instant at which clocks in Paris showed this; `None` of what they never showed, and of what they showed twice.
pub fn shown(clock: NaiveDateTime) -> Option<DateTime<Utc>> {
    Some(Paris.from_local_datetime(&clock).single()?.to_utc())
}

/// A day some calendar months later; the last day of the month where the day does not exist (31 August + 6 months = 28 or 29 February).
pub fn months_later(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months))
        .unwrap_or(NaiveDate::MAX)
}

/// A day some days later.
pub fn days_later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(NaiveDate::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_at_midnight_in_paris_in_winter_and_in_summer() {
        assert_eq!(
            midnight(date("2026-01-15")).to_rfc3339(),
            "2026-01-14T23:00:00+00:00"
        );
        assert_eq!(
            midnight(date("2026-07-15")).to_rfc3339(),
            "2026-07-14T22:00:00+00:00"
        );
        assert_eq!(day(midnight(date("2026-03-29"))), date("2026-03-29"));
    }

    #[test]
    fn what_clocks_skip_or_show_twice_is_no_instant() {
        let clock = |text: &str| shown(text.parse().unwrap()).map(|instant| instant.to_rfc3339());
        assert_eq!(
            clock("2026-07-15T08:30:00").as_deref(),
            Some("2026-07-15T06:30:00+00:00")
        );
        assert_eq!(clock("2026-03-29T02:30:00"), None);
        assert_eq!(clock("2026-10-25T02:30:00"), None);
    }

    #[test]
    fn six_months_after_the_end_of_august_is_the_end_of_february() {
        assert_eq!(months_later(date("2025-08-31"), 6), date("2026-02-28"));
        assert_eq!(months_later(date("2027-08-31"), 6), date("2028-02-29"));
    }
}
