//! The decision on events that are to be recorded together.

use super::gathered::Gathered;
use super::trial::Trial;
use super::{Refusal, agreed, clock, community, effects, envelope, erasure, person, session, trainee};
use crate::envelope::Submission;
use crate::event::{Event, EventKey};
use crate::history::History;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of streams at the moment of a decision. A decision tries events out on it, and leaves it as it was.
pub trait Knowledge {
    /// The history of a stream (an empty one if nothing has happened to it), or `None` if it is not loaded. Never asked
    /// for a stream whose kind [is gathered](StreamKind::is_gathered).
    fn history(&mut self, stream: StreamId) -> Option<&mut History>;

    /// What is known of a stream whose kind is gathered (nothing if nothing has happened to it), or `None` if it is not loaded.
    fn gathered(&mut self, stream: StreamId) -> Option<&mut Gathered>;
}

/// A decision that is not a refusal.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// The consequences of each event on other streams: to be appended together with it and after it, in this order, or
    /// not at all.
    Admitted(Vec<Vec<Submission>>),
    /// The decision needs this stream too: load it and ask again.
    Needs(StreamId),
}

/// Events that may not be recorded together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {index}: {}", self.told())]
pub struct Refused {
    /// The place of the event at fault, of the first rule broken.
    pub index: usize,
    /// Every rule broken, each once, in the order of the rules; at least one.
    pub refusals: Vec<Refusal>,
}

impl Refused {
    /// The first rule broken: what is told unless all are asked for.
    pub fn told(&self) -> &Refusal {
        self.refusals.first().expect("a refusal names a rule")
    }
}

/// Decides whether events may be recorded, all of them, in this order, given what has happened. Pure: the clock is an
/// argument.
///
/// They are judged by the history as it is with all of them, so that facts which are only possible together can be
/// told together. That they are new (their sources and ids are unknown to the log) is the log's to know.
/// Complexity: linear in the length of the parcours, trainees and other histories they touch, logarithmic in that of the
/// streams that are gathered.
pub fn admit(events: &[&Event], known: &mut dyn Knowledge, now: DateTime<Utc>) -> Result<Verdict, Refused> {
    let mut decision = Decision {
        events,
        now,
        broken: Broken::default(),
        consequences: events.iter().map(|_| Vec::new()).collect(),
    };
    if let Err(Missing(stream)) = decision.make(known) {
        return Ok(Verdict::Needs(stream));
    }
    let Decision {
        broken, consequences, ..
    } = decision;
    broken.or(|| {
        let written = |events: Vec<Event>| events.into_iter().map(Submission::new).collect();
        Verdict::Admitted(consequences.into_iter().map(written).collect())
    })
}

/// A stream that has to be known first.
struct Missing(StreamId);

/// Events of one stream, each with the place of the event that it is, or that it follows from.
type Stated<'a> = Vec<(usize, &'a Event)>;

/// A decision as it is made.
struct Decision<'a> {
    events: &'a [&'a Event],
    now: DateTime<Utc>,
    broken: Broken,
    /// What each event writes to other streams.
    consequences: Vec<Vec<Event>>,
}

impl<'a> Decision<'a> {
    fn make(&mut self, known: &mut dyn Knowledge) -> Result<(), Missing> {
        for (index, event) in self.events.iter().copied().enumerate() {
            self.broken.note(index, clock::check(event, self.now));
            self.broken.note(index, written_by_a_sender(event));
        }
        let streams: BTreeSet<StreamId> = self.events.iter().map(|event| event.stream).collect();
        for stream in streams
            .into_iter()
            .filter(|stream| stream.kind == StreamKind::Parcours)
        {
            self.parcours(stream, known)?;
        }
        self.link(known)?;
        let consequences = std::mem::take(&mut self.consequences);
        let mut elsewhere: BTreeMap<StreamId, Stated<'_>> = BTreeMap::new();
        for (index, event) in self.events.iter().copied().enumerate() {
            for stated in std::iter::once(event).chain(&consequences[index]) {
                if stated.stream.kind != StreamKind::Parcours {
                    elsewhere.entry(stated.stream).or_default().push((index, stated));
                }
            }
        }
        for (stream, stated) in &elsewhere {
            if stream.kind.is_gathered() {
                self.gathered(*stream, stated, known)?;
            } else {
                let trial = Trial::new(stated.clone(), self.now);
                self.broken.extend(trial.judged(history(known, *stream)?));
            }
        }
        self.persons(&elsewhere, known)?;
        self.consequences = consequences;
        Ok(())
    }

    /// The events of a stream, to be tried out on its history.
    fn own(&self, stream: StreamId) -> Trial<'a> {
        let own = self
            .events
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, event)| event.stream == stream);
        Trial::new(own.collect(), self.now)
    }

    /// Judges what is told of a parcours, by its own history and by those that it names.
    fn parcours(&mut self, stream: StreamId, known: &mut dyn Knowledge) -> Result<(), Missing> {
        let trial = self.own(stream);
        let outcome = trial.parcours(history(known, stream)?, &mut self.consequences);
        let mut erasures = Vec::new();
        for trainee in outcome.trainees() {
            let erasure = self.own(trainee).with(history(known, trainee)?, erasure::of);
            erasures.extend(erasure);
        }
        for (index, agreed) in &outcome.agreed {
            let convention = self.own(agreed.convention);
            let refusal = |convention: &History| agreed::refusal(agreed, convention);
            let refusal = convention.with(history(known, agreed.convention)?, refusal);
            self.broken.extend(refusal.map(|refusal| (*index, refusal)));
        }
        let passes_on = outcome.trainee_before.is_some() && outcome.trainee_before != outcome.trainee_after;
        self.broken.extend(outcome.refusals);
        for erasure in erasures {
            self.broken
                .extend(trial.erased(history(known, stream)?, &erasure, passes_on));
        }
        Ok(())
    }

    /// What the events of other streams than parcours write to the other end of what they name.
    fn link(&mut self, known: &mut dyn Knowledge) -> Result<(), Missing> {
        for (index, event) in self.events.iter().copied().enumerate() {
            let person = match trainee::is_erasure(&event.fact) {
                true => self.person(event.stream, &BTreeMap::new(), known)?,
                false => BTreeSet::new(),
            };
            self.consequences[index].extend(effects::links(event, &person));
        }
        Ok(())
    }

    /// All uuids of a person, with what is stated.
    fn person(
        &self,
        trainee: StreamId,
        stated: &BTreeMap<StreamId, Stated<'_>>,
        known: &mut dyn Knowledge,
    ) -> Result<BTreeSet<StreamId>, Missing> {
        let (mut found, mut open) = (BTreeSet::new(), vec![trainee]);
        while let Some(stream) = open.pop() {
            if found.insert(stream) {
                let trial = Trial::new(stated.get(&stream).cloned().unwrap_or_default(), self.now);
                open.extend(trial.with(history(known, stream)?, person::others));
            }
        }
        Ok(found)
    }

    /// Judges a stream that everybody writes to.
    fn gathered(
        &mut self,
        stream: StreamId,
        stated: &Stated<'_>,
        known: &mut dyn Knowledge,
    ) -> Result<(), Missing> {
        for (index, event) in stated {
            if let Some(member) = community::joins(&event.fact) {
                let parcours = StreamId::new(StreamKind::Parcours, member);
                let (consents, trainee) = self.own(parcours).with(history(known, parcours)?, |parcours| {
                    (
                        community::consents(parcours, event.time),
                        erasure::trainee_of(parcours),
                    )
                });
                if !consents {
                    let refusal = Refusal::by(&community::CONSENT_BEFORE_COMMUNITY).field("data.parcours");
                    self.broken.extend([(*index, refusal)]);
                }
                if let Some(trainee) = trainee {
                    let erasure = self.own(trainee).with(history(known, trainee)?, erasure::of);
                    let erasure = erasure.filter(|erasure| erasure.time <= event.time);
                    let refusal = erasure.map(|erasure| erasure::refusal(&erasure, &erasure::AFTER));
                    self.broken.extend(refusal.map(|refusal| (*index, refusal)));
                }
            }
        }
        let gathered = known.gathered(stream).ok_or(Missing(stream))?;
        let caused = |(index, _): &(usize, &Event)| self.events[*index].stream != stream;
        let (causes, facts): (Vec<usize>, Vec<&Event>) = stated.iter().copied().unzip();
        let refusals =
            match stream.kind == StreamKind::Session && gathered.revision() == 0 && stated.iter().all(caused)
            {
                true => vec![(0, session::unknown(stream, &self.events[causes[0]].fact))],
                false => gathered.refusals(&facts),
            };
        self.broken
            .extend(refusals.into_iter().map(|(at, refusal)| (causes[at], refusal)));
        Ok(())
    }

    /// Judges the persons whose uuids something is stated of: what all of their histories say together.
    fn persons(
        &mut self,
        elsewhere: &BTreeMap<StreamId, Stated<'_>>,
        known: &mut dyn Knowledge,
    ) -> Result<(), Missing> {
        let trainees = elsewhere
            .iter()
            .filter(|(stream, _)| stream.kind == StreamKind::Trainee);
        for (trainee, stated) in trainees {
            let Some((first, _)) = stated.iter().find(|(_, event)| person::concerns(&event.fact)) else {
                continue;
            };
            let (mut before, mut after) = (Vec::new(), Vec::new());
            for uuid in self.person(*trainee, elsewhere, known)? {
                let trial = Trial::new(elsewhere.get(&uuid).cloned().unwrap_or_default(), self.now);
                let history = history(known, uuid)?;
                let merged = stated.iter().find(|(_, event)| person::is_merge(&event.fact));
                if let (Some((index, _)), Some(erasure)) = (merged, erasure::of(history)) {
                    self.broken
                        .extend([(*index, erasure::refusal(&erasure, &erasure::MERGED))]);
                }
                before.push(person::trainings(history));
                after.extend(trial.with(history, person::trainings));
            }
            // What stood in the hands of two persons was no breach.
            let one = !stated.iter().any(|(_, event)| person::is_merge(&event.fact));
            let before = if one { vec![before.concat()] } else { before };
            let clashes = person::two_at_once(&before, &after);
            // Of the two parcours the one that something is told of names the other.
            let told = clashes.iter().find_map(|(parcours, refusal)| {
                let own = |(_, event): &&(usize, &Event)| person::is_training_in(&event.fact, *parcours);
                Some((stated.iter().find(own)?.0, refusal.clone()))
            });
            let any = || clashes.first().map(|(_, refusal)| (*first, refusal.clone()));
            self.broken.extend(told.or_else(any));
        }
        Ok(())
    }
}

fn history(known: &mut dyn Knowledge, stream: StreamId) -> Result<&mut History, Missing> {
    known.history(stream).ok_or(Missing(stream))
}

/// The order in which events that are recorded together are told: as they are given, save that an event comes before what
/// corrects or annuls it. Answers their places.
pub fn in_order(events: &[&Event]) -> Vec<usize> {
    let place = |key: &EventKey| events.iter().position(|event| event.key == *key);
    let amended: Vec<Option<usize>> = events
        .iter()
        .map(|event| event.fact.amends().and_then(|named| place(&named)))
        .collect();
    // Longer than any way from an amendment to a fact are only those that lead in a circle.
    let depth = |of: &usize| {
        let way = std::iter::successors(Some(*of), |event| amended[*event]);
        way.take(events.len()).count()
    };
    let mut order: Vec<usize> = (0..events.len()).collect();
    if amended.iter().any(Option::is_some) {
        order.sort_by_cached_key(depth);
    }
    order
}

fn written_by_a_sender(event: &Event) -> Result<(), Refusal> {
    let rule = match event.stream.kind {
        _ if !effects::is_consequence(&event.fact) => return Ok(()),
        StreamKind::Trainee => &person::TRAINING_BY_PARCOURS,
        StreamKind::Envelope => &envelope::RESERVED_BY_GRANT,
        StreamKind::Session
            if !matches!(
                event.fact,
                Fact::Session(crate::streams::session::Fact::NeedMet(_))
            ) =>
        {
            &session::PLACE_BY_ADMISSION
        }
        _ => &session::LINKED_BY_CAUSE,
    };
    Err(Refusal::by(rule).field("type"))
}

/// What is wrong, as it is found: each refusal with the place of the event at fault.
#[derive(Default)]
struct Broken(Vec<(usize, Refusal)>);

impl Broken {
    fn extend(&mut self, refusals: impl IntoIterator<Item = (usize, Refusal)>) {
        self.0.extend(refusals);
    }

    fn note(&mut self, index: usize, checked: Result<(), Refusal>) {
        self.0.extend(checked.err().map(|refusal| (index, refusal)));
    }

    /// The verdict, unless something is wrong: then that, in the order of the events, each rule once.
    fn or(mut self, verdict: impl FnOnce() -> Verdict) -> Result<Verdict, Refused> {
        self.0.sort_by_key(|(index, _)| *index);
        let Some(&(index, _)) = self.0.first() else {
            return Ok(verdict());
        };
        let mut refusals: Vec<Refusal> = Vec::new();
        for (_, refusal) in self.0 {
            if !refusals.iter().any(|told| told.code == refusal.code) {
                refusals.push(refusal);
            }
        }
        Err(Refused { index, refusals })
    }
}
