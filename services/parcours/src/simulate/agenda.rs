//! What is planned and not yet known, handed out in the order in which it becomes known.

use super::dice::Dice;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use parcours_model::{Event, EventKey, Fact, StreamId, calendar};
use std::cmp::Reverse;
use std::collections::binary_heap::PeekMut;
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use uuid::Uuid;

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
        let mut id = Uuid::encode_buffer();
        let id: &str = dice.uuid(known).hyphenated().encode_lower(&mut id);
        let key = EventKey {
            source: Arc::clone(sender),
            id: id.into(),
        };
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

/// Plans of several steps each. Holds only what is still to come.
#[derive(Default)]
pub(super) struct Agenda {
    plans: Vec<VecDeque<Step>>,
    free: Vec<usize>,
    /// One entry for each plan with steps left: when its next step is known, which plan came first, where it is.
    next: BinaryHeap<Reverse<(DateTime<Utc>, u64, usize)>>,
    added: u64,
}

impl Agenda {
    /// Adds a plan, its steps in the order in which they become known.
    pub fn add(&mut self, steps: impl Into<VecDeque<Step>>) {
        let steps = steps.into();
        let Some(first) = steps.front().map(|step| step.known) else {
            return;
        };
        let place = self.free.pop().unwrap_or(self.plans.len());
        if place == self.plans.len() {
            self.plans.push(steps);
        } else {
            self.plans[place] = steps;
        }
        self.added += 1;
        self.next.push(Reverse((first, self.added, place)));
    }

    /// The next step, if it is known before `limit`.
    pub fn next_before(&mut self, limit: DateTime<Utc>) -> Option<Step> {
        let mut top = self.next.peek_mut()?;
        let Reverse((known, _, place)) = *top;
        if known >= limit {
            return None;
        }
        let plan = &mut self.plans[place];
        let step = plan.pop_front();
        match plan.front() {
            Some(following) => top.0.0 = following.known,
            None => {
                PeekMut::pop(top);
                *plan = VecDeque::new();
                self.free.push(place);
            }
        }
        step
    }
}
