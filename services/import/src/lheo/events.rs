//! From what a catalogue says to the events that the log lacks.
//!
//! # Importing twice changes nothing
//! The names of streams are of what the catalogue calls things ([`super::identity`]), and an event is made only where the
//! catalogue says something new ([`super::said`]). Its id is of what it states and of the statement before it, so the same
//! file makes the same events, even in two imports at once: the second finds a duplicate.
//!
//! # When it happened
//! A session opens for enrolment a year before it begins, or earlier where the catalogue says so: a catalogue is often
//! younger than its sessions, and admissions that are known already must find them open. An offer is published when the
//! first of its sessions opens, its operator registered then too. A change takes effect when the catalogue says that it was
//! made (`horodatage-modification`, `datemaj`), else at the import's date. Nothing lies after the import's date. So times
//! come from the file, save where it says nothing; and then a second import finds nothing new.
//!
//! # What is not said
//! An offer that a catalogue no longer lists is not withdrawn: catalogues are partial. A session without places gets the
//! default, and keeps it until a catalogue states some. An offer without hours has 0 minutes.

mod session;

use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use parcours_model::calendar::{day, midnight};
use parcours_model::codes::{Minutes, Siret};
use parcours_model::streams::{Fact, StreamKind, offer, operator};
use parcours_model::{Event, EventKey, History, StreamId, Submission};

use super::formation::{Formation, Offer, Operator, Session};
use super::identity;
use super::note::Note;
use super::said::{FROM_A_CATALOGUE, Said};

/// The places of a session whose catalogue does not say: a group of a usual size. No standard says so; an import's
/// report gives the number of sessions it was used for.
pub const DEFAULT_CAPACITY: u32 = 12;

/// How long before its first day a session is open for enrolment, in days.
const ENROLMENT: Days = Days::new(365);

/// What an import is told.
#[derive(Clone, Debug)]
pub struct Options {
    /// Dates what the catalogue does not; never later than now.
    pub as_of: DateTime<Utc>,
    /// The places of a session whose catalogue does not say.
    pub capacity: u32,
    /// The `source` of the events; without it each operator's own, `urn:siret:…`.
    pub source: Option<Arc<str>>,
}

impl Options {
    /// As of the day of `now`: two imports of one day make the very same events.
    pub fn on(now: DateTime<Utc>) -> Self {
        Options {
            as_of: midnight(day(now)),
            capacity: DEFAULT_CAPACITY,
            source: None,
        }
    }

    /// An event that states this, after the statement `previous` of its stream, in the name of the operator.
    pub(super) fn submission(
        &self,
        stream: StreamId,
        operator: Siret,
        previous: &str,
        time: DateTime<Utc>,
        fact: Fact,
    ) -> Submission {
        let id = format!("{FROM_A_CATALOGUE}{}", identity::event(stream, previous, &fact));
        let source = self.source.clone();
        let source = source.unwrap_or_else(|| format!("urn:siret:{operator}").into());
        Submission::new(Event {
            key: EventKey::new(source, id),
            stream,
            time,
            fact,
        })
    }
}

/// What one formation adds to the log.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    /// The events, each stream's in order; independent of each other but for that.
    pub submissions: Vec<Submission>,
    /// What the catalogue says and the log does not take, with its reason.
    pub left: Vec<Note>,
}

impl Formation {
    /// The streams it speaks of: those whose histories [`additions`] compares it with.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        let operator = self
            .operator
            .iter()
            .map(|operator| StreamId::new(StreamKind::Operator, operator.key));
        let offers = self
            .offers
            .iter()
            .map(|offer| StreamId::new(StreamKind::Offer, offer.key));
        let sessions = self
            .sessions
            .iter()
            .map(|session| StreamId::new(StreamKind::Session, session.key));
        operator.chain(offers).chain(sessions)
    }
}

/// What the log has of a stream; nothing of one to which nothing has happened.
pub type Known<'a> = dyn Fn(StreamId) -> Option<&'a History> + 'a;

/// The events by which the log comes to know what `formation` says. A stream that `known` does not know is taken as new.
pub fn additions<'a>(formation: &'a Formation, known: &'a Known<'a>, options: &'a Options) -> Additions {
    let mut making = Making {
        formation,
        known,
        options,
        additions: Additions::default(),
    };
    if let Some(operator) = &formation.operator {
        making.operator(operator);
    }
    for offer in &formation.offers {
        if !making.offer(offer) {
            continue;
        }
        for session in formation
            .sessions
            .iter()
            .filter(|session| session.offer == offer.key)
        {
            making.session(session, offer);
        }
    }
    making.additions
}

struct Making<'a> {
    formation: &'a Formation,
    known: &'a Known<'a>,
    options: &'a Options,
    additions: Additions,
}

impl<'a> Making<'a> {
    fn operator(&mut self, operator: &Operator) {
        let stream = StreamId::new(StreamKind::Operator, operator.key);
        let said = Said::of(self.known(stream), |fact| match fact {
            Fact::Operator(operator::Fact::Registered(registered)) => Some(registered.clone()),
            _ => None,
        });
        let registered = operator::Registered {
            siret: operator.siret,
            name: operator.name.clone(),
            // A code of yesterday is the same place.
            commune: said
                .stands()
                .map(|before| before.commune)
                .filter(|before| before.current_on(day(self.options.as_of)) == operator.commune)
                .unwrap_or(operator.commune),
            // No catalogue says it, so none takes it away.
            qualiopi_until: said.stands().and_then(|before| before.qualiopi_until),
        };
        if said.is_new(&registered) {
            let time = match said.stands() {
                None => self
                    .formation
                    .offers
                    .iter()
                    .map(|offer| self.published(offer))
                    .min(),
                Some(_) => None,
            };
            let time = time.unwrap_or_else(|| said.changed(None, self.options.as_of));
            let fact = operator::Fact::Registered(registered);
            self.state(None, stream, operator.siret, &said.previous(), time, fact);
        }
    }

    /// Whether the offer stands, so that sessions of it may be held.
    fn offer(&mut self, offer: &Offer) -> bool {
        let stream = StreamId::new(StreamKind::Offer, offer.key);
        let history = self.known(stream);
        if holds(history, |fact| {
            matches!(fact, Fact::Offer(offer::Fact::Withdrawn(_)))
        }) {
            self.leave(
                self.formation.line,
                None,
                "the offer was withdrawn: one that comes back needs another number",
            );
            return false;
        }
        let said = Said::of(history, |fact| match fact {
            Fact::Offer(offer::Fact::Published(offer) | offer::Fact::Revised(offer)) => Some(offer.clone()),
            _ => None,
        });
        let now = Box::new(offer::Offer {
            operator: offer.operator,
            title: offer.title.clone(),
            objective: offer.objective.clone(),
            rome: offer.rome.clone(),
            rncp: offer.rncp,
            rs: offer.rs,
            formacode: offer.formacode.clone(),
            certifying: offer.certifying,
            aim: offer.aim,
            level: offer.level,
            entry_level: offer.entry_level,
            minutes: offer.minutes.unwrap_or(Minutes::MIN),
            mode: offer.mode,
        });
        if said.is_new(&now) && !(offer.again && said.stands().is_some()) {
            let (time, fact) = match said.stands() {
                None => (self.published(offer), offer::Fact::Published(now)),
                Some(_) => (
                    said.changed(offer.dated.updated, self.options.as_of),
                    offer::Fact::Revised(now),
                ),
            };
            let stated = self.state(None, stream, offer.operator, &said.previous(), time, fact);
            return stated || said.stands().is_some();
        }
        true
    }

    fn opened(&self, session: &Session) -> DateTime<Utc> {
        let enrolment = session.from.checked_sub_days(ENROLMENT).unwrap_or(session.from);
        let said = session
            .dated
            .created
            .into_iter()
            .chain(session.enrol_from.map(midnight));
        said.chain([midnight(enrolment), self.options.as_of])
            .min()
            .unwrap_or(self.options.as_of)
    }

    fn published(&self, offer: &Offer) -> DateTime<Utc> {
        let sessions = self
            .formation
            .sessions
            .iter()
            .filter(|session| session.offer == offer.key);
        let opened = sessions.map(|session| self.opened(session));
        let said = offer.dated.created.or(offer.dated.updated);
        opened
            .chain(said)
            .chain([self.options.as_of])
            .min()
            .unwrap_or(self.options.as_of)
    }

    fn known(&self, stream: StreamId) -> Option<&'a History> {
        (self.known)(stream)
    }

    /// Makes the event, if its fact may come in; whether it does.
    fn state(
        &mut self,
        session: Option<&Session>,
        stream: StreamId,
        operator: Siret,
        previous: &str,
        time: DateTime<Utc>,
        fact: impl Into<Fact>,
    ) -> bool {
        let fact = fact.into();
        if let Err(misfit) = fact.judge() {
            let line = session.map_or(self.formation.line, |session| session.line);
            self.leave(line, session, &format!("{}: {}", misfit.field, misfit.detail));
            return false;
        }
        let submission = self.options.submission(stream, operator, previous, time, fact);
        self.additions.submissions.push(submission);
        true
    }

    fn leave(&mut self, line: u64, session: Option<&Session>, reason: &str) {
        self.additions.left.push(Note {
            line,
            formation: self.formation.number.clone(),
            action: None,
            session: session.map(|session| session.number.clone()),
            reason: reason.to_owned(),
        });
    }
}

fn holds(history: Option<&History>, what: impl Fn(&Fact) -> bool) -> bool {
    history.is_some_and(|history| history.effective().any(|fact| what(fact.fact)))
}
