//! Facts have happened; a day is left for clocks that disagree.

use super::{Refusal, Rule, beyond_one_history};
use crate::event::Event;
use crate::streams::{Fact, parcours};
use chrono::{DateTime, TimeDelta, Utc};

pub(super) const NOT_IN_THE_FUTURE: Rule = Rule {
    code: "not-in-the-future",
    english: "An event is dated at most one day ahead of the clock",
    french: "Un événement est daté au plus un jour après l'heure de l'horloge",
    check: beyond_one_history,
};

/// Refuses an event, or the new time of a correction, more than one day ahead of `now`.
pub(super) fn check(event: &Event, now: DateTime<Utc>) -> Result<(), Refusal> {
    let latest = now + TimeDelta::days(1);
    let corrected = match &event.fact {
        Fact::Parcours(parcours::Fact::Corrected(correction)) => correction.time,
        _ => None,
    };
    let future = [("time", Some(event.time)), ("data.time", corrected)]
        .into_iter()
        .find_map(|(field, time)| time.filter(|time| *time > latest).map(|time| (field, time)));
    match future {
        None => Ok(()),
        Some((field, time)) => {
            let (time, now) = (time.to_rfc3339(), now.to_rfc3339());
            Err(Refusal::by(&NOT_IN_THE_FUTURE)
                .because(
                    &format!("It says {time}; the clock says {now}."),
                    &format!("Il indique {time} ; l'horloge indique {now}."),
                )
                .field(field))
        }
    }
}
