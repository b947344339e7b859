//! Whoever reads what the program says may go away, or read no further, and is no reason to stop or to wait.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{PipeWriter, Read, pipe};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, program};

/// What a command is given to write to, and whom nobody reads from.
fn to_nobody() -> PipeWriter {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    writer
}

/// Runs a command; gives its exit code, and its messages.
fn run(arguments: &[OsString], output: impl Into<Stdio>) -> (Option<i32>, String) {
    let ended = program::parcours()
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
        .wait_with_output()
        .unwrap();
    (ended.status.code(), String::from_utf8(ended.stderr).unwrap())
}

/// Commands that say something on standard output, on a log that has something to say.
fn sayings(database: &Database) -> Vec<Vec<OsString>> {
    let service = Service::start(database);
    let mut story = Story::parcours();
    let events = story.enters("2024-02-05", &Person::default());
    service.api().post_batch(&events).must_be(200);
    service.stop();
    let file = database.data().join("again.ndjson");
    let lines: Vec<String> = events.iter().map(ToString::to_string).collect();
    fs::write(&file, lines.join("\n") + "\nno event\n").unwrap();
    let uuid = story.uuid().to_string();
    let file = file.to_str().unwrap().to_owned();
    let commands: Vec<Vec<&str>> = vec![
        vec!["replay", &uuid],
        vec!["replay", &uuid, "--json"],
        vec!["import", &file],
        vec!["import", &file, "--json"],
        vec!["rebuild"],
        vec!["simulate", "--trainees=300"],
        vec!["completions", "bash"],
        vec!["partner", "new", "rouen", "--territory=region/28"],
        vec!["webhooks", "list"],
        vec!["help"],
    ];
    let with_options = |command: Vec<&str>| {
        let mut arguments: Vec<OsString> = command.iter().map(OsString::from).collect();
        if !matches!(command[0], "simulate" | "completions" | "help") {
            arguments.extend(database.options());
        }
        arguments
    };
    commands.into_iter().map(with_options).collect()
}

#[test]
fn a_reader_who_has_had_enough_is_no_failure() {
    let database = Database::sqlite();
    for command in sayings(&database) {
        let expected = run(&command, Stdio::null());
        let (code, messages) = run(&command, to_nobody());
        assert_eq!(code, expected.0, "{command:?}: {messages}");
        assert!(!messages.contains("panic"), "{command:?}: {messages}");
    }
}

#[test]
fn a_result_that_cannot_be_written_is_a_failure_that_says_so() {
    let database = Database::sqlite();
    for command in sayings(&database) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (code, messages) = run(&command, full);
        assert_eq!(code, Some(1), "{command:?}: {messages}");
        assert!(
            messages.contains("error: ") && messages.contains("No space left"),
            "{command:?}: {messages}"
        );
        assert!(
            !messages.contains("The secret of"),
            "of a declaration that nobody has: {messages}"
        );
    }
}

#[test]
fn a_service_works_and_stops_when_nobody_hears_it_any_more() {
    let database = Database::sqlite();
    let service = Service::start_telling(&database, to_nobody());
    works_and_stops(service);
}

#[test]
fn a_service_works_and_stops_when_nobody_reads_on() {
    let database = Database::sqlite();
    let (mut reader, writer) = pipe().unwrap();
    let service = Service::start_telling(&database, writer);
    // It has begun to tell, and then nobody reads: soon the pipe is full.
    reader.read_exact(&mut [0]).unwrap();
    works_and_stops(service);
}

fn works_and_stops(service: Service) {
    let api = service.api();
    for _ in 0..50 {
        let events = Story::parcours().enters("2024-02-05", &Person::default());
        api.post_batch(&events).must_be(200);
    }
    api.wait_for_views();
    api.get("/health/ready").must_be(200);
    assert!(service.stop().success());
}

#[test]
fn what_is_kept_is_for_its_owner() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    service
        .api()
        .post_batch(&Story::parcours().enters("2024-02-05", &Person::default()))
        .must_be(200);
    let files: Vec<_> = fs::read_dir(database.data())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(
        files.iter().any(|file| file.file_name() == "log.sqlite"),
        "{files:?}"
    );
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has the mode {mode:o}", file.path());
    }
}
