//! `parcours bench` as a user runs it, small.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use parcours_tests::wait_until;
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const FIGURES: [&str; 30] = [
    "import",
    "import-views-behind",
    "import-memory",
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
    "bare-scan",
    "rebuild",
    "rebuild-memory",
    "replay-p50",
    "replay-p99",
    "bare-batched",
    "bare-single",
    "append",
    "append-to-batched",
    "append-p50",
    "append-p99",
    "append-growth",
    "subscribed-append",
    "subscribed-append-p99",
    "subscribed-messages",
    "subscribed-behind",
    "subscribed-memory",
];

fn bench(data: &Path, events: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcours"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PARCOURS_")) {
        command.env_remove(name);
    }
    command
        .args(["bench", "--json", "--events", events, "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn every_figure_is_measured_and_nothing_is_left_behind() {
    let data = tempfile::tempdir().unwrap();
    let output = bench(data.path(), "2000").wait_with_output().unwrap();
    assert!(output.status.success(), "{:?}", output.status);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let figures = report["figures"].as_array().unwrap();
    let names: Vec<_> = figures
        .iter()
        .filter_map(|figure| figure["name"].as_str())
        .collect();
    assert_eq!(names, FIGURES);
    for figure in figures {
        let measured = figure["measured"].as_f64().filter(|value| value.is_finite());
        // Nobody may be behind at all.
        let may_be_nothing = figure["name"].as_str().unwrap().ends_with("-behind");
        assert!(
            measured.is_some_and(|value| value > 0.0 || (may_be_nothing && value == 0.0)),
            "{figure}"
        );
        let has_goal = !figure["goal"].is_null();
        assert_eq!(has_goal, figure["met"].is_boolean(), "{figure}");
    }
    for name in ["cores", "cpu", "kernel", "parcours", "engine", "events"] {
        assert!(!report[name].is_null(), "{name} is not told");
    }
    assert!(is_empty(data.path()));
}

#[test]
fn an_interrupted_bench_leaves_nothing_behind() {
    let data = tempfile::tempdir().unwrap();
    let mut process = bench(data.path(), "50000");
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
