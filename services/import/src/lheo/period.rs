//! When a session is held, and when one enrols.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use parcours_model::calendar;
use parcours_model::streams::session::Entry;

use super::dates;
use super::element::Element;
use super::formation::{Assumed, Dated};

/// From the first day to the last.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    /// What neither the catalogue says nor its age tells.
    pub(super) assumed: Assumed,
    /// Whether the catalogue leaves one of the days open.
    pub(super) open: bool,
}

/// A session with fixed dates has both. One that is entered at any time may lack either: it then begins when the
/// catalogue first spoke of it, and goes on to the end of the year after the catalogue last did.
///
/// # Errors
/// A sentence that names the element.
pub(super) fn read(
    session: &Element,
    entry: Entry,
    dated: Dated,
    as_of: DateTime<Utc>,
) -> Result<Period, String> {
    let day = |name: &str, day: fn(&str) -> Result<Option<NaiveDate>, String>| {
        let said = session.at(&["periode", name]).and_then(Element::value);
        said.map_or(Ok(None), day)
            .map_err(|reason| format!("periode/{name}: {reason}"))
    };
    let (debut, fin) = (day("debut", dates::first_day)?, day("fin", dates::last_day)?);
    let (from, to) = match (entry, debut, fin) {
        (_, Some(from), Some(to)) => (from, to),
        (Entry::Fixed, None, _) => return Err("periode/debut is unknown, and dates are fixed".to_owned()),
        (Entry::Fixed, _, None) => return Err("periode/fin is unknown, and dates are fixed".to_owned()),
        (Entry::Permanent, ..) => {
            let first_spoken = calendar::day(dated.created.or(dated.updated).unwrap_or(as_of));
            let from = debut.unwrap_or_else(|| first_spoken.min(fin.unwrap_or(NaiveDate::MAX)));
            let last_spoken = calendar::day(dated.updated.unwrap_or(as_of)).max(from);
            let year_after = NaiveDate::from_ymd_opt(last_spoken.year() + 1, 12, 31);
            (from, fin.or(year_after).unwrap_or(NaiveDate::MAX))
        }
    };
    if from > to {
        return Err(format!("periode ends ({to}) before it begins ({from})"));
    }
    let assumed = Assumed {
        from: debut.is_none() && dated.created.is_none(),
        to: fin.is_none() && dated.updated.is_none(),
    };
    let open = debut.is_none() || fin.is_none();
    Ok(Period {
        from,
        to,
        assumed,
        open,
    })
}

/// The first and the last day of enrolment, as far as they are known.
///
/// # Errors
/// A sentence that names the element.
pub(super) fn enrolment(session: &Element) -> Result<(Option<NaiveDate>, Option<NaiveDate>), String> {
    let day = |name: &str, day: fn(&str) -> Result<Option<NaiveDate>, String>| {
        let said = session
            .at(&["periode-inscription", "periode", name])
            .and_then(Element::value);
        said.map_or(Ok(None), day)
            .map_err(|reason| format!("periode-inscription/{name} left out: {reason}"))
    };
    Ok((day("debut", dates::first_day)?, day("fin", dates::last_day)?))
}
