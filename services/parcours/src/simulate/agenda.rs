//! What is planned and not yet known, handed out in the order in which it becomes known.

use chrono::{DateTime, Utc};
use parcours_model::Event;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// An event, and when the service receives it.
pub(super) struct Step {
    pub known: DateTime<Utc>,
    pub event: Event,
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
        let Some(first) = steps.front().map(|step| step.known) else { return };
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
                std::collections::binary_heap::PeekMut::pop(top);
                *plan = VecDeque::new();
                self.free.push(place);
            }
        }
        step
    }
}
