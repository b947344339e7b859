//! Commands that only look: they make nothing, leave nothing, and read wherever a log may lie.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, command_line, on_both_databases, program};
use tempfile::TempDir;

/// Commands that need a log; what they keep beside it would else be kept where a data directory is mistyped.
const LOOKING: [&[&str]; 7] = [
    &["replay", "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e"],
    &["rebuild"],
    &["webhooks", "show", "rouen"],
    &["webhooks", "replay", "rouen", "--all"],
    &["partner", "new", "rouen", "--territory", "departement/76"],
    &["outcomes", "nats-config"],
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

fn replay_bound_by_permissions(data: &Path, parcours: &str) -> Output {
    bound_by_permissions(data, &["replay", parcours])
}

/// Runs a command as somebody to whom permissions apply.
fn bound_by_permissions(data: &Path, arguments: &[&str]) -> Output {
    let mut command = program::bound_by_permissions();
    command.args(arguments).arg("--data").arg(data).output().unwrap()
}

#[test]
fn where_there_is_no_log_it_is_said_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("mistyped");
    for there in [false, true] {
        for looking in LOOKING {
            let mut arguments: Vec<OsString> = looking.iter().map(OsString::from).collect();
            arguments.extend(["--data".into(), data.clone().into()]);
            let messages = command_line::run(arguments).failed_with(1);
            assert!(messages.contains("mistyped"), "{looking:?}: {messages}");
            let made = match there {
                true => contents(&data).len(),
                false => contents(folder.path()).len(),
            };
            assert_eq!(made, 0, "{looking:?}");
        }
        fs::create_dir_all(&data).unwrap();
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

#[test]
fn what_may_not_be_read_is_said_to_be_and_by_whom() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nobody = "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e";
    let arguments: Vec<OsString> = vec!["import".into(), "-".into(), "--data".into(), data.clone().into()];
    command_line::run(arguments).succeeded();
    let modes = |directory: u32, files: u32| {
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        for (name, _) in contents(&data) {
            fs::set_permissions(data.join(name), fs::Permissions::from_mode(files)).unwrap();
        }
        fs::set_permissions(&data, fs::Permissions::from_mode(directory)).unwrap();
    };
    for (directory, files, says) in [
        (
            0o000,
            0o600,
            format!("the directory {} cannot be entered by user", data.display()),
        ),
        (0o700, 0o000, "log.sqlite cannot be read by user".to_owned()),
    ] {
        modes(directory, files);
        for command in [
            &["replay", nobody][..],
            &["import", "-"],
            &["rebuild"],
            &["serve", "--listen", "0"],
        ] {
            let ended = bound_by_permissions(&data, command);
            let messages = String::from_utf8_lossy(&ended.stderr).into_owned();
            assert_eq!(ended.status.code(), Some(1), "{command:?}: {messages}");
            assert!(
                messages.contains("permission denied") && messages.contains(&says),
                "{command:?}: {messages}"
            );
            assert!(!messages.contains("Error code"), "{command:?}: {messages}");
        }
        modes(0o700, 0o600);
    }
}
