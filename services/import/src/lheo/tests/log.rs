//! A log that admits what the rules admit, and what it has heard of catalogues.

use std::sync::Arc;

use chrono::Duration;
use parcours_model::streams::Fact;
use parcours_model::{Event, EventKey, InMemory, StreamId, Submission};

use super::*;
use crate::lheo::{Known, Left, Options, Seen, additions, withdrawal};

#[derive(Default)]
pub(super) struct Log {
    pub(super) facts: InMemory,
    pub(super) known: Known,
}

pub(super) fn options() -> Options {
    Options::on(as_of())
}

impl Log {
    /// The types of the events that importing `formation` adds.
    pub(super) fn import(&mut self, formation: &Formation) -> Vec<&'static str> {
        self.import_on(formation, &options())
    }

    pub(super) fn import_on(&mut self, formation: &Formation, options: &Options) -> Vec<&'static str> {
        let submissions = additions(formation, &|stream| self.facts.stream(stream), options).submissions;
        submissions
            .into_iter()
            .map(|submission| self.append(submission))
            .collect()
    }

    /// What a catalogue of these formations says to somebody who knows the log.
    pub(super) fn read(&self, formations: &str) -> Vec<Formation> {
        let xml = format!("<lheo><offres>{formations}</offres></lheo>");
        Catalogue::open(xml.as_bytes(), as_of())
            .unwrap()
            .knowing(Arc::new(self.known.clone()))
            .map(Result::unwrap)
            .collect()
    }

    /// Imports a catalogue of these formations: the types of the events that it adds, and what it no longer lists.
    pub(super) fn import_all(&mut self, formations: &str) -> (Vec<&'static str>, Vec<Left>) {
        let (mut added, mut seen, known) = (Vec::new(), Seen::default(), self.known.clone());
        for formation in self.read(formations) {
            let additions = additions(&formation, &|stream| self.facts.stream(stream), &options());
            seen.add(&formation, &additions);
            added.extend(
                additions
                    .submissions
                    .into_iter()
                    .map(|submission| self.append(submission)),
            );
        }
        assert!(seen.is_whole());
        (added, seen.left(&known, as_of().date_naive(), true))
    }

    /// Withdraws a session that left: the type of the event, and how many hold a place in it.
    pub(super) fn withdraw(&mut self, left: &Left) -> Option<(&'static str, usize)> {
        let stream = StreamId::new(parcours_model::StreamKind::Session, left.session);
        let withdrawal = withdrawal(left, self.facts.stream(stream).unwrap(), &options())?;
        Some((self.append(withdrawal.submission), withdrawal.holders))
    }

    pub(super) fn append(&mut self, submission: Submission) -> &'static str {
        let event = submission.event;
        let kind = event.fact.type_name();
        let admitted = self.facts.submit(&[&event], as_of() + Duration::days(30));
        admitted.unwrap_or_else(|refused| panic!("{event:?} was not admitted: {refused}"));
        self.known.learn(&event);
        kind
    }

    /// Somebody else states a fact.
    pub(super) fn state(&mut self, stream: StreamId, time: &str, fact: impl Into<Fact>) {
        let key = EventKey::new("urn:region:28", format!("{stream}@{time}"));
        self.append(Submission::new(Event {
            key,
            stream,
            time: time.parse().unwrap(),
            fact: fact.into(),
        }));
    }

    /// A fact as the log itself writes it, behind the rules.
    pub(super) fn keep(&mut self, stream: StreamId, time: &str, fact: impl Into<Fact>) {
        let event = Event {
            key: EventKey::new("urn:region:28#places", format!("{stream}@{time}")),
            stream,
            time: time.parse().unwrap(),
            fact: fact.into(),
        };
        self.facts.keep(event, as_of());
    }

    pub(super) fn last(&self, stream: StreamId) -> &Fact {
        self.facts
            .stream(stream)
            .unwrap()
            .effective()
            .last()
            .unwrap()
            .fact
    }
}
