//! Random appends against the log and against the few lines that say what should come of them.

use std::collections::HashMap;

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
    Twice(usize, usize),
    WrongRevision(StreamId, u64),
}

/// The log in a few lines: no group, no cache, no database.
#[derive(Default, Clone)]
struct Oracle {
    size: u64,
    revisions: HashMap<u8, u64>,
    ids: HashMap<u8, (u8, u8, u64, u64)>,
}

impl Oracle {
    /// What must come of an append. That one of its names is taken is told whatever else is wrong with it.
    fn append(&mut self, asked: &Asked) -> Outcome {
        let mut after = self.clone();
        let outcome = after.attempt(asked);
        if matches!(outcome, Outcome::Done(_)) {
            *self = after;
        }
        outcome
    }

    fn attempt(&mut self, asked: &Asked) -> Outcome {
        if let Some(conflict) = self.clone().conflict(asked) {
            return conflict;
        }
        let fresh = |given: &Given| self.find(given).is_none();
        if let Some((stream, expected)) = asked.expected
            && asked.events.iter().any(fresh)
        {
            let actual = self.revisions.get(&stream).copied().unwrap_or(0);
            if actual != u64::from(expected) {
                return Outcome::WrongRevision(operator(stream.into()), actual);
            }
        }
        if let Some(index) = asked.events.iter().position(|given| given.name().is_none()) {
            return Outcome::Refused(index);
        }
        Outcome::Done(asked.events.iter().map(|given| self.record(given)).collect())
    }

    /// The first event of which the name is taken, by one recorded before or by one before it in the append.
    fn conflict(mut self, asked: &Asked) -> Option<Outcome> {
        let before = self.size;
        for (index, given) in asked.events.iter().enumerate() {
            if let Some(Err(position)) = self.find(given) {
                let earlier = asked.events.iter().position(|other| other.name() == given.name());
                return Some(match earlier.filter(|_| position >= before) {
                    Some(other) => Outcome::Twice(index, other),
                    None => Outcome::Conflict(index, position),
                });
            }
            if given.name().is_some() {
                self.record(given);
            }
        }
        None
    }

    fn record(&mut self, given: &Given) -> (bool, u64, u64) {
        if let Some(Ok((position, revision))) = self.find(given) {
            return (true, position, revision);
        }
        let Given::Event { id, stream, name } = *given else {
            unreachable!("what no rule admits is not recorded");
        };
        let revision = self.revisions.entry(stream).or_default();
        *revision += 1;
        let receipt = (false, self.size, *revision);
        self.ids.insert(id, (stream, name, self.size, *revision));
        self.size += 1;
        receipt
    }

    /// Where an event is, or the position of another one of its name.
    fn find(&self, given: &Given) -> Option<Result<(u64, u64), u64>> {
        let Given::Event { id, stream, name } = *given else {
            return None;
        };
        let &(its_stream, its_name, position, revision) = self.ids.get(&id)?;
        Some(if (its_stream, its_name) == (stream, name) {
            Ok((position, revision))
        } else {
            Err(position)
        })
    }
}

async fn check(logs: &[Log], groups: &[Vec<Asked>]) {
    let mut oracle = Oracle::default();
    for (n, group) in groups.iter().enumerate() {
        let log = &logs[n % logs.len()];
        let answers = log.append_each(group.iter().map(Asked::append).collect()).await;
        for (asked, answer) in group.iter().zip(answers) {
            let outcome = match answer {
                Ok(receipts) => Outcome::Done(
                    receipts
                        .iter()
                        .map(|r| (r.duplicate, r.position, r.revision))
                        .collect(),
                ),
                Err(Rejection::Refused { index, .. }) => Outcome::Refused(index),
                Err(Rejection::Conflict { index, position, .. }) => Outcome::Conflict(index, position),
                Err(Rejection::Twice { index, other }) => Outcome::Twice(index, other),
                Err(Rejection::WrongRevision { stream, actual, .. }) => {
                    Outcome::WrongRevision(stream, actual)
                }
                Err(other) => panic!("{other}"),
            };
            assert_eq!(outcome, oracle.append(asked), "{asked:?}");
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
