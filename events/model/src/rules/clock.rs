//! Facts have happened; a day is left for clocks that disagree. Nothing here happened before the century began.

use super::plausible::{self, PLAUSIBLE};
use super::{Refusal, Rule, beyond_one_history};
use crate::calendar;
use crate::event::Event;
use crate::streams::{Fact, parcours};
use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};

pub(super) const NOT_IN_THE_FUTURE: Rule = Rule {
    code: "not-in-the-future",
    english: "An event is dated at most one day ahead of the clock",
    french: "Un événement est daté au plus un jour après l'heure de l'horloge",
    check: beyond_one_history,
};

/// The first day that an event may be dated: the programme is younger, and earlier dates are zeros and typing errors.
const EARLIEST: NaiveDate = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a day of the calendar");

/// Refuses an event, or the new time of a correction, that is more than one day ahead of `now` or before [`EARLIEST`].
pub(super) fn check(event: &Event, now: DateTime<Utc>) -> Result<(), Refusal> {
    let corrected = match &event.fact {
        Fact::Parcours(parcours::Fact::Corrected(correction)) => correction.time,
        _ => None,
    };
    let times = [("time", Some(event.time)), ("data.time", corrected)];
    let latest = now + TimeDelta::days(1);
    for (field, time) in times.into_iter().filter_map(|(field, time)| Some((field, time?))) {
        if time > latest {
            let (told, clock) = (shown(time), shown(now));
            return Err(Refusal::by(&NOT_IN_THE_FUTURE)
                .because(
                    &format!("It says {told}; the clock says {clock}."),
                    &format!("Il indique {told} ; l'horloge indique {clock}."),
                )
                .field(field));
        }
        if time < calendar::midnight(EARLIEST) {
            let told = shown(time);
            return Err(Refusal::by_clause(&PLAUSIBLE, &plausible::DATED)
                .because(&format!("It says {told}."), &format!("Il indique {told}."))
                .field(field));
        }
    }
    Ok(())
}

/// An instant, as exactly as a clock is read.
fn shown(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}
