//! What a catalogue says of a session, against what the log holds of it.

use chrono::NaiveDate;
use parcours_model::codes::Commune;
use parcours_model::streams::{Fact, StreamKind, session};
use parcours_model::{History, StreamId, calendar};

use super::{Making, holds};
use crate::lheo::formation::{Offer, Session};
use crate::lheo::said::Said;

impl Making<'_> {
    pub(super) fn session(&mut self, session: &Session, offer: &Offer) {
        let stream = StreamId::new(StreamKind::Session, session.key);
        let history = self.known(stream);
        let opened = history
            .into_iter()
            .flat_map(History::effective)
            .find_map(|fact| match fact.fact {
                Fact::Session(session::Fact::Opened(opened)) => Some(opened.clone()),
                _ => None,
            });
        let Some(opened) = opened else {
            return self.open(stream, session, offer);
        };
        if holds(history, |fact| {
            matches!(fact, Fact::Session(session::Fact::Cancelled(_)))
        }) {
            let reason = "the session was cancelled: one that is held after all needs another number";
            return self.leave(session.line, Some(session), reason);
        }
        self.compare(&opened, session);
        self.reschedule(stream, history, session, offer);
        self.resize(stream, history, session, offer);
    }

    fn open(&mut self, stream: StreamId, session: &Session, offer: &Offer) {
        let fact = session::Fact::Opened(session::Opened {
            offer: session.offer,
            commune: session.commune,
            from: session.from,
            to: session.to,
            entry: session.entry,
            capacity: session.capacity.unwrap_or(self.options.capacity),
            enrol_until: self.enrol_until(session, None),
        });
        self.state(
            Some(session),
            stream,
            offer.operator,
            "",
            self.opened(session),
            fact,
        );
    }

    /// The vocabulary knows no event for these.
    fn compare(&mut self, opened: &session::Opened, session: &Session) {
        let now = |commune: Commune, day| commune.current_on(day);
        let changes = [
            (
                "place",
                now(opened.commune, opened.from) != now(session.commune, session.from),
            ),
            ("way of entry", opened.entry != session.entry),
        ];
        for (what, _) in changes.into_iter().filter(|(_, changed)| *changed) {
            let reason =
                format!("the session was opened with another {what}: with this one it needs another number");
            self.leave(session.line, Some(session), &reason);
        }
    }

    fn reschedule(&mut self, stream: StreamId, history: Option<&History>, session: &Session, offer: &Offer) {
        type Dates = (NaiveDate, NaiveDate, Option<NaiveDate>);
        let said = Said::<Dates>::of(history, |fact| match fact {
            Fact::Session(session::Fact::Opened(dates)) => Some((dates.from, dates.to, dates.enrol_until)),
            Fact::Session(session::Fact::Rescheduled(dates)) => {
                Some((dates.from, dates.to, dates.enrol_until))
            }
            _ => None,
        });
        let Session {
            mut from,
            mut to,
            assumed,
            ..
        } = *session;
        if let Some((known_from, known_to, _)) = said.stands() {
            from = if assumed.from { *known_from } else { from };
            to = if assumed.to { from.max(*known_to) } else { to };
        }
        let enrol_until = self.enrol_until(session, said.stands().and_then(|(.., until)| *until));
        if said.is_new(&(from, to, enrol_until)) {
            let time = said.changed(session.dated.updated, self.options.as_of);
            let fact = session::Fact::Rescheduled(session::Rescheduled {
                from,
                to,
                enrol_until,
            });
            self.state(
                Some(session),
                stream,
                offer.operator,
                &said.previous(),
                time,
                fact,
            );
        }
    }

    /// The last day of enrolment. A session that the catalogue calls closed was closed on the day before it said so, if
    /// enrolment had not ended until then.
    fn enrol_until(&self, session: &Session, stands: Option<NaiveDate>) -> Option<NaiveDate> {
        if !session.closed {
            return session.enrol_until;
        }
        let today = calendar::day(self.options.as_of);
        if stands.is_some_and(|until| until < today) {
            return stands;
        }
        let said_on = session.dated.updated.map_or(today, calendar::day).min(today);
        let before = said_on.pred_opt().unwrap_or(said_on);
        Some(session.enrol_until.map_or(before, |until| until.min(before)))
    }

    fn resize(&mut self, stream: StreamId, history: Option<&History>, session: &Session, offer: &Offer) {
        let Some(capacity) = session.capacity else { return };
        let said = Said::of(history, |fact| match fact {
            Fact::Session(session::Fact::Opened(opened)) => Some(opened.capacity),
            Fact::Session(session::Fact::CapacityChanged(changed)) => Some(changed.capacity),
            _ => None,
        });
        if said.is_new(&capacity) {
            let time = said.changed(session.dated.updated, self.options.as_of);
            let fact = session::Fact::CapacityChanged(session::CapacityChanged { capacity });
            self.state(
                Some(session),
                stream,
                offer.operator,
                &said.previous(),
                time,
                fact,
            );
        }
    }
}
