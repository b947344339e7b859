//! `parcours bench` as a user runs it, small.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use parcours_tests::wait_until;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Of a log as it grows.
const GROWTH: [&str; 16] = [
    "import",
    "import-views-behind",
    "import-memory",
    "import-log-wal",
    "import-views-wal",
    "disk-log",
    "disk-views",
    "start",
    "callers-64",
    "callers-64-p99",
    "callers-512",
    "callers-512-p99",
    "bare-scan",
    "rebuild",
    "rebuild-memory",
    "callers-512-to-64",
];

/// Of a log that is full.
const FULL: [&str; 25] = [
    "visible-load",
    "visible-catalogue-p50",
    "visible-catalogue-p99",
    "visible-timeline-p50",
    "visible-timeline-p99",
    "visible-territory-p50",
    "visible-territory-p99",
    "visible-outcomes-p50",
    "visible-outcomes-p99",
    "visible-memory",
    "replay-p50",
    "replay-p99",
    "bare-batched",
    "bare-single",
    "append",
    "append-to-batched",
    "append-512",
    "append-p50",
    "append-p99",
    "append-growth",
    "subscribed-append",
    "subscribed-append-p99",
    "subscribed-messages",
    "subscribed-behind",
    "subscribed-memory",
];

/// Of a stream that everybody writes to.
const HOT: [&str; 9] = [
    "hot-places",
    "hot-admission",
    "hot-withdrawal",
    "hot-late-admission",
    "hot-visible-p50",
    "hot-visible-p99",
    "hot-cold-start",
    "hot-import",
    "hot-import-shuffled",
];

fn bench(data: &Path, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcours"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARCOURS_")) {
        command.env_remove(name);
    }
    command
        .args(["bench", "--json", "--data"])
        .arg(data)
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The report of a run that leaves nothing behind, with figures of these names.
fn report(arguments: &[&str], names: &[&str]) -> Value {
    let data = tempfile::tempdir().unwrap();
    let output = bench(data.path(), arguments).wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    assert!(is_empty(data.path()));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let told: Vec<_> = figures(&report)
        .iter()
        .filter_map(|figure| figure["name"].as_str())
        .collect();
    assert_eq!(told, names);
    for figure in figures(&report) {
        let measured = figure["measured"].as_f64().filter(|value| value.is_finite());
        // Nobody may be behind at all.
        let may_be_nothing = figure["name"].as_str().unwrap().ends_with("-behind");
        assert!(
            measured.is_some_and(|value| value > 0.0 || (may_be_nothing && value == 0.0)),
            "{figure}"
        );
    }
    report
}

fn figures(report: &Value) -> &[Value] {
    report["figures"].as_array().unwrap()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn every_figure_of_a_full_log_is_measured_and_nothing_is_left_behind() {
    let only = ["--events", "1000", "--only", "visible,replay,append,subscribers"];
    let report = report(&only, &FULL);
    for name in ["cores", "cpu", "kernel", "parcours", "engine", "events"] {
        assert!(!report[name].is_null(), "{name} is not told");
    }
    for figure in figures(&report) {
        let absolute = figure["goals"]
            .as_array()
            .unwrap()
            .iter()
            .any(|goal| ["at-least", "below"].iter().any(|kind| !goal[kind].is_null()));
        assert!(!absolute || figure["met"].is_boolean(), "{figure}");
    }
}

#[test]
fn a_growing_log_is_measured_at_first_and_at_its_end_beside_another_build() {
    let program = env!("CARGO_BIN_EXE_parcours");
    let arguments = [
        "--events",
        "1500",
        "--first",
        "1000",
        "--only",
        "import,start,callers,rebuild",
        "--beside",
        program,
    ];
    let mut names: Vec<&str> = GROWTH.to_vec();
    names.extend(GROWTH);
    let report = report(&arguments, &names);
    for (index, figure) in figures(&report).iter().enumerate() {
        let at_the_end = index >= GROWTH.len();
        assert_eq!(
            figure["events"].as_u64(),
            Some(if at_the_end { 1_500 } else { 1_000 })
        );
        assert!(figure["to_other"].as_f64().is_some(), "{figure}");
        let has_grown = at_the_end && figure["name"] != "callers-512-to-64";
        assert_eq!(figure["growth"].is_null(), !has_grown, "{figure}");
    }
}

#[test]
fn a_hot_stream_is_measured_beside_another_build_without_filling_a_log() {
    let program = env!("CARGO_BIN_EXE_parcours");
    let report = report(&["--events", "1000", "--only", "hot", "--beside", program], &HOT);
    for figure in figures(&report) {
        assert!(figure["to_other"].as_f64().is_some(), "{figure}");
    }
    assert_eq!(figures(&report)[0]["measured"].as_f64(), Some(200.0));
}

#[test]
fn an_interrupted_bench_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut process = bench(data.path(), &["--events", "20000", "--only", "import"]);
    let importing = || {
        let mut folders = std::fs::read_dir(data.path()).unwrap();
        folders.any(|folder| folder.unwrap().path().join("whole/views.sqlite").exists())
    };
    wait_until("the import begins", Duration::from_secs(60), || {
        assert_eq!(process.try_wait().unwrap(), None, "it ended by itself");
        importing()
    });
    kill_process(Pid::from_child(&process), Signal::INT).unwrap();
    assert_eq!(process.wait().unwrap().code(), Some(130));
    assert!(is_empty(data.path()));
}
