//! Commands that only look: they make nothing, leave nothing, and read wherever a log may lie.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, command_line, on_both_databases, program};
use tempfile::TempDir;

const LOOKING: [&[&str]; 5] = [
    &["replay", "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e"],
    &["rebuild"],
    &["webhooks", "show", "rouen"],
    &["webhooks", "replay", "rouen", "--all"],
    &["outcomes", "refill", "--nats", "nats://127.0.0.1:1"],
];

/// The names in a folder, with the bytes of each file.
fn contents(folder: &Path) -> Vec<(OsString, Vec<u8>)> {
    let mut contents: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name(), fs::read(entry.path()).unwrap()))
        .collect();
    contents.sort();
    contents
}

/// A copy of these files of a log, where nothing can be written.
fn read_only_copy(data: &Path, names: &[&str]) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    for name in names {
        fs::copy(data.join(name), copy.path().join(name)).unwrap();
        fs::set_permissions(copy.path().join(name), fs::Permissions::from_mode(0o444)).unwrap();
    }
    fs::set_permissions(copy.path(), fs::Permissions::from_mode(0o555)).unwrap();
    copy
}

/// Replays as somebody to whom permissions apply, also where whoever runs the tests may do everything.
fn replay_bound_by_permissions(data: &Path, parcours: &str) -> Output {
    let mut command = match rustix::process::geteuid().is_root() {
        false => program::parcours(),
        true => {
            let mut command = Command::new("setpriv");
            command.args(["--bounding-set", "-dac_override,-dac_read_search"]);
            command.args(["--inh-caps", "-dac_override,-dac_read_search"]);
            command.arg(program::path());
            command
        }
    };
    command
        .args(["replay", parcours, "--data"])
        .arg(data)
        .output()
        .unwrap()
}

#[test]
fn where_there_is_no_log_it_is_said_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("mistyped");
    for looking in LOOKING {
        let mut arguments: Vec<OsString> = looking.iter().map(OsString::from).collect();
        arguments.extend(["--data".into(), data.clone().into()]);
        let messages = command_line::run(arguments).failed_with(1);
        assert!(messages.contains("mistyped"), "{looking:?}: {messages}");
        assert!(contents(folder.path()).is_empty(), "{looking:?}");
    }
}

#[test]
fn an_import_of_a_file_that_is_not_there_makes_nothing_and_imports_none_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let there = folder.path().join("there.ndjson");
    let event = Story::parcours().oriented("2024-01-08", &Person::default());
    fs::write(&there, event.to_string()).unwrap();
    let data = folder.path().join("data");
    for missing in [folder.path().join("mistyped.ndjson"), folder.path().to_owned()] {
        let mut arguments: Vec<OsString> =
            vec!["import".into(), there.clone().into(), missing.clone().into()];
        arguments.extend(["--data".into(), data.clone().into()]);
        let messages = command_line::run(arguments).failed_with(1);
        let named = format!("{} cannot be read: nothing is imported", missing.display());
        assert!(messages.contains(&named), "{messages}");
        assert!(!data.exists());
    }
}

on_both_databases! {
    fn a_database_without_a_log_gets_none_by_being_looked_at(database: Database) {
        let mut arguments: Vec<OsString> = LOOKING[0].iter().map(OsString::from).collect();
        arguments.extend(database.options());
        let messages = command_line::run(arguments).failed_with(1);
        assert!(messages.contains("there is no log there"), "{messages}");
        assert!(contents(database.data()).is_empty());
        if let Some(fresh) = database.on_postgres() {
            let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'parcours%'";
            let count: i64 = fresh.connect().query_one(schemas, &[]).unwrap().get(0);
            assert_eq!(count, 0);
        }
    }
}

#[test]
fn a_copy_where_nothing_can_be_written_is_read_whole_whatever_was_copied() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let mut story = Story::parcours();
    let events = story.enters("2024-02-05", &Person::default());
    service.api().post_batch(&events).must_be(200);
    let uuid = story.uuid().to_string();
    let expected = format!("{} events", events.len());

    // The files of a service that is at work, which has what is new in the WAL.
    let wal = fs::metadata(database.data().join("log.sqlite-wal")).unwrap();
    assert!(wal.len() > 0);
    for names in [
        &["log.sqlite", "log.sqlite-wal"][..],
        &["log.sqlite", "log.sqlite-wal", "log.sqlite-shm"],
    ] {
        let copy = read_only_copy(database.data(), names);
        let before = contents(copy.path());
        let told = replay_bound_by_permissions(copy.path(), &uuid);
        let words = String::from_utf8_lossy(&told.stdout).into_owned();
        assert!(words.contains(&expected), "{names:?}: {told:?}");
        assert_eq!(contents(copy.path()), before, "{names:?}");
    }
    // Beside the service itself.
    let told = replay_bound_by_permissions(database.data(), &uuid);
    assert!(
        String::from_utf8_lossy(&told.stdout).contains(&expected),
        "{told:?}"
    );
    // What a service leaves that has stopped, as a backup takes it.
    assert!(service.stop().success());
    let copy = read_only_copy(database.data(), &["log.sqlite"]);
    let told = replay_bound_by_permissions(copy.path(), &uuid);
    assert!(
        String::from_utf8_lossy(&told.stdout).contains(&expected),
        "{told:?}"
    );
    assert_eq!(contents(copy.path()).len(), 1);
}
