//! The command line itself: its help, its exit codes, what it says when something is wrong; `simulate`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;

use parcours_tests::{Database, command_line, on_both_databases};
use serde_json::Value;

const COMMANDS: [&str; 8] = [
    "serve",
    "demo",
    "import",
    "simulate",
    "replay",
    "rebuild",
    "partner",
    "completions",
];
const SHORT: [&str; 6] = [
    "simulate",
    "--trainees=60",
    "--from=2024-01-01",
    "--until=2025-06-01",
    "--seed",
    "7",
];

#[test]
fn help_names_every_command_and_the_exit_codes() {
    let help = command_line::run(["--help"]).succeeded();
    for command in COMMANDS {
        assert!(
            help.lines().any(|line| line.trim_start().starts_with(command)),
            "{command} is not in\n{help}"
        );
    }
    assert!(help.contains("Exit codes"), "{help}");
    assert!(help.contains("PARCOURS_DATABASE"), "{help}");
}

#[test]
fn every_command_has_its_help_with_the_common_options() {
    for command in COMMANDS {
        let help = command_line::run([command, "--help"]).succeeded();
        assert!(
            help.contains("Usage: parcours") && help.contains("--data <DIR>"),
            "{help}"
        );
    }
}

#[test]
fn the_version_is_told() {
    let told = command_line::run(["--version"]).succeeded();
    assert!(told.starts_with("parcours 0."), "{told}");
}

#[test]
fn a_command_line_that_is_wrong_ends_with_2_and_names_what_is_wrong() {
    for (arguments, named) in [
        (&["serve", "--colour", "blue"][..], "--colour"),
        (&["dance"], "dance"),
        (&["simulate", "--trainees", "0"], "--trainees"),
        (&["simulate", "--success-rate", "72"], "--success-rate"),
        (&["replay", "nobody"], "nobody"),
        (&["import"], "FILE"),
        (&[], "Usage"),
    ] {
        let messages = command_line::run(arguments).failed_with(2);
        assert!(messages.contains(named), "{arguments:?}: {messages}");
    }
}

#[test]
fn a_number_that_is_none_is_told_with_what_is_expected() {
    for (arguments, told) in [
        (
            &["simulate", "--trainees", "abc"][..],
            "from 1 to 4294967295, such as 2000",
        ),
        (&["simulate", "--trainees", "1.5"], "expected a whole number"),
        (
            &["simulate", "--seed=-1"],
            "expected a whole number from 0 on, such as 1",
        ),
        (
            &["simulate", "--from", "yesterday"],
            "expected a day of the calendar, such as",
        ),
        (
            &["import", "x", "--capacity", "0"],
            "from 1 to 250000, such as 12",
        ),
        (&["rebuild", "--skip", "x"], "from 0 on, such as"),
        (
            &["webhooks", "show", "rouen", "--limit", "0"],
            "from 1 to 100000, such as 100",
        ),
        (&["bench", "--events", "x"], "from 1000 on, such as 1000000"),
        (&["bench", "--months", "121"], "from 6 to 120, such as 36"),
        (&["serve", "--nats-replicas", "x"], "from 1 to 5, such as 3"),
        (
            &["serve", "--webhooks-timeout", "5"],
            "with its unit, such as 15s",
        ),
        (
            &["serve", "--webhooks-schedule", "x"],
            "with its unit, such as 5s",
        ),
    ] {
        let messages = command_line::run(arguments).failed_with(2);
        let found = arguments
            .last()
            .map(|last| last.rsplit('=').next().unwrap())
            .unwrap();
        assert!(
            messages.contains(&format!("'{found}'")) && messages.contains(told),
            "{arguments:?}: {messages}"
        );
        for raw in ["digit found", "time unit needed", "is not in", "input contains"] {
            assert!(!messages.contains(raw), "{arguments:?}: {messages}");
        }
    }
}

#[test]
fn completions_are_a_script_that_the_shell_reads() {
    let script = command_line::run(["completions", "bash"]).succeeded();
    assert!(script.contains("complete ") && script.contains("rebuild"));
    let read = std::process::Command::new("bash")
        .args(["-n", "-c", &script])
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    for shell in ["zsh", "fish"] {
        assert!(
            command_line::run(["completions", shell])
                .succeeded()
                .contains("parcours")
        );
    }
}

#[test]
fn a_database_that_is_none_is_named_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    for url in [
        "mysql://localhost/parcours",
        "postgres://nobody:hush@127.0.0.1:1/parcours",
    ] {
        let arguments: [OsString; 6] = [
            "serve".into(),
            "--listen=127.0.0.1:0".into(),
            "--data".into(),
            data.clone().into(),
            "--database".into(),
            url.into(),
        ];
        let messages = command_line::run(arguments).failed_with(1);
        assert!(messages.contains("error: "), "{messages}");
        assert!(messages.contains("postgres://"), "{messages}");
        assert!(
            !messages.contains("hush"),
            "a password is never shown: {messages}"
        );
        assert!(!messages.contains("panicked"), "{messages}");
        assert!(!data.exists());
    }
}

#[test]
fn an_address_that_is_taken_is_named() {
    let database = Database::sqlite();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut arguments: Vec<OsString> = ["serve", "--listen", &address].map(OsString::from).into();
    arguments.extend(database.options());
    let messages = command_line::run(arguments).failed_with(1);
    assert!(messages.contains(&address), "{messages}");
}

#[test]
fn a_simulation_with_the_same_seed_is_the_same_bytes() {
    let first = command_line::run(SHORT).succeeded();
    assert!(first.lines().count() > 600, "{}", first.lines().count());
    assert!(
        first == command_line::run(SHORT).succeeded(),
        "two runs with one seed differ"
    );
    let mut other = SHORT;
    other[5] = "8";
    assert!(first != command_line::run(other).succeeded());
}

#[test]
fn every_line_of_a_simulation_is_a_cloudevent() {
    for line in command_line::run(SHORT).succeeded().lines() {
        let event: Value = serde_json::from_str(line).unwrap();
        assert_eq!(event["specversion"], "1.0");
        for name in ["id", "source", "subject", "type", "time"] {
            assert!(event[name].is_string(), "{name} in {line}");
        }
    }
}

on_both_databases! {
    fn every_event_of_a_simulation_is_one_that_the_service_takes(database: Database) {
        let service = parcours_tests::Service::start(&database);
        let lines = command_line::run(SHORT).succeeded();
        let results = service
            .api()
            .post_stream(lines.as_bytes())
            .must_be(200)
            .json_lines();
        assert_eq!(results.len(), lines.lines().count());
        for result in results {
            assert_eq!(result["status"], "recorded", "{result}");
        }
    }
}
