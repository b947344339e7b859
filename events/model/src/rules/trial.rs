//! Events tried out on the history of one stream.

use super::agreed::{self, Agreed};
use super::effects::{self, Effects};
use super::erasure::{self, Erasure};
use super::{Breach, Refusal, Rule, check, trainee};
use crate::envelope::Record;
use crate::event::{Event, EventKey};
use crate::history::{History, Misdirected};
use crate::spelling;
use crate::stream::StreamId;
use crate::streams::{Fact, parcours};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// Events of one stream, each with the place of the event that it is, or that it follows from.
pub(super) struct Trial<'a> {
    stated: Vec<(usize, &'a Event)>,
    now: DateTime<Utc>,
}

/// What became of those of a parcours.
pub(super) struct Outcome {
    /// By the place of the event at fault.
    pub refusals: Vec<(usize, Refusal)>,
    /// What is newly said to be done under conventions, by the place of the event that says so.
    pub agreed: Vec<(usize, Agreed)>,
    /// Whose parcours it was.
    pub trainee_before: Option<StreamId>,
    /// Whose it would be.
    pub trainee_after: Option<StreamId>,
}

impl Outcome {
    /// Those of whom it has to be known whether they were erased.
    pub fn trainees(&self) -> BTreeSet<StreamId> {
        self.trainee_before
            .into_iter()
            .chain(self.trainee_after)
            .collect()
    }
}

impl<'a> Trial<'a> {
    pub fn new(stated: Vec<(usize, &'a Event)>, now: DateTime<Utc>) -> Self {
        Self { stated, now }
    }

    /// Judges the events of a parcours by the history with them, and writes down what each does to other streams.
    pub fn parcours(&self, history: &mut History, consequences: &mut [Vec<Event>]) -> Outcome {
        let trainee_before = erasure::trainee_of(history);
        let mut effects = match self.stated.iter().any(|(_, event)| effects::matters(&event.fact)) {
            true => effects::of(history),
            false => Effects::new(),
        };
        let agrees = self.stated.iter().any(|(_, event)| agreed::matters(&event.fact));
        let told = |history: &History| if agrees { agreed::of(history) } else { Vec::new() };
        let agreed_before = told(history);
        let mut refusals = Vec::new();
        let write = |history: &History, index: usize, event: &Event| {
            refusals.extend(invalid_correction(history, event).map(|refusal| (index, refusal)));
            if effects::matters(&event.fact) {
                let before = std::mem::replace(&mut effects, effects::of(history));
                consequences[index] = effects::consequences(before, &effects, event);
            }
        };
        let judged = self.with_each(history, write, |history| {
            let agreed = told(history)
                .into_iter()
                .filter(|agreed| !agreed_before.iter().any(|before| before.is_unchanged(agreed)));
            let agreed: Vec<_> = agreed.map(|agreed| (self.place_of(&agreed), agreed)).collect();
            (check(history), erasure::trainee_of(history), agreed)
        });
        let (trainee_after, agreed) = match judged {
            Err((index, misdirected)) => {
                refusals.push((index, Refusal::from(misdirected)));
                (trainee_before, Vec::new())
            }
            Ok((broken, trainee, agreed)) => {
                refusals.extend(self.refusals(history, broken));
                (trainee, agreed)
            }
        };
        Outcome {
            refusals,
            agreed,
            trainee_before,
            trainee_after,
        }
    }

    /// Judges the events of another stream by its history with them: each refusal with the place of the event at fault.
    pub fn judged(&self, history: &mut History) -> Vec<(usize, Refusal)> {
        if self.is_always_taken() {
            return Vec::new();
        }
        let broken = self.with(history, check);
        self.refusals(history, broken)
    }

    /// An erasure is never refused.
    fn is_always_taken(&self) -> bool {
        let mut facts = self.stated.iter().map(|(_, event)| &event.fact);
        facts.all(trainee::is_erasure)
    }

    /// The refusals for what is broken with the events and was not without them.
    fn refusals(&self, history: &mut History, broken: Vec<(&'static Rule, Breach)>) -> Vec<(usize, Refusal)> {
        if broken.is_empty() {
            return Vec::new();
        }
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
        self.with(history, |history| {
            let brought = broken
                .into_iter()
                .filter(|breach| !before.contains(&named(history, breach)));
            let told = brought.map(|(rule, breach)| {
                let refusal = Refusal::of(history, |key| self.brings(key), rule, breach);
                (self.at_fault(history, breach), refusal)
            });
            told.collect()
        })
    }

    /// Why a person's erasure stands against the events.
    pub fn erased(&self, history: &mut History, erasure: &Erasure, passes_on: bool) -> Vec<(usize, Refusal)> {
        let late = self.stated.iter().find(|(_, event)| event.time >= erasure.time);
        let first = self.stated.first().map(|(index, _)| *index);
        let at_fault = late
            .map(|(index, _)| (*index, &erasure::AFTER))
            .or(first
                .filter(|_| passes_on)
                .map(|index| (index, &erasure::PASSED_ON)))
            .or_else(|| {
                let before: BTreeSet<EventKey> = erasure::behind(history, erasure).cloned().collect();
                let carried =
                    |history: &History| erasure::behind(history, erasure).any(|key| !before.contains(key));
                let carried = self.with(history, carried);
                let first = first.filter(|_| carried);
                first.map(|index| (index, &erasure::CARRIED))
            });
        at_fault
            .map(|(index, clause)| (index, erasure::refusal(erasure, clause)))
            .into_iter()
            .collect()
    }

    /// Asks about the history with the events; without those that have no place in it.
    pub fn with<T>(&self, history: &mut History, ask: impl FnOnce(&History) -> T) -> T {
        let mut ask = Some(ask);
        let mut asked = |history: &History| ask.take().map(|ask| ask(history));
        let answer = self.with_each(history, |_, _, _| (), &mut asked).ok().flatten();
        answer
            .or_else(|| asked(history))
            .expect("it is asked once, with the events or without")
    }

    /// Asks about the history with the events, and takes them out of it again. `after_each` sees it as each comes in.
    fn with_each<T>(
        &self,
        history: &mut History,
        mut after_each: impl FnMut(&History, usize, &Event),
        ask: impl FnOnce(&History) -> T,
    ) -> Result<T, (usize, Misdirected)> {
        let before = history.revision();
        let mut answer = Ok(());
        for &(index, event) in &self.stated {
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
        self.stated.iter().any(|(_, event)| event.key == *key)
    }

    /// The place of the event that breaks a rule: the fact itself, what amends it, what it clashes with, or else the last.
    fn at_fault(&self, history: &History, breach: Breach) -> usize {
        let facts = [Some(breach.fact), breach.with].into_iter().flatten();
        let facts = facts.filter_map(|fact| history.effective().nth(fact));
        let keys = facts.flat_map(|fact| {
            [
                Some(&fact.record.event.key),
                fact.correction.map(|by| &by.event.key),
            ]
        });
        self.place_among(keys.flatten())
    }

    /// The place of the event that says what is done under a convention.
    fn place_of(&self, agreed: &Agreed) -> usize {
        self.place_among(
            [Some(&agreed.key), agreed.correction.as_ref()]
                .into_iter()
                .flatten(),
        )
    }

    /// The place of the first of these events that is told, or else of the last one told.
    fn place_among<'k>(&self, mut keys: impl Iterator<Item = &'k EventKey>) -> usize {
        let place = |key: &EventKey| self.stated.iter().find(|(_, event)| event.key == *key);
        let found = keys.find_map(place).or(self.stated.last());
        found.map_or(0, |(index, _)| *index)
    }
}

/// What is wrong with the data of a correction, the last record of its history: they are judged as what they correct is.
fn invalid_correction(history: &History, event: &Event) -> Option<Refusal> {
    let Fact::Parcours(parcours::Fact::Corrected(correction)) = &event.fact else {
        return None;
    };
    let data = correction.data.as_ref()?;
    let target = history.amended(&event.key)?;
    let fact = history.corrected(&event.key)?;
    let judged = fact.judge().err();
    let misfit = judged.or_else(|| spelling::unlike(data, &fact.data()))?;
    Some(Refusal::from(Misdirected::InvalidData {
        target: target.clone(),
        misfit: misfit.into(),
    }))
}
