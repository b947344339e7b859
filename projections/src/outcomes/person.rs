//! What became of one person, told as it became known and came to be.
//!
//! After each record that can matter, what stands is compared with what partners were told last: a new fact is an
//! outcome, another content of the same fact a correction, a fact that is gone a retraction. Who hears of a fact
//! follows from its [`Route`]: when that changes, it is taken back from where it was told, and told anew elsewhere.
//!
//! A fact stands from its time on. Where some were recorded ahead of theirs, the same is done between two records, and
//! after the last, at each moment in which one of them begins to stand. Whether such a moment has come is not asked here.

use chrono::{DateTime, Utc};
use parcours_model::streams::parcours::{Consent, Fact, Purpose};
use parcours_model::{Fact as AnyFact, History, Record};

use super::cause::Cause;
use super::key::moment;
use super::{Document, Key, Outcome, OutcomeKind, OutcomeRow};
use standing::{Route, consents, standing};

mod standing;
use crate::{Indigestible, Output};

pub(super) fn fold(history: &History, output: &mut Output) -> Result<(), Indigestible> {
    if !may_be_told(history) {
        return Ok(());
    }
    let mut known = History::new(history.stream());
    let mut telling = Telling::default();
    for record in history.records() {
        if !matters(&record.event.fact) || amends_what_does_not(record, &known) {
            continue;
        }
        telling.wait(&known, Some(record.recorded));
        known
            .push(record.clone())
            .map_err(|wrong| Indigestible::new(record, format!("{wrong:?}")))?;
        telling.hear(&known, record);
    }
    telling.wait(&known, None);
    telling
        .messages
        .iter()
        .try_for_each(|(message, until)| message.write(*until, output))
}

/// Whether there ever was a consent for partners. Nearly half of all parcours have none, and cost one look at each record.
fn may_be_told(history: &History) -> bool {
    let (mut given, mut corrected, mut partners) = (false, false, false);
    for record in history.records() {
        match &record.event.fact {
            AnyFact::Parcours(Fact::ConsentGiven(Consent { purpose })) => {
                given = true;
                partners |= *purpose == Purpose::Partners;
            }
            AnyFact::Parcours(Fact::Corrected(_)) => corrected = true,
            _ => {}
        }
    }
    // A consent may have been corrected into one for partners.
    partners || (given && corrected)
}

/// Whether a record can change what is told.
fn matters(fact: &AnyFact) -> bool {
    use Fact::*;
    matches!(
        fact,
        AnyFact::Parcours(
            Oriented(_)
                | Admitted(_)
                | Started(_)
                | CertificationObtained(_)
                | Exited(_)
                | EmploymentStartedV1(_)
                | EmploymentStarted(_)
                | EmploymentEnded(_)
                | BusinessCreated(_)
                | FollowupAnswered(_)
                | ConsentGiven(_)
                | ConsentWithdrawn(_)
                | Corrected(_)
                | Annulled(_)
        )
    )
}

/// Whether a record corrects or annuls one that was passed over.
fn amends_what_does_not(record: &Record, known: &History) -> bool {
    record
        .event
        .fact
        .amends()
        .is_some_and(|named| known.find(&named).is_none())
}

/// Whether a record tells of something that is still to come.
fn is_ahead(record: &Record) -> bool {
    match &record.event.fact {
        AnyFact::Parcours(Fact::Corrected(corrected)) => {
            corrected.time.is_some_and(|time| time > record.recorded)
        }
        AnyFact::Parcours(Fact::Annulled(_)) => false,
        _ => record.event.time > record.recorded,
    }
}

/// A fact as partners know it.
struct Told {
    /// The revision of the record that stated the fact.
    revision: u64,
    route: Route,
    outcome: Outcome,
    /// The message that told it last.
    key: Key,
}

#[derive(Default)]
struct Telling {
    consented: bool,
    told: Vec<Told>,
    /// Where anything was told since the consent.
    reached: Vec<Route>,
    /// Each with the moment from which on it may not be told any more, where there is one.
    messages: Vec<(OutcomeRow, Option<DateTime<Utc>>)>,
    /// The key of the last message, whether or not it is there any more.
    last: Option<Key>,
    /// The record heard last.
    heard: Option<Cause>,
    /// Whether any record heard was ahead of its time. Nearly no parcours has one, and then no moment is looked for.
    has_ahead: bool,
}

impl Telling {
    /// A record has become known.
    fn hear(&mut self, known: &History, record: &Record) {
        let cause = Cause::of(record);
        self.heard = Some(cause);
        self.has_ahead |= is_ahead(record);
        if self.has_ahead {
            // What may not be told any more is not kept any more, now that the log has come so far.
            self.messages.retain(|(_, until)| until.is_none());
        }
        let may_bear_on_consent = matches!(
            record.event.fact,
            AnyFact::Parcours(
                Fact::ConsentGiven(_) | Fact::ConsentWithdrawn(_) | Fact::Corrected(_) | Fact::Annulled(_)
            )
        );
        if may_bear_on_consent || self.has_ahead {
            self.tell(known, cause, consents(known, cause.instant()));
        } else {
            self.tell(known, cause, self.consented);
        }
    }

    /// Goes through the moments up to `until`, or through all there are, in which what is known begins to act.
    fn wait(&mut self, known: &History, until: Option<DateTime<Utc>>) {
        let Some(heard) = self.heard.filter(|_| self.has_ahead) else {
            return;
        };
        let mut instant = heard.instant();
        let after = |instant| {
            let next = known.effective().find(|fact| fact.time > instant)?;
            Some(moment(next.time)).filter(|moment| until.is_none_or(|until| *moment <= until))
        };
        while let Some(moment) = after(instant) {
            self.tell(known, heard.at(moment), consents(known, moment));
            instant = moment;
        }
    }

    /// Tells what is to be told, now that there is or is not a consent.
    fn tell(&mut self, known: &History, cause: Cause, consented: bool) {
        let before = std::mem::replace(&mut self.consented, consented);
        match (before, consented) {
            (_, true) => self.compare(known, cause),
            (true, false) => self.forget(known, cause),
            (false, false) => {}
        }
    }

    /// Tells what has changed.
    fn compare(&mut self, known: &History, cause: Cause) {
        let (route, standing) = standing(known, cause.instant());
        let mut before = std::mem::take(&mut self.told);
        before.retain(|told| {
            let stands =
                route == Some(told.route) && standing.iter().any(|(revision, _)| *revision == told.revision);
            if !stands {
                let document = Document::Retraction {
                    replaces: told.key,
                    at: cause.instant(),
                };
                self.message(known, cause, told.route, told.outcome.what.kind(), document);
            }
            stands
        });
        let Some(route) = route else { return };
        for (revision, outcome) in standing {
            let earlier = before.iter().position(|told| told.revision == revision);
            let earlier = earlier.map(|place| before.swap_remove(place));
            let told = match earlier {
                Some(told) if told.outcome == outcome => told,
                earlier => {
                    let document = Document::Outcome(Outcome {
                        replaces: earlier.map(|told| told.key),
                        ..outcome.clone()
                    });
                    Told {
                        revision,
                        route,
                        key: self.message(known, cause, route, outcome.what.kind(), document),
                        outcome,
                    }
                }
            };
            self.told.push(told);
        }
    }

    /// The consent is withdrawn: nothing of what it allowed remains but the notice, wherever it was told. What is withdrawn
    /// at a moment may be told until then.
    fn forget(&mut self, known: &History, cause: Cause) {
        self.told.clear();
        let is_notice = |message: &OutcomeRow| message.kind == OutcomeKind::Forget;
        if cause.is_moment() {
            let told = self
                .messages
                .iter_mut()
                .filter(|(message, _)| !is_notice(message));
            told.for_each(|(_, until)| {
                until.get_or_insert(cause.instant());
            });
        } else {
            self.messages.retain(|(message, _)| is_notice(message));
        }
        for route in std::mem::take(&mut self.reached) {
            let document = Document::Forget { at: cause.instant() };
            self.message(known, cause, route, OutcomeKind::Forget, document);
        }
    }

    /// Adds a message to the list; answers its name.
    fn message(
        &mut self,
        known: &History,
        cause: Cause,
        route: Route,
        kind: OutcomeKind,
        document: Document,
    ) -> Key {
        let key = cause.next(self.last);
        self.last = Some(key);
        if kind != OutcomeKind::Forget && !self.reached.contains(&route) {
            self.reached.push(route);
        }
        let message = OutcomeRow {
            told: cause.told(key),
            key,
            kind,
            commune: Some(route.commune),
            operator: route.operator,
            parcours: Some(known.stream().uuid),
            trainee: Some(route.trainee),
            session: None,
            document,
        };
        self.messages.push((message, None));
        key
    }
}

#[cfg(test)]
mod tests;
