//! Where the log and the views are: by flag, by environment, by file; together or apart.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::process::Command;

use parcours_tests::answers::must_be_the_same;
use parcours_tests::story::Person;
use parcours_tests::{Service, Story, command_line, fresh_postgres, on_both_databases, program};

/// Records one parcours through a service; gives it.
fn one_parcours(service: &Service) -> Story {
    let mut story = Story::parcours();
    service
        .api()
        .record(&story.enters("2024-02-05", &Person::default()));
    story
}

/// What `parcours replay PARCOURS` tells when `prepare` says where the log is.
fn replay(story: &Story, prepare: impl FnOnce(&mut Command)) -> String {
    let mut command = program::parcours();
    command.args(["replay", &story.uuid().to_string(), "--json"]);
    prepare(&mut command);
    let done = command.output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

on_both_databases! {
    fn a_database_is_named_by_flag_by_environment_or_by_file(database: Database) {
        let service = Service::start(&database);
        let story = one_parcours(&service);
        assert!(service.stop().success());
        let by_flag = replay(&story, |command| {
            command.args(database.options());
        });
        let by_environment = replay(&story, |command| {
            command.env("PARCOURS_DATA", database.data());
            if let Some(url) = database.url() {
                command.env("PARCOURS_DATABASE", url);
            }
        });
        let by_file = replay(&story, |command| {
            let elsewhere = database.data().join("elsewhere");
            std::fs::create_dir_all(&elsewhere).unwrap();
            let mut lines = format!("data = {:?}\n", database.data());
            if let Some(url) = database.url() {
                lines.push_str(&format!("database = {url:?}\n"));
            }
            std::fs::write(elsewhere.join("parcours.toml"), lines).unwrap();
            command.current_dir(elsewhere);
        });
        assert_eq!(by_flag, by_environment);
        assert_eq!(by_flag, by_file);
    }

    fn views_may_be_kept_in_another_database_than_the_log(database: Database) {
        let apart = fresh_postgres();
        let options = ["--views", apart.url()];
        let service = Service::start_with(&database, options);
        let story = one_parcours(&service);
        let told = service.api().everything(&[story.uuid()]);
        assert!(service.stop().success());

        let mut rebuild: Vec<OsString> = ["rebuild", "--views", apart.url()].map(OsString::from).into();
        rebuild.extend(database.options());
        command_line::run(rebuild).succeeded();
        let service = Service::start_with(&database, options);
        must_be_the_same(&told, &service.api().everything(&[story.uuid()]));
        // Views beside the log know the same.
        let beside = Service::start(&database);
        must_be_the_same(&told, &beside.api().everything(&[story.uuid()]));
    }
}
