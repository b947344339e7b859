//! What the events of one stream write to others, in the same atomic append.
//!
//! A parcours takes and releases places of sessions (R18), begins and ends its trainee's training (R4), and takes money for
//! aids from the year's envelope (R13). Whatever moves that in time (a late fact, a correction, an annulment) is written to
//! the other stream, so that its own history always tells what it holds. Other streams are linked in both directions.

use super::{erasure, places};
use crate::calendar;
use crate::codes::Cents;
use crate::event::{Event, EventKey};
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, envelope, need, offer, parcours, request, session, trainee};
use chrono::{DateTime, Datelike, Utc};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What a parcours does to another stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    /// Takes a place (+1), or releases it.
    Place,
    /// Begins a training (+1), or ends it.
    Training,
    /// Takes money for this aid, in cents, or gives it back.
    Aid(Uuid),
}

/// How much of it, by the stream and the instant.
pub(super) type Effects = BTreeMap<(What, StreamId, DateTime<Utc>), i64>;

/// The `source` of what the log states itself on behalf of a sender. No event that is sent can have it, so that nobody
/// takes the names of such facts before the log does.
pub fn source_of_consequences(source: &str) -> String {
    format!("{source}{CONSEQUENCES}")
}

const CONSEQUENCES: &str = "#places";

/// The event that caused what the log stated itself under this name: one that somebody can look up.
pub(super) fn cause_of(key: &EventKey) -> EventKey {
    let (source, id) = (key.source.strip_suffix(CONSEQUENCES), key.id.to_string());
    match (source, id.rsplit_once('#')) {
        (Some(source), Some((id, _))) => EventKey::new(source, id),
        _ => key.clone(),
    }
}

/// Whether only the log itself states such a fact, in one append with the event that causes it.
pub fn is_consequence(fact: &Fact) -> bool {
    use {envelope::Fact as E, offer::Fact as O, session::Fact as S, trainee::Fact as T};
    matches!(
        fact,
        Fact::Session(S::PlaceTaken(_) | S::PlaceReleased(_) | S::NeedMet(_))
            | Fact::Trainee(T::Absorbed(_) | T::Released(_) | T::TrainingBegun(_) | T::TrainingEnded(_))
            | Fact::Envelope(E::Reserved(_) | E::Released(_))
            | Fact::Offer(O::Requested(_))
    )
}

/// Whether an event of a parcours can have any effect at all; most cannot, and need no comparison.
pub(super) fn matters(fact: &Fact) -> bool {
    use parcours::Fact as P;
    matches!(
        fact,
        Fact::Parcours(
            P::Oriented(_)
                | P::Admitted(_)
                | P::Withdrawn(_)
                | P::Declined(_)
                | P::Started(_)
                | P::Exited(_)
                | P::AidGranted(_)
                | P::Corrected(_)
                | P::Annulled(_)
        )
    )
}

/// The effects of a whole history.
pub(super) fn of(history: &History) -> Effects {
    let mut effects = Effects::new();
    let mut add = |what, stream, time, amount: i64| {
        *effects.entry((what, stream, time)).or_default() += amount;
    };
    let trainee = erasure::trainee_of(history);
    let (mut holding, mut training) = (None, false);
    for fact in history.effective() {
        let now = places::after(holding, fact.fact);
        if now != holding {
            for (session, change) in [(holding, -1), (now, 1)] {
                let session = session.map(|session| StreamId::new(StreamKind::Session, session));
                session
                    .into_iter()
                    .for_each(|session| add(What::Place, session, fact.time, change));
            }
            holding = now;
        }
        match (fact.fact, trainee) {
            (Fact::Parcours(parcours::Fact::Started(_)), Some(trainee)) if !training => {
                training = true;
                add(What::Training, trainee, fact.time, 1);
            }
            (Fact::Parcours(parcours::Fact::Exited(_)), Some(trainee)) if training => {
                training = false;
                add(What::Training, trainee, fact.time, -1);
            }
            (Fact::Parcours(parcours::Fact::AidGranted(granted)), _) => {
                let envelope = StreamId::envelope(calendar::day(fact.time).year());
                let cents = super::envelope::signed(granted.cents);
                add(What::Aid(granted.aid), envelope, fact.time, cents);
            }
            _ => {}
        }
    }
    effects
}

/// The events that `cause` writes to other streams: the effects of its parcours after it, less those before it.
pub(super) fn consequences(before: Effects, after: &Effects, cause: &Event) -> Vec<Event> {
    let mut difference = after.clone();
    for (effect, amount) in before {
        *difference.entry(effect).or_default() -= amount;
    }
    let mut told = Consequences::of(cause);
    let parcours = cause.stream.uuid;
    for ((what, stream, time), amount) in difference.into_iter().filter(|(_, amount)| *amount != 0) {
        let more = amount > 0;
        let (fact, times): (Fact, u64) = match what {
            What::Place => {
                let place = session::Place { parcours };
                let fact = match more {
                    true => session::Fact::PlaceTaken(place),
                    false => session::Fact::PlaceReleased(place),
                };
                (fact.into(), amount.unsigned_abs())
            }
            What::Training => {
                let training = trainee::Training { parcours };
                let fact = match more {
                    true => trainee::Fact::TrainingBegun(training),
                    false => trainee::Fact::TrainingEnded(training),
                };
                (fact.into(), amount.unsigned_abs())
            }
            What::Aid(aid) => {
                let cents = Cents::try_from(amount.unsigned_abs()).expect("less than was granted in cents");
                let aid = envelope::Aid { parcours, aid, cents };
                let fact = match more {
                    true => envelope::Fact::Reserved(aid),
                    false => envelope::Fact::Released(aid),
                };
                (fact.into(), 1)
            }
        };
        (0..times).for_each(|_| told.add(stream, time, fact.clone()));
    }
    told.events
}

/// The events that an event of another stream than a parcours writes: its other end. `person` are the other streams of the
/// same trainee.
pub(super) fn links(cause: &Event, person: &BTreeSet<StreamId>) -> Vec<Event> {
    let mut told = Consequences::of(cause);
    let own = cause.stream.uuid;
    match &cause.fact {
        Fact::Trainee(trainee::Fact::Merged(merged)) => {
            let absorbed = trainee::Fact::Absorbed(trainee::Absorbed { trainee: own });
            told.add(
                StreamId::new(StreamKind::Trainee, merged.into),
                cause.time,
                absorbed.into(),
            );
        }
        Fact::Trainee(trainee::Fact::Separated(separated)) => {
            let released = trainee::Fact::Released(trainee::Absorbed { trainee: own });
            told.add(
                StreamId::new(StreamKind::Trainee, separated.from),
                cause.time,
                released.into(),
            );
        }
        Fact::Trainee(erased @ trainee::Fact::Erased(_)) => {
            for stream in person.iter().filter(|stream| **stream != cause.stream) {
                told.add(*stream, cause.time, erased.clone().into());
            }
        }
        Fact::Request(request::Fact::Funded(request::Funded {
            offer: Some(offer), ..
        })) => {
            let requested = offer::Fact::Requested(offer::Requested { request: own });
            told.add(
                StreamId::new(StreamKind::Offer, *offer),
                cause.time,
                requested.into(),
            );
        }
        Fact::Need(need::Fact::Met(met)) => {
            let fact = session::Fact::NeedMet(session::NeedMet { need: own });
            told.add(
                StreamId::new(StreamKind::Session, met.session),
                cause.time,
                fact.into(),
            );
        }
        _ => {}
    }
    told.events
}

/// Events named after their cause, so that they are the same each time the cause is the same.
struct Consequences<'a> {
    cause: &'a Event,
    events: Vec<Event>,
}

impl<'a> Consequences<'a> {
    fn of(cause: &'a Event) -> Self {
        Self {
            cause,
            events: Vec::new(),
        }
    }

    fn add(&mut self, stream: StreamId, time: DateTime<Utc>, fact: Fact) {
        let EventKey { id, source } = &self.cause.key;
        let id = format!("{id}#{}", self.events.len() + 1);
        self.events.push(Event {
            key: EventKey::new(source_of_consequences(source), id),
            stream,
            time,
            fact,
        });
    }
}
