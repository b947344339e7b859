//! Random appends against the log and against the few lines that say what should come of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use parcours_log::{Append, Log, Rejection};
use parcours_model::StreamId;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::events::{append, impossible, operator, registered_as, sound};
use crate::place::Place;

/// One event: which of a few ids, streams and contents; or one that no rule admits.
#[derive(Debug, Clone, Copy)]
enum Given {
    Event { id: u8, stream: u8, name: u8 },
    Impossible { stream: u8 },
}

#[derive(Debug, Clone)]
struct Asked {
    events: Vec<Given>,
    expected: Option<(u8, u8)>,
}

fn given() -> impl Strategy<Value = Given> {
    prop_oneof![
        12 => (0..40_u8, 0..4_u8, 0..10_u8).prop_map(|(id, stream, name)| {
            // The stream and the name mostly follow from the id, so that repetitions are mostly true duplicates.
            let strange = name == 0;
            Given::Event { id, stream: if strange { stream } else { id % 4 }, name: u8::from(name == 1) }
        }),
        1 => (0..4_u8).prop_map(|stream| Given::Impossible { stream }),
    ]
}

fn asked() -> impl Strategy<Value = Asked> {
    let events = proptest::collection::vec(given(), 1..4);
    let expected = proptest::option::weighted(0.2, (0..4_u8, 0..5_u8));
    (events, expected).prop_map(|(events, expected)| Asked { events, expected })
}

impl Given {
    fn name(&self) -> Option<u8> {
        match *self {
            Given::Event { id, .. } => Some(id),
            Given::Impossible { .. } => None,
        }
    }
}

impl Asked {
    fn append(&self) -> Append {
        let submission = |given: &Given| match *given {
            Given::Event { id, stream, name } => {
                registered_as(&format!("{id}"), stream.into(), &format!("{name}"))
            }
            Given::Impossible { stream } => impossible(stream.into()),
        };
        let mut append = append(self.events.iter().map(submission));
        append.expected = self
            .expected
            .iter()
            .map(|(s, r)| (operator((*s).into()), (*r).into()))
            .collect();
        append
    }
}

/// What must come of an append, in words that can be compared.
#[derive(Debug, PartialEq)]
enum Outcome {
    Done(Vec<(bool, u64, u64)>),
    Refused(usize),
    Conflict(usize, u64),
    WrongRevision(StreamId, u64),
}

/// The log in a few lines: no group, no cache, no database.
#[derive(Default, Clone)]
struct Oracle {
    size: u64,
    revisions: HashMap<u8, u64>,
    ids: HashMap<u8, (u8, u8, u64, u64)>,
    /// Names that are not looked for before this position but in the event's own stream.
    unseen: (HashSet<u8>, u64),
}

impl Oracle {
    /// What may come of an append in a group that began at size `group`. That a name is taken in another stream the log
    /// learns only when it would write it, so of several faults it may tell any before which it sees none.
    fn append(&mut self, asked: &Asked, group: u64) -> Vec<Outcome> {
        let names: BTreeSet<u8> = asked.events.iter().filter_map(Given::name).collect();
        let mut seeing = self.clone();
        let mut allowed = vec![seeing.attempt(asked)];
        for unseen in subsets(&names) {
            let mut blind = Oracle {
                unseen: (unseen, group),
                ..self.clone()
            };
            let outcome = blind.attempt(asked);
            // What would be written with a name that is taken is not.
            if !matches!(outcome, Outcome::Done(_)) {
                allowed.push(outcome);
            }
        }
        if matches!(allowed[0], Outcome::Done(_)) {
            *self = seeing;
        }
        allowed
    }

    fn attempt(&mut self, asked: &Asked) -> Outcome {
        if let Some((stream, expected)) = asked.expected {
            for (index, given) in asked.events.iter().enumerate() {
                match self.find(given) {
                    Some(Err(position)) => return Outcome::Conflict(index, position),
                    Some(Ok(_)) => {}
                    None => {
                        let actual = self.revisions.get(&stream).copied().unwrap_or(0);
                        if actual != u64::from(expected) {
                            return Outcome::WrongRevision(operator(stream.into()), actual);
                        }
                        break;
                    }
                }
            }
        }
        let mut receipts = Vec::new();
        for (index, given) in asked.events.iter().enumerate() {
            match (self.find(given), *given) {
                (Some(Ok((position, revision))), _) => receipts.push((true, position, revision)),
                (Some(Err(position)), _) => return Outcome::Conflict(index, position),
                (None, Given::Impossible { .. }) => return Outcome::Refused(index),
                (None, Given::Event { id, stream, name }) => {
                    let revision = self.revisions.entry(stream).or_default();
                    *revision += 1;
                    self.ids.insert(id, (stream, name, self.size, *revision));
                    receipts.push((false, self.size, *revision));
                    self.size += 1;
                }
            }
        }
        Outcome::Done(receipts)
    }

    /// Where an event is, or the position of another one of its name.
    fn find(&self, given: &Given) -> Option<Result<(u64, u64), u64>> {
        let Given::Event { id, stream, name } = *given else {
            return None;
        };
        let &(its_stream, its_name, position, revision) = self.ids.get(&id)?;
        let (unseen, before) = &self.unseen;
        if position < *before && its_stream != stream && unseen.contains(&id) {
            return None;
        }
        Some(if (its_stream, its_name) == (stream, name) {
            Ok((position, revision))
        } else {
            Err(position)
        })
    }
}

fn subsets(names: &BTreeSet<u8>) -> impl Iterator<Item = HashSet<u8>> {
    let chosen = |bits: u32| move |(place, name): (u32, &u8)| (bits >> place & 1 == 1).then_some(*name);
    (0..1_u32 << names.len()).map(move |bits| (0..).zip(names).filter_map(chosen(bits)).collect())
}

async fn check(logs: &[Log], groups: &[Vec<Asked>]) {
    let mut oracle = Oracle::default();
    for (n, group) in groups.iter().enumerate() {
        let log = &logs[n % logs.len()];
        let answers = log.append_each(group.iter().map(Asked::append).collect()).await;
        let size = oracle.size;
        for (asked, answer) in group.iter().zip(answers) {
            let outcome = match answer {
                Ok(receipts) => Outcome::Done(
                    receipts
                        .iter()
                        .map(|r| (r.duplicate, r.position, r.revision))
                        .collect(),
                ),
                Err(Rejection::Refused { index, .. }) => Outcome::Refused(index),
                Err(Rejection::Conflict { index, position }) => Outcome::Conflict(index, position),
                Err(Rejection::WrongRevision { stream, actual, .. }) => {
                    Outcome::WrongRevision(stream, actual)
                }
                Err(other) => panic!("{other}"),
            };
            let allowed = oracle.append(asked, size);
            assert!(
                allowed.contains(&outcome),
                "{asked:?}: {outcome:?}, not {allowed:?}"
            );
        }
    }
    assert_eq!(sound(&logs[0]).await.len() as u64, oracle.size);
}

/// Runs random histories, through as many logs as `logs` on one database.
fn random(cases: u32, place: fn() -> Place, logs: usize) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let groups = proptest::collection::vec(proptest::collection::vec(asked(), 1..12), 1..10);
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&groups, |groups| {
            runtime.block_on(async {
                let place = place();
                let mut opened = Vec::new();
                for _ in 0..logs {
                    opened.push(place.open().await);
                }
                check(&opened, &groups).await;
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn sqlite_answers_as_the_oracle() {
    random(40, Place::sqlite, 1);
}

#[test]
fn sqlite_answers_as_the_oracle_through_two_logs() {
    random(40, Place::sqlite, 2);
}

#[test]
fn postgres_answers_as_the_oracle() {
    random(10, Place::postgres, 1);
}

#[test]
fn postgres_answers_as_the_oracle_through_two_logs() {
    random(10, Place::postgres, 2);
}
