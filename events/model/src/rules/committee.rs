//! Committees meet, and what they decide is followed up (R25).

use super::{Breach, Clause, Rule};
use crate::history::Effective;
use crate::streams::{Fact, committee};
use chrono::NaiveDate;
use std::collections::BTreeMap;

pub(super) const COMMITTEE_IN_ORDER: Rule = Rule {
    code: "committee-in-order",
    english: "A committee meets once a day at most; a decision that is due or done is one of a meeting before, and is done once",
    french: "Un comité se réunit au plus une fois par jour ; une décision à échéance ou exécutée est celle d'une réunion antérieure, et s'exécute une seule fois",
    check,
};

const ONCE_A_DAY: Clause = [
    "A committee meets once a day at most",
    "Un comité se réunit au plus une fois par jour",
];
const DECIDED: Clause = [
    "A decision that is due or done has a number of a meeting before",
    "Une décision à échéance ou exécutée porte un numéro d'une réunion antérieure",
];
const DONE_ONCE: Clause = [
    "A decision is done once, and has no other day after that",
    "Une décision s'exécute une seule fois, et n'a plus d'autre échéance ensuite",
];

/// A meeting, and where each of its decisions was done.
struct Meeting {
    index: usize,
    done: Vec<Option<usize>>,
}

fn check(facts: &[Effective<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut meetings: BTreeMap<NaiveDate, Meeting> = BTreeMap::new();
    for (index, fact) in facts.iter().enumerate() {
        let Fact::Committee(fact) = fact.fact else {
            continue;
        };
        let (on, number, done) = match fact {
            committee::Fact::Met(met) => {
                if let Some(earlier) = meetings.get(&met.on) {
                    breaches.push(Breach::between(index, earlier.index).of(&ONCE_A_DAY));
                    continue;
                }
                let done = vec![None; met.decisions.len()];
                meetings.insert(met.on, Meeting { index, done });
                continue;
            }
            committee::Fact::DecisionDue(due) => (due.on, due.number, false),
            committee::Fact::DecisionDone(done) => (done.on, done.number, true),
        };
        let meeting = meetings.get_mut(&on);
        let place = (number as usize).checked_sub(1);
        let decision = meeting.and_then(|meeting| meeting.done.get_mut(place?));
        match decision {
            None => breaches.push(Breach::at(index).of(&DECIDED)),
            Some(Some(earlier)) => breaches.push(Breach::between(index, *earlier).of(&DONE_ONCE)),
            Some(open) if done => *open = Some(index),
            Some(_) => {}
        }
    }
    breaches
}
