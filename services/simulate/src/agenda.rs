//! What is planned and not yet known, handed out day by day in the order in which it becomes known.

use super::dice::Dice;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parcours_model::{Event, EventKey, Fact, StreamId, calendar};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An event, and when the service receives it.
pub(super) struct Step {
    pub known: DateTime<Utc>,
    pub event: Event,
}

impl Step {
    /// A fact of that time which becomes known at that moment.
    pub fn new(
        dice: &mut Dice,
        known: DateTime<Utc>,
        time: DateTime<Utc>,
        stream: StreamId,
        sender: &Arc<str>,
        fact: impl Into<Fact>,
    ) -> Self {
        let key = EventKey::new(Arc::clone(sender), dice.uuid(known));
        Self {
            known,
            event: Event {
                key,
                stream,
                time,
                fact: fact.into(),
            },
        }
    }

    /// A fact known by its day and told on that day, as offices open.
    pub fn on(
        dice: &mut Dice,
        day: NaiveDate,
        stream: StreamId,
        sender: &Arc<str>,
        fact: impl Into<Fact>,
    ) -> Self {
        let time = calendar::midnight(day);
        Self::new(dice, time + TimeDelta::hours(8), time, stream, sender, fact)
    }
}

/// What is still to come, by the day on which it becomes known.
#[derive(Default)]
pub(super) struct Agenda {
    days: BTreeMap<NaiveDate, Vec<Step>>,
    held: usize,
}

impl Agenda {
    /// Adds the steps of a plan. Of two that become known at one moment the one added first comes first.
    pub fn add(&mut self, steps: impl IntoIterator<Item = Step>) {
        for step in steps {
            self.days.entry(calendar::day(step.known)).or_default().push(step);
            self.held += 1;
        }
    }

    /// How many steps it holds.
    pub fn held(&self) -> usize {
        self.held
    }

    /// Takes out what becomes known before a day begins, in that order.
    pub fn take_before(&mut self, day: NaiveDate) -> Vec<Step> {
        let later = self.days.split_off(&day);
        let mut due: Vec<Step> = std::mem::replace(&mut self.days, later)
            .into_values()
            .flatten()
            .collect();
        self.held -= due.len();
        // Steps are large: their places are sorted first.
        due.sort_by_cached_key(|step| step.known);
        due
    }

    /// Takes everything out, day by day, in the order in which it was added.
    pub fn take_all(&mut self) -> BTreeMap<NaiveDate, Vec<Step>> {
        self.held = 0;
        std::mem::take(&mut self.days)
    }
}
