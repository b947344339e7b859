//! What decides on a session says what the rules say of its whole history.

use super::world::{OPERATOR, session};
use chrono::{DateTime, Utc};
use parcours_model::streams::session::{Cancelled, CapacityChanged, Fact, Opened, Place, Rescheduled};
use parcours_model::{Effective, Event, EventKey, Fact as AnyFact, Gathered, History, Record, rules};
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

fn instant(day: u8) -> DateTime<Utc> {
    DateTime::from_timestamp(1_767_225_600 + i64::from(day) * 86_400, 0).unwrap()
}

fn dates() -> serde_json::Value {
    json!({"from": "2026-02-01", "to": "2026-06-30"})
}

fn opened(capacity: u32) -> Fact {
    let mut opened = dates();
    opened["offer"] = json!(Uuid::from_u128(1));
    opened["commune"] = json!("76540");
    opened["entry"] = json!("permanent");
    opened["capacity"] = json!(capacity);
    Fact::Opened(serde_json::from_value::<Opened>(opened).unwrap())
}

fn place(parcours: u8) -> Place {
    Place {
        parcours: Uuid::from_u128(parcours.into()),
    }
}

/// Any fact of a session, more often a place than anything else.
fn facts() -> impl Strategy<Value = Fact> {
    prop_oneof![
        12 => (0u8..6).prop_map(|parcours| Fact::PlaceTaken(place(parcours))),
        9 => (0u8..6).prop_map(|parcours| Fact::PlaceReleased(place(parcours))),
        3 => (0u32..5).prop_map(|capacity| Fact::CapacityChanged(CapacityChanged { capacity })),
        1 => Just(Fact::Rescheduled(serde_json::from_value::<Rescheduled>(dates()).unwrap())),
        1 => Just(Fact::Cancelled(Cancelled { reason: None })),
        1 => (0u32..5).prop_map(opened),
    ]
}

/// Facts that come together; whether they are recorded even if they should not be, as by a program of fewer rules.
type Told = (Vec<(u8, Fact)>, bool);

fn told() -> impl Strategy<Value = Vec<Told>> {
    let together = proptest::collection::vec((0u8..12, facts()), 1..4);
    let forced = proptest::bool::weighted(0.15);
    proptest::collection::vec((together, forced), 1..40)
}

/// What is wrong with a session, rule by rule: how much at each instant, for each person, and which facts.
#[derive(Default)]
struct Wrong {
    opening: BTreeSet<EventKey>,
    overfull: BTreeMap<DateTime<Utc>, i64>,
    twice: BTreeMap<(Uuid, DateTime<Utc>), i64>,
    after_cancellation: BTreeSet<EventKey>,
    taken_after_cancellation: BTreeMap<(Uuid, DateTime<Utc>), i64>,
}

/// A change of places by a fact.
fn step(fact: &AnyFact) -> Option<(Uuid, i64)> {
    match fact {
        AnyFact::Session(Fact::PlaceTaken(place)) => Some((place.parcours, 1)),
        AnyFact::Session(Fact::PlaceReleased(place)) => Some((place.parcours, -1)),
        _ => None,
    }
}

/// The rules word for word, over every instant of `instants`.
fn wrong(history: &History, instants: &BTreeSet<DateTime<Utc>>) -> Wrong {
    let facts: Vec<Effective<'_>> = history.effective().collect();
    let mut wrong = Wrong::default();
    let is_opening = |fact: &Effective<'_>| matches!(fact.fact, AnyFact::Session(Fact::Opened(_)));
    for (index, fact) in facts.iter().enumerate() {
        let first = facts.iter().position(is_opening);
        if first.is_none_or(|first| index < first || (index > first && is_opening(fact))) {
            wrong.opening.insert(fact.key().clone());
        }
    }
    let people: BTreeSet<Uuid> = facts.iter().filter_map(|fact| Some(step(fact.fact)?.0)).collect();
    let held = |whose: Option<Uuid>, at: DateTime<Utc>, from: DateTime<Utc>| -> i64 {
        let then = facts.iter().filter(|fact| fact.time <= at && fact.time >= from);
        let steps = then.filter_map(|fact| step(fact.fact));
        steps
            .filter(|(person, _)| whose.is_none_or(|whose| whose == *person))
            .map(|(_, change)| change)
            .sum()
    };
    let beginning = DateTime::<Utc>::MIN_UTC;
    for at in instants {
        let capacity = facts
            .iter()
            .filter(|fact| fact.time <= *at)
            .rev()
            .find_map(|fact| match fact.fact {
                AnyFact::Session(Fact::Opened(opened)) => Some(opened.capacity),
                AnyFact::Session(Fact::CapacityChanged(changed)) => Some(changed.capacity),
                _ => None,
            });
        let excess = held(None, *at, beginning) - i64::from(capacity.unwrap_or(0));
        wrong.overfull.insert(*at, excess.max(0));
        for person in &people {
            let places = held(Some(*person), *at, beginning);
            wrong
                .twice
                .insert((*person, *at), (places - 1).max(-places).max(0));
        }
    }
    let is_cancellation = |fact: &Effective<'_>| matches!(fact.fact, AnyFact::Session(Fact::Cancelled(_)));
    if let Some(cancelled) = facts.iter().position(is_cancellation) {
        for fact in facts[cancelled + 1..]
            .iter()
            .filter(|fact| step(fact.fact).is_none())
        {
            wrong.after_cancellation.insert(fact.key().clone());
        }
        for at in instants.range(facts[cancelled].time..) {
            for person in &people {
                wrong
                    .taken_after_cancellation
                    .insert((*person, *at), held(Some(*person), *at, *at).max(0));
            }
        }
    }
    wrong
}

/// The rules that a history with some facts more breaks, or breaks more, than it did without them.
fn brought(before: &Wrong, after: &Wrong) -> BTreeSet<&'static str> {
    fn worse<K: Ord>(before: &BTreeMap<K, i64>, after: &BTreeMap<K, i64>) -> bool {
        after
            .iter()
            .any(|(key, much)| *much > before.get(key).copied().unwrap_or(0))
    }
    let mut codes = BTreeSet::new();
    if !after.opening.is_subset(&before.opening) {
        codes.insert("opened-first");
    }
    if worse(&before.overfull, &after.overfull) || worse(&before.twice, &after.twice) {
        codes.insert("place-available");
    }
    if !after.after_cancellation.is_subset(&before.after_cancellation)
        || worse(&before.taken_after_cancellation, &after.taken_after_cancellation)
    {
        codes.insert("session-cancelled");
    }
    codes
}

/// The rules that a history breaks, as they are written.
fn broken(history: &History) -> BTreeSet<&'static str> {
    rules::check(history)
        .into_iter()
        .map(|(rule, _)| rule.code)
        .collect()
}

fn record(history: &History, event: Event) -> Record {
    let revision = history.revision() + 1;
    Record {
        position: revision,
        revision,
        recorded: instant(20),
        actor: "test".into(),
        event,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn it_decides_as_the_rules_do_over_the_whole_history(told in told(), first in 0u32..5) {
        let stream = session(1);
        let (mut history, mut occupancy, mut named) = (History::new(stream), Gathered::new(stream), 0);
        let opening = vec![(0, opened(first))];
        for (facts, forced) in std::iter::once((opening, true)).chain(told) {
            let events: Vec<Event> = facts.into_iter().map(|(day, fact)| {
                named += 1;
                // Ids in no order of arrival.
                let key = EventKey::new(OPERATOR, format!("{}", (named * 37) % 101));
                Event { key, stream, time: instant(day), fact: fact.into() }
            }).collect();
            let mut after = history.clone();
            for event in &events {
                after.push(record(&after, event.clone())).unwrap();
            }
            let instants: BTreeSet<_> = after.effective().map(|fact| fact.time).collect();
            let expected = brought(&wrong(&history, &instants), &wrong(&after, &instants));
            prop_assert_eq!(broken(&after), brought(&Wrong::default(), &wrong(&after, &instants)));
            let refusals = occupancy.refusals(&events.iter().collect::<Vec<_>>());
            let codes: BTreeSet<_> = refusals.iter().map(|(_, refusal)| refusal.code).collect();
            prop_assert_eq!(&codes, &expected, "{:?}", events);
            for (index, refusal) in &refusals {
                prop_assert!(*index < events.len());
                let clash = refusal.conflicts_with.as_ref();
                prop_assert!(clash.is_none_or(|clash| history.find(clash).is_some()), "a clash is with what is recorded");
            }
            if forced || refusals.is_empty() {
                for event in &events {
                    let record = record(&history, event.clone());
                    occupancy.push(&record);
                    history.push(record).unwrap();
                }
            }
            prop_assert_eq!(occupancy.revision(), history.revision());
        }
    }

    #[test]
    fn what_is_there_already_may_be_asked_about_again(told in told()) {
        let stream = session(1);
        let (mut history, mut occupancy) = (History::new(stream), Gathered::new(stream));
        for (number, (day, fact)) in told.into_iter().flat_map(|(facts, _)| facts).enumerate() {
            let key = EventKey::new(OPERATOR, format!("{}", (number * 37) % 211));
            let record = record(&history, Event { key, stream, time: instant(day), fact: fact.into() });
            history.push(record.clone()).unwrap();
            occupancy.push(&record);
        }
        let frame: Vec<&Event> = history.records().iter().map(|record| &record.event).filter(|event| step(&event.fact).is_none()).collect();
        prop_assert_eq!(occupancy.refusals(&frame), vec![]);
        let mut fresh = Gathered::new(stream);
        history.records().iter().for_each(|record| fresh.push(record));
        let admission = Event { key: EventKey::new(OPERATOR, "new"), stream, time: instant(6), fact: Fact::PlaceTaken(place(9)).into() };
        prop_assert_eq!(occupancy.refusals(&[&admission]), fresh.refusals(&[&admission]));
    }

    #[test]
    fn what_is_taken_back_was_never_there(told in told(), later in told()) {
        let stream = session(1);
        let mut history = History::new(stream);
        let mut events = told.into_iter().chain(later.clone()).flat_map(|(facts, _)| facts);
        let mut occupancy = Gathered::new(stream);
        let mut records = Vec::new();
        for (number, (day, fact)) in events.by_ref().enumerate() {
            let key = EventKey::new(OPERATOR, format!("{}", (number * 37) % 211));
            let record = record(&history, Event { key, stream, time: instant(day), fact: fact.into() });
            history.push(record.clone()).unwrap();
            records.push(record);
        }
        let kept = records.len() / 2;
        records.iter().for_each(|record| occupancy.push(record));
        records[kept..].iter().rev().for_each(|record| occupancy.pop(record));
        let mut fresh = Gathered::new(stream);
        records[..kept].iter().for_each(|record| fresh.push(record));
        // Asked the same, both answer the same.
        for (facts, _) in later {
            let events: Vec<Event> = facts.into_iter().enumerate().map(|(number, (day, fact))| Event {
                key: EventKey::new(OPERATOR, format!("later-{number}")), stream, time: instant(day), fact: fact.into(),
            }).collect();
            let events: Vec<&Event> = events.iter().collect();
            prop_assert_eq!(occupancy.refusals(&events), fresh.refusals(&events));
        }
        prop_assert_eq!(occupancy.revision(), fresh.revision());
    }
}
