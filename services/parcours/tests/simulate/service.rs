//! A service in memory: it receives events one by one, and keeps what the rules admit.

use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use parcours::simulate::settings::{Settings, SimulateArgs};
use parcours::simulate::simulate;
use parcours_model::{Event, Histories, History, Record, StreamId, Submission, Verdict, admit};
use std::collections::BTreeMap;
use std::iter;

#[derive(Default)]
pub struct Service {
    streams: BTreeMap<StreamId, History>,
    pub received: u64,
    size: u64,
}

impl Histories for Service {
    fn history(&self, stream: StreamId) -> Option<&History> {
        self.streams.get(&stream)
    }
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    simulate: SimulateArgs,
}

/// The settings of a command line, on a day that stays the same.
pub fn settings(line: &str) -> Settings {
    let words = iter::once("simulate").chain(line.split_whitespace());
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day of the calendar");
    Line::parse_from(words)
        .simulate
        .settings(today)
        .expect("settings of a programme")
}

impl Service {
    /// Receives a whole simulation, each event at the moment of its arrival; panics at the first refusal.
    pub fn after(line: &str) -> Self {
        let mut service = Self::default();
        let mut simulation = simulate(&settings(line));
        let mut clock = simulation.now();
        while let Some(submission) = simulation.next() {
            assert!(clock <= simulation.now(), "arrivals go back in time");
            clock = simulation.now();
            service.receive(submission, clock);
        }
        service
    }

    /// Keeps a whole simulation without asking the rules, which other tests ask: for figures of many people.
    pub fn trusting(line: &str) -> Self {
        let mut service = Self::default();
        let mut simulation = simulate(&settings(line));
        while let Some(submission) = simulation.next() {
            service.received += 1;
            service.keep(submission.event, simulation.now());
        }
        service
    }

    fn receive(&mut self, submission: Submission, now: DateTime<Utc>) {
        self.received += 1;
        let sent = Submission::parse(&submission.to_json()).expect("what is written can be read");
        assert_eq!(sent.event, submission.event);
        loop {
            match admit(&submission.event, self, now) {
                Ok(Verdict::Needs(stream)) => {
                    self.streams.insert(stream, History::new(stream));
                }
                Ok(Verdict::Admitted(consequences)) => {
                    iter::once(submission)
                        .chain(consequences)
                        .for_each(|submission| self.keep(submission.event, now));
                    return;
                }
                Err(refusal) => panic!(
                    "event {} refused: {refusal}\n{}\nafter:\n{}",
                    self.received,
                    String::from_utf8_lossy(&submission.to_json()),
                    self.told(submission.event.stream)
                ),
            }
        }
    }

    fn keep(&mut self, event: Event, recorded: DateTime<Utc>) {
        let history = self
            .streams
            .entry(event.stream)
            .or_insert_with_key(|stream| History::new(*stream));
        let (position, revision) = (self.size, history.revision() + 1);
        let record = Record {
            position,
            revision,
            recorded,
            actor: "test".into(),
            event,
        };
        history
            .push(record)
            .expect("an amendment names a fact of its stream");
        self.size += 1;
    }

    fn told(&self, stream: StreamId) -> String {
        let history = &self.streams[&stream];
        history
            .effective()
            .map(|fact| format!("  {} {}\n", fact.time, fact.fact.type_name()))
            .collect()
    }

    pub fn streams(&self) -> impl Iterator<Item = &History> {
        self.streams.values().filter(|history| !history.is_empty())
    }
}
