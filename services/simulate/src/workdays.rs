//! Days on which offices are open, and the hour at which something becomes known.

use super::dice::Dice;
use chrono::{DateTime, Datelike, Days, NaiveDate, TimeDelta, Utc, Weekday};
use parcours_model::calendar;

/// Neither a weekend nor a public holiday, nor in the days around the New Year on which training bodies are closed.
pub(super) fn is_workday(day: NaiveDate) -> bool {
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
        && !matches!((day.month(), day.day()), (12, 22..) | (1, ..=2))
        && !matches!(
            (day.month(), day.day()),
            (5, 1 | 8) | (7, 14) | (8, 15) | (11, 1 | 11)
        )
        && !AFTER_EASTER.contains(&(day - easter(day.year())).num_days())
}

/// The holidays that move: Easter Monday, Ascension, Whit Monday.
const AFTER_EASTER: [i64; 3] = [1, 39, 50];

/// Easter Sunday (Meeus, Jones and Butcher's rule for the Gregorian calendar).
fn easter(year: i32) -> NaiveDate {
    let golden = year % 19;
    let (century, of_century) = (year / 100, year % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * weekday) / 451;
    let day = moon + weekday - 7 * late + 114;
    NaiveDate::from_ymd_opt(year, (day / 31) as u32, (day % 31 + 1) as u32)
        .expect("Easter is in March or April")
}

/// The day itself if it is worked, or the next that is.
pub(super) fn from_on(day: NaiveDate) -> NaiveDate {
    day.iter_days().find(|day| is_workday(*day)).unwrap_or(day)
}

/// The day itself if it is worked, or the last one before that is.
pub(super) fn up_to(day: NaiveDate) -> NaiveDate {
    day.iter_days().rev().find(|day| is_workday(*day)).unwrap_or(day)
}

/// The first day from a day on with which a training may begin: a Monday, or the day after one that is a holiday. None
/// begins in the last days before the New Year's closure.
pub(super) fn beginning_from(day: NaiveDate) -> NaiveDate {
    let monday = day + Days::new((7 - u64::from(day.weekday().num_days_from_monday())) % 7);
    match (monday.month(), monday.day()) {
        (12, 15..) | (1, ..=2) => beginning_from(monday + Days::new(7)),
        _ => from_on(monday),
    }
}

/// A day later, or earlier if `days` is negative.
pub(super) fn after(day: NaiveDate, days: i64) -> NaiveDate {
    day + TimeDelta::days(days)
}

/// A worked day between two days, both included; the nearest to be had if there is none.
pub(super) fn between(dice: &mut Dice, low: NaiveDate, high: NaiveDate) -> NaiveDate {
    let day = after(low, dice.between(0, (high - low).num_days()));
    let later = from_on(day);
    if later <= high { later } else { up_to(day).max(low) }
}

/// An instant of that day while offices are open, 8:00 to 18:30.
pub(super) fn office_hours(dice: &mut Dice, day: NaiveDate) -> DateTime<Utc> {
    calendar::midnight(day) + TimeDelta::milliseconds(dice.between(28_800_000, 66_600_000))
}

/// An instant of that day at which people are at home with their telephones, 7:00 to 22:00.
pub(super) fn waking_hours(dice: &mut Dice, day: NaiveDate) -> DateTime<Utc> {
    calendar::midnight(day) + TimeDelta::seconds(dice.between(25_200, 79_200))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_is_done_on_a_bank_holiday_weekend() {
        // Friday 1 May 2026 is a holiday.
        assert_eq!(from_on(date("2026-05-01")), date("2026-05-04"));
        assert_eq!(up_to(date("2026-05-03")), date("2026-04-30"));
    }

    #[test]
    fn holidays_that_follow_easter_are_none_of_the_days_worked() {
        for (year, sunday) in [
            (2024, "2024-03-31"),
            (2025, "2025-04-20"),
            (2026, "2026-04-05"),
            (2038, "2038-04-25"),
        ] {
            assert_eq!(easter(year), date(sunday));
        }
        for holiday in ["2026-04-06", "2026-05-14", "2026-05-25"] {
            assert!(!is_workday(date(holiday)), "{holiday}");
        }
        assert!(is_workday(date("2026-04-07")));
    }

    #[test]
    fn nothing_is_done_around_the_new_year() {
        assert_eq!(from_on(date("2025-12-22")), date("2026-01-05"));
        assert_eq!(up_to(date("2026-01-02")), date("2025-12-19"));
    }

    #[test]
    fn a_training_begins_with_a_week_and_when_training_bodies_are_open() {
        for (from, begins) in [
            ("2026-05-04", "2026-05-04"),
            ("2026-05-05", "2026-05-11"),
            // Easter Monday, Whit Monday, the national day.
            ("2026-04-02", "2026-04-07"),
            ("2026-05-25", "2026-05-26"),
            ("2025-07-14", "2025-07-15"),
            ("2026-12-10", "2026-12-14"),
            ("2026-12-15", "2027-01-04"),
            ("2023-12-28", "2024-01-08"),
        ] {
            assert_eq!(beginning_from(date(from)), date(begins), "{from}");
        }
    }
}
