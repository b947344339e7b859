//! `as_of`: the log as it was known at a moment.

use crate::freshness;
use crate::state::ApiState;
use chrono::{DateTime, Utc};
use parcours_http::problem::{Problem, kinds};
use parcours_log::{Entry, Known, Log, Unknowable};
use parcours_model::{Record, Words, calendar};
use parcours_projections::territory;
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;
use std::sync::Arc;

/// A moment in what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AsOf(parcours_log::AsOf);

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        // A `+` that is not percent-encoded arrives as a space.
        let moment = text.replace(' ', "+").parse();
        moment.map(AsOf).map_err(D::Error::custom)
    }
}

impl AsOf {
    /// Looks up what had been recorded by then.
    pub async fn resolve(self, log: &Log) -> Result<Known, Problem> {
        let known = self.0.resolve(&log.reader(), Utc::now()).await;
        known.map_err(|unknowable| match unknowable {
            Unknowable::Ahead(moment) => invalid(Words::new(
                format!("{moment} is yet to come."),
                format!("{moment} est encore à venir."),
            )),
            Unknowable::NoEntry(position) => invalid(Words::new(
                format!("The log has no entry at position {position} yet."),
                format!("Le journal n'a pas encore d'entrée à la position {position}."),
            )),
            Unknowable::Log(error) => error.into(),
        })
    }
}

/// What is known as of a moment, or now, once the view knows all of it.
pub(crate) async fn known(
    state: &ApiState,
    as_of: Option<AsOf>,
    view: &str,
) -> Result<territory::AsOf, Problem> {
    let Some(as_of) = as_of else {
        return Ok(territory::AsOf {
            size: None,
            instant: Utc::now(),
        });
    };
    let known = as_of.resolve(&state.log).await?;
    if let Some(last) = known.size.checked_sub(1) {
        freshness::of_view(state, view, Some(last)).await?;
    }
    Ok(territory::AsOf {
        size: Some(known.size),
        instant: known.instant,
    })
}

/// An instant of the day of `now` as of which exactly the first `size` entries of the log were known: that of the last of
/// them, or the beginning of the day. The same question as of that instant has the same answer.
pub(crate) async fn known_since(
    state: &ApiState,
    size: u64,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Problem> {
    let today = calendar::midnight(calendar::day(now));
    let last = match size.checked_sub(1) {
        Some(last) => state.log.recorded(last).await?,
        None => None,
    };
    Ok(last.map_or(today, |last| last.max(today)))
}

/// Reads an entry of the log.
pub(crate) fn decode(entry: &Entry) -> Result<Arc<Record>, Problem> {
    entry
        .record()
        .map_err(|unreadable| parcours_log::LogError::from(unreadable).into())
}

fn invalid(detail: Words) -> Problem {
    Problem::new(&kinds::INVALID_PARAMETER, detail).field("as_of")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::de::value::StrDeserializer;

    fn read(text: &str) -> Option<AsOf> {
        AsOf::deserialize(StrDeserializer::<serde::de::value::Error>::new(text)).ok()
    }

    #[test]
    fn a_plus_that_came_as_a_space_is_one() {
        assert_eq!(read("2026-03-01T01:00:00 01:00"), read("2026-03-01T00:00:00Z"));
        assert!(read("2026-03-01T01:00:00 01:00").is_some());
        assert!(read("2026-03-01").is_some());
        assert_eq!(read("yesterday"), None);
    }
}
