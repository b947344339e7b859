//! LHEO's dates: `AAAAMMJJ`, `AAAAMM00` for a month, `AAAA0000` for a year, `00000000` or `99999999` for "unknown".
//! Source: the pages `debut`, `fin` and `date` of the LHEO documentation.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveDateTime, Utc};
use parcours_model::calendar::midnight;

use super::element::Element;
use super::formation::Dated;
use super::number;

/// The years in which a session of today's catalogues can lie; beyond them a date is a way to say "no end".
const YEARS: std::ops::Range<i32> = 1950..2150;

/// The first day of what the date names; `None` if it is unknown.
///
/// # Errors
/// A sentence, when it is no date.
pub(super) fn first_day(text: &str) -> Result<Option<NaiveDate>, String> {
    Ok(span(text)?.map(|(first, _)| first))
}

/// The last day of what the date names; `None` if it is unknown.
///
/// # Errors
/// As above.
pub(super) fn last_day(text: &str) -> Result<Option<NaiveDate>, String> {
    Ok(span(text)?.map(|(_, last)| last))
}

fn span(text: &str) -> Result<Option<(NaiveDate, NaiveDate)>, String> {
    let wrong = || format!("\"{text}\" is not a date: expected AAAAMMJJ");
    // Some write dates as XML Schema does, with a zone or a time behind.
    let cleaned = number::cleaned(text);
    let digits: String = cleaned.chars().filter(|&c| c != '-').take(8).collect();
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    if digits == "00000000" || digits == "99999999" {
        return Ok(None);
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(&digits[..4]), number(&digits[4..6]), number(&digits[6..]));
    let date = |month, day| NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day);
    let (first, months) = match (month, day) {
        (0, 0) => (date(1, 1), 12),
        (_, 0) => (date(month, 1), 1),
        _ => (date(month, day), 0),
    };
    let first = first.ok_or_else(wrong)?;
    if first.year() >= YEARS.end {
        return Ok(None);
    }
    if first.year() < YEARS.start {
        return Err(wrong());
    }
    let last = if months == 0 {
        first
    } else {
        first + Months::new(months) - Days::new(1)
    };
    Ok(Some((first, last)))
}

/// What the innermost of the elements that says so tells of its age: in LHEO 2.3 `horodatage-creation` and
/// `horodatage-modification`, in older files `datecrea` and `datemaj`.
pub(super) fn dated(innermost_first: &[&Element]) -> Dated {
    Dated {
        created: first(innermost_first, ["horodatage-creation", "datecrea"]),
        updated: first(innermost_first, ["horodatage-modification", "datemaj"]),
    }
}

fn first(elements: &[&Element], names: [&str; 2]) -> Option<DateTime<Utc>> {
    elements
        .iter()
        .find_map(|element| names.iter().find_map(|name| instant(element.attribute(name)?)))
}

/// An instant as XML Schema writes it, or the day in LHEO's way; local times are Paris's.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc());
    }
    if let Ok(local) = text.parse::<NaiveDateTime>() {
        return Some(midnight(local.date()) + (local - local.date().and_time(chrono::NaiveTime::MIN)));
    }
    first_day(text).ok().flatten().map(midnight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(text: &str) -> (String, String) {
        let (first, last) = span(text).unwrap().unwrap();
        (first.to_string(), last.to_string())
    }

    #[test]
    fn a_month_or_a_year_is_known_by_its_first_and_last_day() {
        assert_eq!(days("20260915"), ("2026-09-15".into(), "2026-09-15".into()));
        assert_eq!(days("20240200"), ("2024-02-01".into(), "2024-02-29".into()));
        assert_eq!(days("20260000"), ("2026-01-01".into(), "2026-12-31".into()));
        assert_eq!(days("2026-09-15"), ("2026-09-15".into(), "2026-09-15".into()));
        assert_eq!(
            days("2026-09-15+02:00"),
            ("2026-09-15".into(), "2026-09-15".into())
        );
    }

    #[test]
    fn sentinels_and_ends_of_time_are_unknown() {
        for unknown in ["00000000", "99999999", "99991231", "9999-12-31"] {
            assert_eq!(span(unknown), Ok(None), "{unknown}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused_with_its_value() {
        for wrong in [
            "20260231",
            "15092026",
            "2026",
            "septembre",
            "00010101",
            "２０２６０９１５",
        ] {
            let refused = span(wrong).unwrap_err();
            assert!(refused.contains(wrong), "{refused}");
        }
    }

    #[test]
    fn the_innermost_date_counts_in_the_new_spelling_or_the_old() {
        let element = |name: &str, value: &str| Element {
            attributes: vec![(name.to_owned(), value.to_owned())],
            ..Element::default()
        };
        let session = element("datemaj", "20260115");
        let action = element("horodatage-modification", "2026-07-20T08:30:00");
        let formation = element("horodatage-modification", "2026-01-15T08:30:00+01:00");
        let as_text = |elements: &[&Element]| dated(elements).updated.unwrap().to_rfc3339();
        assert_eq!(as_text(&[&session, &action]), "2026-01-14T23:00:00+00:00");
        assert_eq!(
            as_text(&[&Element::default(), &action]),
            "2026-07-20T06:30:00+00:00"
        );
        assert_eq!(as_text(&[&formation]), "2026-01-15T07:30:00+00:00");
        assert_eq!(dated(&[&session, &action]).created, None);
    }
}
