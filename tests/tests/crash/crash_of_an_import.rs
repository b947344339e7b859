//! `kill -9` in the middle of an import, again and again; then the import once more.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::time::Instant;

use parcours_tests::{Database, Service, command_line, on_both_databases};
use serde_json::Value;
use uuid::Uuid;

use crate::chance::Chance;

const KILLS: u32 = 8;

fn import(database: &Database, file: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["import".into(), file.into(), "--json".into()];
    arguments.extend(database.options());
    arguments
}

/// What an import says it did.
fn sums(report: &str) -> BTreeMap<String, u64> {
    let last: Value = serde_json::from_str(report.lines().last().unwrap()).unwrap();
    serde_json::from_value(last["sums"].clone()).unwrap()
}

/// The log as it can be read: each parcours' events, the moment of recording aside.
fn told(database: &Database, parcours: &[Uuid]) -> (u64, Vec<Vec<Value>>) {
    let service = Service::start(database);
    let api = service.api();
    let histories = parcours.iter().map(|parcours| {
        let mut history = api.history(*parcours);
        for event in &mut history {
            event.as_object_mut().unwrap().remove("recordedtime");
        }
        history
    });
    (api.log_size(), histories.collect())
}

on_both_databases! {
    fn an_import_killed_again_and_again_ends_as_one_that_was_never_disturbed(database: Database) {
        let mut chance = Chance::logged();
        let simulation = [
            "simulate",
            "--trainees=300",
            "--seed=11",
            "--from=2024-01-01",
            "--until=2025-12-01",
        ];
        let lines = command_line::run(simulation).succeeded();
        let number = lines.lines().count() as u64;
        let file = database.data().join("events.ndjson");
        std::fs::write(&file, &lines).unwrap();

        let undisturbed = if database.url().is_some() {
            Database::postgres()
        } else {
            Database::sqlite()
        };
        let before = Instant::now();
        let report = command_line::run(import(&undisturbed, &file)).succeeded();
        let takes = before.elapsed();
        assert_eq!(sums(&report)["recorded"], number);

        let mut killed = 0;
        for _ in 0..KILLS {
            let mut importing = command_line::start(import(&database, &file), b"");
            // No condition is waited for: the moment of the kill is what is tried.
            let moment = chance.before(takes);
            println!("killed after {moment:?} of {takes:?}");
            if !importing.ends_within(moment) && importing.kill() {
                killed += 1;
            }
        }
        assert!(killed > KILLS / 2, "{killed} kills hit an import");
        let last = sums(&command_line::run(import(&database, &file)).succeeded());
        assert_eq!(last["recorded"] + last["duplicates"], number, "{last:?}");
        assert!(
            last["duplicates"] > 0,
            "nothing of the killed imports had stayed: {last:?}"
        );

        let events = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let mut parcours: Vec<Uuid> = events
            .filter_map(|event| event["subject"].as_str()?.strip_prefix("parcours/")?.parse().ok())
            .collect();
        parcours.sort_unstable();
        parcours.dedup();
        let (size, histories) = told(&database, &parcours);
        let (expected_size, expected) = told(&undisturbed, &parcours);
        assert_eq!(size, expected_size);
        for (history, expected) in histories.iter().zip(&expected) {
            assert_eq!(history, expected);
        }
    }
}
