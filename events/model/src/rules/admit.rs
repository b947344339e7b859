//! The decision on events that are to be recorded together.

use super::erasure::{self, Erasure};
use super::{Breach, Occupancy, Refusal, Rule, check, clock, places, session, trainee};
use crate::envelope::{Record, Submission};
use crate::event::{Event, EventKey};
use crate::history::{History, Misdirected};
use crate::spelling;
use crate::stream::StreamId;
use crate::streams::{Fact, StreamKind, parcours};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};

/// What is known of streams at the moment of a decision. A decision tries events out on it, and leaves it as it was.
pub trait Knowledge {
    /// The history of a stream (an empty one if nothing has happened to it), or `None` if it is not loaded. Never asked
    /// for a session.
    fn history(&mut self, stream: StreamId) -> Option<&mut History>;

    /// The places of a session (nothing of them if nothing has happened to it), or `None` if it is not loaded.
    fn session(&mut self, stream: StreamId) -> Option<&mut Occupancy>;
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
/// Complexity: linear in the length of the parcours, trainees, operators and offers they touch, logarithmic in that of
/// the sessions.
pub fn admit(events: &[&Event], known: &mut dyn Knowledge, now: DateTime<Utc>) -> Result<Verdict, Refused> {
    let mut broken = Broken::default();
    for (index, event) in events.iter().copied().enumerate() {
        broken.note(index, clock::check(event, now));
        broken.note(index, written_by_a_sender(event));
    }
    let mut consequences: Vec<Vec<Event>> = events.iter().map(|_| Vec::new()).collect();
    for stream in events.iter().map(|event| event.stream).collect::<BTreeSet<_>>() {
        if stream.kind == StreamKind::Session {
            continue;
        }
        let Some(history) = known.history(stream) else {
            return Ok(Verdict::Needs(stream));
        };
        let trial = Trial { events, stream, now };
        let outcome = trial.run(history, &mut consequences);
        let mut erasures = Vec::new();
        for trainee in outcome.trainees() {
            let Some(history) = known.history(trainee) else {
                return Ok(Verdict::Needs(trainee));
            };
            erasures.extend(
                Trial {
                    events,
                    stream: trainee,
                    now,
                }
                .erasure(history),
            );
        }
        broken.extend(outcome.refusals);
        if let (false, Some(history)) = (erasures.is_empty(), known.history(stream)) {
            for erasure in erasures {
                let passes_on = outcome.trainee_before != outcome.trainee_after;
                broken.extend(trial.erased(history, &erasure, outcome.trainee_before.is_some() && passes_on));
            }
        }
    }
    // Of each session what its own senders state and what parcours take and release in it, each with its cause.
    let mut sessions: BTreeMap<StreamId, Vec<(usize, &Event)>> = BTreeMap::new();
    for (index, event) in events.iter().copied().enumerate() {
        for stated in std::iter::once(event).chain(&consequences[index]) {
            if stated.stream.kind == StreamKind::Session {
                sessions.entry(stated.stream).or_default().push((index, stated));
            }
        }
    }
    for (stream, stated) in sessions {
        let Some(occupancy) = known.session(stream) else {
            return Ok(Verdict::Needs(stream));
        };
        let (causes, facts): (Vec<usize>, Vec<&Event>) = stated.into_iter().unzip();
        let begins = facts.iter().any(|fact| !places::is_consequence(&fact.fact));
        let refusals = if occupancy.revision() == 0 && !begins {
            vec![(0, unknown(stream))]
        } else {
            occupancy.refusals(&facts)
        };
        broken.extend(refusals.into_iter().map(|(at, refusal)| (causes[at], refusal)));
    }
    broken.or(|| {
        let written = |events: Vec<Event>| events.into_iter().map(Submission::new).collect();
        Verdict::Admitted(consequences.into_iter().map(written).collect())
    })
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

fn unknown(session: StreamId) -> Refusal {
    Refusal::by_clause(&session::PLACE_AVAILABLE, &session::UNKNOWN)
        .because(
            &format!("There is no {session}."),
            &format!("Il n'y a pas de {session}."),
        )
        .field("data.session")
}

fn written_by_a_sender(event: &Event) -> Result<(), Refusal> {
    if places::is_consequence(&event.fact) {
        return Err(Refusal::by(&session::PLACE_BY_ADMISSION).field("type"));
    }
    Ok(())
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

/// Events tried out on the history of one stream.
struct Trial<'a> {
    events: &'a [&'a Event],
    stream: StreamId,
    now: DateTime<Utc>,
}

/// What became of it.
struct Outcome {
    /// By the place of the event at fault.
    refusals: Vec<(usize, Refusal)>,
    /// Whose parcours it was.
    trainee_before: Option<StreamId>,
    /// Whose it would be.
    trainee_after: Option<StreamId>,
}

impl Outcome {
    /// Those of whom it has to be known whether they were erased.
    fn trainees(&self) -> BTreeSet<StreamId> {
        self.trainee_before
            .into_iter()
            .chain(self.trainee_after)
            .collect()
    }
}

impl Trial<'_> {
    /// The events of this stream, with their places.
    fn own(&self) -> impl DoubleEndedIterator<Item = (usize, &Event)> {
        let own = |(_, event): &(usize, &Event)| event.stream == self.stream;
        self.events.iter().copied().enumerate().filter(own)
    }

    /// Judges the events by the history with them, and writes down what they take and release.
    fn run(&self, history: &mut History, consequences: &mut [Vec<Event>]) -> Outcome {
        let trainee_before = erasure::trainee_of(history);
        let matters = self.own().any(|(_, event)| places::matters(&event.fact));
        let mut steps = if matters {
            places::steps(history)
        } else {
            BTreeMap::new()
        };
        let mut refusals = Vec::new();
        let write = |history: &History, index: usize, event: &Event| {
            refusals.extend(invalid_correction(history, event).map(|refusal| (index, refusal)));
            if places::matters(&event.fact) {
                let before = std::mem::replace(&mut steps, places::steps(history));
                consequences[index] = places::consequences(before, &steps, event);
            }
        };
        let judged = self.with(history, write, |history| {
            let broken = if self.is_always_taken() {
                Vec::new()
            } else {
                check(history)
            };
            (broken, erasure::trainee_of(history))
        });
        let trainee_after = match judged {
            Err((index, misdirected)) => {
                refusals.push((index, Refusal::from(misdirected)));
                trainee_before
            }
            Ok((broken, trainee)) => {
                if !broken.is_empty() {
                    refusals.extend(self.refusals(history, broken));
                }
                trainee
            }
        };
        Outcome {
            refusals,
            trainee_before,
            trainee_after,
        }
    }

    /// An erasure is never refused.
    fn is_always_taken(&self) -> bool {
        self.own().all(|(_, event)| trainee::is_erasure(&event.fact))
    }

    /// The refusals for what is broken with the events and was not without them.
    fn refusals(&self, history: &mut History, broken: Vec<(&'static Rule, Breach)>) -> Vec<(usize, Refusal)> {
        let named = |history: &History, (rule, breach): &(&'static Rule, Breach)| {
            let fact = history.effective().nth(breach.fact);
            (
                rule.code,
                fact.expect("a breach names a fact of its history").key().clone(),
            )
        };
        let before: BTreeSet<_> = check(history)
            .iter()
            .map(|breach| named(history, breach))
            .collect();
        let told = self.with(
            history,
            |_, _, _| (),
            |history| {
                let brought = broken
                    .into_iter()
                    .filter(|breach| !before.contains(&named(history, breach)));
                let told = brought.map(|(rule, breach)| {
                    let refusal = Refusal::of(history, |key| self.brings(key), rule, breach);
                    (self.at_fault(history, breach), refusal)
                });
                told.collect()
            },
        );
        told.unwrap_or_default()
    }

    /// The erasure of the trainee whose stream this is, with the events.
    fn erasure(&self, history: &mut History) -> Option<Erasure> {
        let with_them = self.with(history, |_, _, _| (), erasure::of);
        with_them.unwrap_or_else(|_| erasure::of(history))
    }

    /// Why a person's erasure stands against the events.
    fn erased(&self, history: &mut History, erasure: &Erasure, passes_on: bool) -> Vec<(usize, Refusal)> {
        let late = self.own().find(|(_, event)| event.time >= erasure.time);
        let first = self.own().next().map(|(index, _)| index);
        let at_fault = late
            .map(|(index, _)| (index, &erasure::AFTER))
            .or(first.filter(|_| passes_on).map(|index| (index, &erasure::PASSED_ON)))
            .or_else(|| {
                let before: BTreeSet<EventKey> = erasure::behind(history, erasure).cloned().collect();
                let carried =
                    |history: &History| erasure::behind(history, erasure).any(|key| !before.contains(key));
                let carried = self.with(history, |_, _, _| (), |history| carried(history));
                let first = first.filter(|_| carried.unwrap_or(false));
                first.map(|index| (index, &erasure::CARRIED))
            });
        at_fault
            .map(|(index, clause)| (index, erasure::refusal(erasure, clause)))
            .into_iter()
            .collect()
    }

    /// Asks about the history with the events, and takes them out of it again. `after_each` sees it as each comes in.
    fn with<T>(
        &self,
        history: &mut History,
        mut after_each: impl FnMut(&History, usize, &Event),
        ask: impl FnOnce(&History) -> T,
    ) -> Result<T, (usize, Misdirected)> {
        let before = history.revision();
        let mut answer = Ok(());
        for (index, event) in self.own() {
            // Position and revision are the log's to give; no rule looks at them.
            let record = Record {
                position: u64::MAX,
                revision: history.revision() + 1,
                recorded: self.now,
                actor: "".into(),
                event: event.clone(),
            };
            answer = history.push(record).map_err(|misdirected| (index, misdirected));
            if answer.is_err() {
                break;
            }
            after_each(history, index, event);
        }
        let answer = answer.map(|()| ask(history));
        history.truncate(before);
        answer
    }

    fn brings(&self, key: &EventKey) -> bool {
        self.own().any(|(_, event)| event.key == *key)
    }

    /// The place of the event that breaks a rule: the fact itself, what amends it, what it clashes with, or else the last.
    fn at_fault(&self, history: &History, breach: Breach) -> usize {
        let place = |key: &EventKey| {
            let own = self.own().find(|(_, event)| event.key == *key);
            own.map(|(index, _)| index)
        };
        let facts = [Some(breach.fact), breach.with].into_iter().flatten();
        let facts = facts.filter_map(|fact| history.effective().nth(fact));
        let mut keys = facts.flat_map(|fact| {
            [
                Some(&fact.record.event.key),
                fact.correction.map(|by| &by.event.key),
            ]
        });
        let last = self.own().next_back().map_or(0, |(index, _)| index);
        keys.find_map(|key| place(key?)).unwrap_or(last)
    }
}

/// What is wrong with the data of a correction, the last record of its history: they are judged as what they correct is.
fn invalid_correction(history: &History, event: &Event) -> Option<Refusal> {
    let Fact::Parcours(parcours::Fact::Corrected(correction)) = &event.fact else {
        return None;
    };
    let data = correction.data.as_ref()?;
    let target = history.amended(&event.key)?;
    let fact = history.standing(target)?.fact;
    let judged = fact.judge().err();
    let misfit = judged.or_else(|| spelling::unlike(data, &fact.data()))?;
    Some(Refusal::from(Misdirected::InvalidData {
        target: target.clone(),
        misfit: misfit.into(),
    }))
}
