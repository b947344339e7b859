//! What the log holds already of something that a catalogue speaks of.

use chrono::{DateTime, TimeDelta, Utc};
use parcours_model::streams::Fact;
use parcours_model::{EventId, History};

/// Before the id of every event that comes from a catalogue.
pub(super) const FROM_A_CATALOGUE: &str = "lheo:";

/// What was said of one thing (an offer, the dates of a session) so far.
///
/// A catalogue repeats itself at each export, and others may have changed the thing since; so what counts is whether the
/// catalogue says something *new*, not whether it says something else than what stands.
#[derive(Debug)]
pub(super) struct Said<T> {
    /// The last a catalogue said, and the id of the event that says so.
    by_catalogue: Option<(T, EventId)>,
    /// What stands, and since when.
    stands: Option<(T, DateTime<Utc>)>,
}

impl<T: PartialEq> Said<T> {
    /// Reads a history; `statement` is what a fact says of the thing, if it does.
    pub(super) fn of(history: Option<&History>, statement: impl Fn(&Fact) -> Option<T>) -> Self {
        let mut said = Said {
            by_catalogue: None,
            stands: None,
        };
        let Some(history) = history else { return said };
        for fact in history.effective() {
            said.stands = statement(fact.fact).map(|what| (what, fact.time)).or(said.stands);
        }
        for record in history.records() {
            let id = &record.event.key.id;
            if id.read(|id| id.starts_with(FROM_A_CATALOGUE)) {
                said.by_catalogue = statement(&record.event.fact)
                    .map(|what| (what, id.clone()))
                    .or(said.by_catalogue);
            }
        }
        said
    }

    pub(super) fn stands(&self) -> Option<&T> {
        self.stands.as_ref().map(|(what, _)| what)
    }

    pub(super) fn is_new(&self, what: &T) -> bool {
        let repeated = self
            .by_catalogue
            .as_ref()
            .is_some_and(|(before, _)| before == what);
        !repeated && self.stands() != Some(what)
    }

    /// What the catalogue's next statement comes after: so that A, B and A again are three events.
    pub(super) fn previous(&self) -> String {
        self.by_catalogue
            .as_ref()
            .map_or_else(String::new, |(_, id)| id.to_string())
    }

    /// When a change takes effect: when the catalogue says it was made, else at the import; and in any case after what it
    /// changes, or it would not be seen.
    pub(super) fn changed(&self, updated: Option<DateTime<Utc>>, as_of: DateTime<Utc>) -> DateTime<Utc> {
        let Some((_, since)) = self.stands else {
            return as_of;
        };
        let dates = updated
            .filter(|updated| *updated <= as_of)
            .into_iter()
            .chain([as_of]);
        dates
            .filter(|date| *date > since)
            .min()
            .unwrap_or(since + TimeDelta::seconds(1))
    }
}
