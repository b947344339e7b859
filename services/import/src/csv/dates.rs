//! Days, instants and months as French tables write them: `31/12/2026`, `31/12/2026 14:30`, ISO 8601, `mars 2026`.
//! What stands without an offset is said in Paris.

use super::fold::fold;
use super::french::MONTHS;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use parcours_model::calendar;
use parcours_model::codes::Month;

/// What is expected of a day.
pub(super) const A_DAY: &str = "a day, such as 31/12/2026 or 2026-12-31";
/// What is expected of an instant.
pub(super) const AN_INSTANT: &str = "a day, with its time if it is known, such as 31/12/2026, 31/12/2026 14:30 or \
                                     2026-12-31T14:30:00+01:00";
/// What is expected of a month.
pub(super) const A_MONTH: &str = "a month, such as 2026-03, 03/2026 or mars 2026";

/// Four digits for the year: of two nobody knows the century.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let parts = |by: char| -> Option<[&str; 3]> {
        let all: Vec<&str> = text.split(by).collect();
        all.try_into().ok()
    };
    let ([year, month, day], separated) = if let Some(iso) = parts('-').filter(|[year, ..]| year.len() == 4) {
        (iso, true)
    } else {
        let [day, month, year] = ['/', '-', '.'].into_iter().find_map(parts)?;
        ([year, month, day], false)
    };
    let number = |text: &str, digits: std::ops::RangeInclusive<usize>| {
        let right = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse::<u32>().ok()).flatten()
    };
    let least = if separated { 2 } else { 1 };
    let year = i32::try_from(number(year, 4..=4)?).ok()?;
    NaiveDate::from_ymd_opt(year, number(month, least..=2)?, number(day, least..=2)?)
}

/// Why a text is no instant, where that can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unclear {
    /// It is written as none.
    No,
    /// Clocks in Paris never showed it, or twice.
    Clock,
}

/// Midnight in Paris, of a day alone.
pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, Unclear> {
    if let Some(day) = day(text) {
        return Ok(calendar::midnight(day));
    }
    if let Ok(instant) = parcours_model::instant(text) {
        return Ok(instant.to_utc());
    }
    let (date, clock) = text.split_once([' ', 'T', '\u{a0}']).ok_or(Unclear::No)?;
    let date = day(date).ok_or(Unclear::No)?;
    let clock = clock.trim().trim_start_matches(['à', ' ']);
    let time = time(clock).ok_or(Unclear::No)?;
    calendar::shown(NaiveDateTime::new(date, time)).ok_or(Unclear::Clock)
}

/// `14:30`, `14:30:15`, `14h30`, `14h`.
fn time(text: &str) -> Option<NaiveTime> {
    let (hour, rest) = text.split_once([':', 'h', 'H'])?;
    let (minute, second) = match rest.split_once(':') {
        Some((minute, second)) => (minute, second),
        None if rest.is_empty() => ("00", "00"),
        None => (rest, "00"),
    };
    // Databases write fractions, of which none is known here but zeros.
    let second = second.split_once('.').map_or(second, |(second, zeros)| {
        if zeros.bytes().all(|byte| byte == b'0') {
            second
        } else {
            ""
        }
    });
    let number = |text: &str| {
        let right = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        right.then(|| text.parse::<u32>().ok()).flatten()
    };
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, number(second)?)
}

/// A month, and whether it was brought back from the day that a spreadsheet made of it.
pub(super) fn month(text: &str) -> Option<(Month, bool)> {
    if let Ok(month) = text.parse::<Month>() {
        return Some((month, false));
    }
    if let Some(day) = day(text) {
        return (day.format("%d").to_string() == "01").then(|| Month::of(day).map(|month| (month, true)))?;
    }
    let number = |text: &str| text.parse::<u32>().ok();
    if let Some((month, year)) = text.split_once(['/', '-', '.'])
        && year.len() == 4
        && (1..=2).contains(&month.len())
        && text.bytes().filter(u8::is_ascii_digit).count() == month.len() + 4
    {
        return Month::new(year.parse().ok()?, number(month)?).map(|month| (month, false));
    }
    let (name, year) = text.rsplit_once([' ', '-', '\u{a0}'])?;
    let name = fold(name);
    let at = MONTHS
        .iter()
        .position(|(long, short)| name == *long || name == *short)?;
    let month = Month::new(
        year.parse().ok().filter(|_| year.len() == 4)?,
        u32::try_from(at).ok()? + 1,
    )?;
    Some((month, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_french_tables_write_them() {
        for text in ["31/12/2026", "2026-12-31", "31-12-2026", "31.12.2026"] {
            assert_eq!(day(text).unwrap().to_string(), "2026-12-31", "{text}");
        }
        assert_eq!(day("1/2/2026").unwrap().to_string(), "2026-02-01");
        for wrong in [
            "12/31/2026",
            "31/12/26",
            "46387",
            "2026-13-01",
            "2026-1-1",
            "31/12",
            "30/02/2026",
            "",
        ] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_has_no_offset_is_said_in_paris() {
        for (text, read) in [
            ("31/12/2026", "2026-12-30T23:00:00+00:00"),
            ("31/12/2026 14:30", "2026-12-31T13:30:00+00:00"),
            ("01/07/2026 14h30", "2026-07-01T12:30:00+00:00"),
            ("01/07/2026 à 14h", "2026-07-01T12:00:00+00:00"),
            ("2026-07-01 14:30:15.000", "2026-07-01T12:30:15+00:00"),
            ("2026-07-01T14:30", "2026-07-01T12:30:00+00:00"),
            ("2026-07-01T14:30:00Z", "2026-07-01T14:30:00+00:00"),
            ("2026-07-01T14:30:00+00:00", "2026-07-01T14:30:00+00:00"),
        ] {
            assert_eq!(instant(text).unwrap().to_rfc3339(), read, "{text}");
        }
        assert_eq!(instant("hier"), Err(Unclear::No));
        assert_eq!(
            instant("29/03/2026 02:30"),
            Err(Unclear::Clock),
            "no clock showed it"
        );
        assert_eq!(
            instant("25/10/2026 02:30"),
            Err(Unclear::Clock),
            "clocks showed it twice"
        );
    }

    #[test]
    fn months_are_read_in_words_and_from_the_day_that_a_spreadsheet_made_of_them() {
        for text in ["2026-03", "03/2026", "3/2026", "mars 2026", "Mars-2026"] {
            let (month, restored) = month(text).unwrap();
            assert_eq!(
                (month.to_string().as_str(), restored),
                ("2026-03", false),
                "{text}"
            );
        }
        assert_eq!(month("février 2026").unwrap().0.to_string(), "2026-02");
        assert_eq!(month("févr 2026").unwrap().0.to_string(), "2026-02");
        let (from_day, restored) = month("01/03/2026").unwrap();
        assert_eq!((from_day.to_string().as_str(), restored), ("2026-03", true));
        for wrong in ["15/03/2026", "mars", "mars-26", "13/2026", "2026", "202603"] {
            assert_eq!(month(wrong), None, "{wrong}");
        }
    }
}
