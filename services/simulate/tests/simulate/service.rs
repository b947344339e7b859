//! A service in memory: it receives events one by one, and keeps what the rules admit.

use chrono::{DateTime, NaiveDate, Utc};
use clap::Parser;
use parcours_model::streams::parcours;
use parcours_model::{Fact, History, InMemory, StreamId, StreamKind, Submission, calendar};
use parcours_simulate::settings::{Settings, SimulateArgs, Unfit};
use parcours_simulate::simulate;
use std::iter;

#[derive(Default)]
pub struct Service {
    log: InMemory,
    pub received: u64,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    simulate: SimulateArgs,
}

/// What is made of a command line, on a day that stays the same.
pub fn chosen(line: &str) -> Result<Settings, Unfit> {
    let words = iter::once("simulate").chain(line.split_whitespace());
    let today = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day of the calendar");
    Line::parse_from(words).simulate.settings(today)
}

/// The settings of a command line that makes some.
pub fn settings(line: &str) -> Settings {
    chosen(line).expect("settings of a programme")
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
            service.log.keep(submission.event, simulation.now());
        }
        service
    }

    fn receive(&mut self, submission: Submission, now: DateTime<Utc>) {
        self.received += 1;
        let sent = Submission::parse(&submission.to_json()).expect("what is written can be read");
        assert_eq!(sent.event, submission.event);
        if let Err(refused) = self.log.submit(&[&submission.event], now) {
            panic!(
                "event {} refused: {refused}\n{}\nafter:\n{}",
                self.received,
                String::from_utf8_lossy(&submission.to_json()),
                self.told(submission.event.stream)
            );
        }
    }

    fn told(&self, stream: StreamId) -> String {
        let history = self.log.stream(stream);
        history
            .into_iter()
            .flat_map(History::effective)
            .map(|fact| format!("  {} {}\n", fact.time, fact.fact.type_name()))
            .collect()
    }

    pub fn streams(&self) -> impl Iterator<Item = &History> {
        self.log.streams()
    }
}

/// The parcours among all streams.
pub fn parcours(service: &Service) -> impl Iterator<Item = &History> {
    service
        .streams()
        .filter(|history| history.stream().kind == StreamKind::Parcours)
}

/// The facts of a parcours in effective order, each with its day.
pub fn facts(history: &History) -> impl Iterator<Item = (NaiveDate, &parcours::Fact)> {
    history.effective().filter_map(|fact| match fact.fact {
        Fact::Parcours(parcours) => Some((calendar::day(fact.time), parcours)),
        _ => None,
    })
}
