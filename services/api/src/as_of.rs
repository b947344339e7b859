//! `as_of`: the log as it was known at a moment.

use chrono::{DateTime, Utc};
use parcours_http::problem::{Problem, kinds};
use parcours_log::{Entry, Log};
use parcours_model::{Record, Words};
use serde::de::{Deserialize, Deserializer, Error};
use std::borrow::Cow;
use std::sync::Arc;

/// A moment in what was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AsOf {
    /// Once the entry at this position was recorded.
    Position(u64),
    /// At this instant.
    Instant(DateTime<Utc>),
}

/// What had been recorded by a moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// The number of entries of the log.
    pub size: u64,
    /// The instant.
    pub instant: DateTime<Utc>,
}

impl<'de> Deserialize<'de> for AsOf {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        if let Ok(position) = text.parse() {
            return Ok(AsOf::Position(position));
        }
        // A `+` that is not percent-encoded arrives as a space.
        let instant = DateTime::parse_from_rfc3339(&text.replace(' ', "+"));
        instant
            .map(|instant| AsOf::Instant(instant.to_utc()))
            .map_err(|_| D::Error::custom(no_moment(&text)))
    }
}

fn no_moment(text: &str) -> Words {
    Words::new(
        format!(
            "{text:?} is no moment: expected a position of the log, such as 12, or an RFC 3339 instant, such as 2026-03-01T00:00:00Z"
        ),
        format!(
            "« {text} » n'est pas un moment : il faut une position du journal, par exemple 12, ou un instant (RFC 3339), par exemple 2026-03-01T00:00:00Z"
        ),
    )
}

impl AsOf {
    /// Looks up what had been recorded by then.
    pub async fn resolve(self, log: &Log) -> Result<Known, Problem> {
        match self {
            AsOf::Instant(instant) if instant > Utc::now() && !is_recorded(log, instant).await? => {
                Err(invalid(Words::new(
                    format!("{instant} is yet to come."),
                    format!("{instant} est encore à venir."),
                )))
            }
            AsOf::Instant(instant) => Ok(Known {
                size: log.size_at(instant).await?,
                instant,
            }),
            AsOf::Position(position) => {
                let entries = log.read(position, 1).await?;
                let Some(entry) = entries.first() else {
                    return Err(invalid(Words::new(
                        format!("The log has no entry at position {position} yet."),
                        format!("Le journal n'a pas encore d'entrée à la position {position}."),
                    )));
                };
                Ok(Known {
                    size: position + 1,
                    instant: decode(entry)?.recorded,
                })
            }
        }
    }
}

/// Whether the log has come to an instant, though the clock has not: some clock was ahead.
async fn is_recorded(log: &Log, instant: DateTime<Utc>) -> Result<bool, Problem> {
    Ok(log.head().await?.recorded >= Some(instant))
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
    fn a_moment_is_a_position_or_an_instant() {
        let instant = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(read("12"), Some(AsOf::Position(12)));
        assert_eq!(read("2026-03-01T00:00:00Z"), Some(AsOf::Instant(instant)));
        assert_eq!(read("2026-03-01T01:00:00 01:00"), Some(AsOf::Instant(instant)));
        assert_eq!(read("yesterday"), None);
        assert_eq!(read("2026-03-01"), None);
    }
}
