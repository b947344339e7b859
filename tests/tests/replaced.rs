//! A log that is no longer the one it was: restored to an earlier state and appended to, exchanged or removed under a running
//! service. Nothing is acknowledged that is lost, and nothing wrong is answered.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use parcours_tests::answers::must_be_the_same;
use parcours_tests::story::Person;
use parcours_tests::{
    Api, Database, FreshPostgres, Service, Story, command_line, fresh_postgres, on_both_databases, wait_until,
};
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(30);

/// A log with its views elsewhere, so that one can be restored without the other, as where they are backed up apart.
struct Region {
    database: Database,
    views: Option<FreshPostgres>,
}

/// The log as it was.
enum Backup {
    File(PathBuf),
    Database(FreshPostgres),
}

impl Region {
    fn new(database: Database) -> Region {
        let views = database.url().map(|_| fresh_postgres());
        Region { database, views }
    }

    fn options(&self) -> Vec<OsString> {
        let views = self.views.iter();
        views
            .flat_map(|views| ["--views".into(), views.url().into()])
            .collect()
    }

    fn start(&self, options: &[&str]) -> Service {
        let mut all = self.options();
        all.extend(options.iter().map(Into::into));
        Service::start_with(&self.database, all)
    }

    fn log(&self) -> PathBuf {
        self.database.data().join("log.sqlite")
    }

    /// To be called while no service runs.
    fn back_up(&self) -> Backup {
        match self.database.on_postgres() {
            Some(log) => Backup::Database(log.copy()),
            None => {
                let copy = self.database.data().join("backup");
                fs::copy(self.log(), &copy).unwrap();
                Backup::File(copy)
            }
        }
    }

    /// To be called while no service runs.
    fn restore(&self, backup: Backup) {
        match backup {
            Backup::Database(copy) => self.database.on_postgres().unwrap().replace_by(copy),
            Backup::File(copy) => {
                for end in ["", "-wal", "-shm"] {
                    let mut name = self.log().into_os_string();
                    name.push(end);
                    let _ = fs::remove_file(name);
                }
                fs::rename(copy, self.log()).unwrap();
            }
        }
    }

    fn rebuild(&self) {
        let mut arguments: Vec<OsString> = vec!["rebuild".into()];
        arguments.extend(self.database.options());
        arguments.extend(self.options());
        command_line::run(arguments).succeeded();
    }
}

/// Records what happened to some people; answers their parcours.
fn record(api: &Api, people: usize) -> Vec<Uuid> {
    let journey = |_| {
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        events.push(story.exited("2024-03-01", "abandoned"));
        api.record(&events);
        story.uuid()
    };
    (0..people).map(journey).collect()
}

fn problems(api: &Api) -> Vec<String> {
    let health = api.get("/health/ready").json();
    let problems = health["problems"].as_array().unwrap();
    problems
        .iter()
        .map(|problem| problem.as_str().unwrap().to_owned())
        .collect()
}

/// Waits until readiness says so.
fn wait_for_problem(api: &Api, words: &str) {
    wait_until(words, LIMIT, || {
        problems(api).iter().any(|problem| problem.contains(words))
    });
    api.get("/health/ready").must_be(503);
}

/// One event is refused, and the sender is told to send it again.
fn must_not_record(api: &Api) {
    let event = Story::parcours().oriented("2024-02-05", &Person::default());
    let answer = api.post_event(&event).must_be(503).json();
    assert!(
        answer["type"].as_str().unwrap().ends_with("log-unavailable"),
        "{answer}"
    );
}

on_both_databases! {
    fn views_of_a_log_that_was_restored_and_appended_to_are_rebuilt_and_never_answer_of_the_other_history(database: Database) {
        let region = Region::new(database);
        let service = region.start(&[]);
        let mut parcours = record(&service.api(), 2);
        service.api().wait_for_views();
        assert!(service.stop().success());
        let backup = region.back_up();
        let service = region.start(&[]);
        record(&service.api(), 2);
        service.api().wait_for_views();
        assert!(service.stop().success());
        region.restore(backup);

        // Nobody keeps the views up to date yet: they are of what was lost.
        let service = region.start(&["--only", "api"]);
        parcours.extend(record(&service.api(), 5));
        service.api().get("/v1/territories/region/28").must_be(503);
        service.api().get("/v1/catalogue").must_be(503);
        wait_for_problem(&service.api(), "another history");
        assert!(service.stop().success());

        let service = region.start(&[]);
        wait_until("the views are rebuilt", LIMIT, || service.api().get("/health/ready").status == 200);
        let before = service.api().everything(&parcours);
        assert_eq!(service.api().history(parcours[6]).len(), service.api().history(parcours[0]).len());
        assert!(service.stop().success());
        region.rebuild();
        let service = region.start(&[]);
        must_be_the_same(&before, &service.api().everything(&parcours));
        assert!(service.stop().success());
    }

    fn no_new_log_is_begun_beside_the_views_of_one_that_is_lost(database: Database) {
        let region = Region::new(database);
        let service = region.start(&[]);
        assert!(service.stop().success());
        let empty = region.back_up();
        let service = region.start(&[]);
        record(&service.api(), 1);
        service.api().wait_for_views();
        assert!(service.stop().success());
        region.restore(empty);
        let run = |command: &[&str]| {
            let mut arguments: Vec<OsString> = command.iter().map(OsString::from).collect();
            arguments.extend(region.database.options());
            arguments.extend(region.options());
            command_line::run(arguments).failed_with(1)
        };
        let refused = run(&["serve", "--listen", "127.0.0.1:0"]);
        assert!(refused.contains("is empty, but the views in"), "{refused}");
        assert!(refused.contains("a log of 9 entries"), "{refused}");
        if region.database.url().is_none() {
            fs::remove_file(region.log()).unwrap();
            for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["import", "-"], &["rebuild"], &["demo"]] {
                let refused = run(command);
                assert!(refused.contains("log"), "{command:?}: {refused}");
                assert!(!region.log().exists(), "{command:?} makes none in its place");
            }
        }
    }

    fn views_ahead_of_a_log_that_was_restored_are_rebuilt(database: Database) {
        let region = Region::new(database);
        let service = region.start(&[]);
        let parcours = record(&service.api(), 1);
        service.api().wait_for_views();
        let before = service.api().everything(&parcours);
        assert!(service.stop().success());
        let backup = region.back_up();
        let service = region.start(&[]);
        record(&service.api(), 3);
        service.api().wait_for_views();
        assert!(service.stop().success());
        region.restore(backup);
        let service = region.start(&[]);
        wait_until("the views are rebuilt", LIMIT, || service.api().get("/health/ready").status == 200);
        must_be_the_same(&before, &service.api().everything(&parcours));
        assert!(service.stop().success());
    }
}

#[test]
fn nothing_is_acknowledged_after_the_log_was_removed_under_the_service() {
    let region = Region::new(Database::sqlite());
    let service = region.start(&[]);
    record(&service.api(), 1);
    fs::remove_file(region.log()).unwrap();
    must_not_record(&service.api());
    wait_for_problem(&service.api(), "replaced under this service");
    must_not_record(&service.api());
    assert!(!region.log().exists(), "no empty one is made in its place");
    assert!(service.stop().success());
}

#[test]
fn a_standby_promoted_under_the_service_closes_the_log_until_the_service_is_started_again() {
    let region = Region::new(Database::postgres());
    let service = region.start(&[]);
    record(&service.api(), 1);
    service.api().wait_for_views();
    assert!(service.stop().success());
    let Backup::Database(standby) = region.back_up() else {
        unreachable!()
    };
    let service = region.start(&[]);
    record(&service.api(), 1);
    service.api().wait_for_views();
    region.database.on_postgres().unwrap().replace_by(standby);
    wait_for_problem(&service.api(), "replaced under this service");
    must_not_record(&service.api());
    wait_for_problem(&service.api(), "another history");
    service.api().get("/v1/territories/region/28").must_be(503);
    assert!(service.stop().success());
    let service = region.start(&[]);
    wait_until("the views are rebuilt", LIMIT, || {
        service.api().get("/health/ready").status == 200
    });
    record(&service.api(), 1);
    service.api().wait_for_views();
    assert!(service.stop().success());
}

#[test]
fn views_removed_under_the_service_are_said_to_be_and_made_anew_at_the_next_start() {
    let region = Region::new(Database::sqlite());
    let service = region.start(&[]);
    let parcours = record(&service.api(), 1);
    let before = service.api().everything(&parcours);
    fs::remove_file(region.database.data().join("views.sqlite")).unwrap();
    wait_for_problem(&service.api(), "views.sqlite was removed");
    service.api().get("/v1/territories/region/28").must_be(503);
    assert!(!service.api().history(parcours[0]).is_empty(), "the log answers");
    assert!(service.stop().success());
    let service = region.start(&[]);
    must_be_the_same(&before, &service.api().everything(&parcours));
    assert!(service.stop().success());
}

#[test]
fn views_that_are_damaged_are_said_to_be_with_what_to_do() {
    /// Of the views' file.
    const PAGE: usize = 4_096;
    let region = Region::new(Database::sqlite());
    let service = region.start(&[]);
    let parcours = record(&service.api(), 1);
    let before = service.api().everything(&parcours);
    assert!(service.stop().success());
    let file = region.database.data().join("views.sqlite");
    let whole = fs::read(&file).unwrap();
    let damage = |damaged: &dyn Fn(usize, &[u8]) -> bool| {
        let pages = whole.chunks(PAGE).enumerate();
        let pages = pages.map(|(number, page)| match damaged(number, page) {
            true => vec![0xff; page.len()],
            false => page.to_vec(),
        });
        fs::write(&file, pages.collect::<Vec<_>>().concat()).unwrap();
    };

    // Found when it is read: the pages that know of this parcours.
    let (text, bytes) = (parcours[0].to_string(), parcours[0].as_bytes());
    let holds = |page: &[u8], name: &[u8]| page.windows(name.len()).any(|part| part == name);
    damage(&|_, page| holds(page, text.as_bytes()) || holds(page, bytes));
    let service = region.start(&[]);
    let refused = service
        .api()
        .get(&format!("/v1/parcours/{}", parcours[0]))
        .must_be(503);
    assert_eq!(refused.json()["code"], "view-unavailable");
    wait_for_problem(&service.api(), "is damaged");
    wait_for_problem(&service.api(), "remove its file");
    assert!(!service.api().history(parcours[0]).is_empty(), "the log answers");
    assert!(service.stop().success());

    // Found at the start, and by whoever rebuilds.
    damage(&|number, _| number > 0);
    for command in ["serve", "rebuild"] {
        let mut arguments: Vec<OsString> = vec![command.into()];
        arguments.extend(region.database.options());
        let told = command_line::run(arguments).failed_with(1);
        assert!(told.contains("remove its file"), "{command}: {told}");
    }

    for end in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{end}", file.display()));
    }
    let service = region.start(&[]);
    must_be_the_same(&before, &service.api().everything(&parcours));
    assert!(service.stop().success());
}

#[test]
fn what_is_put_in_the_place_of_a_log_that_is_in_use_is_left_as_it_is() {
    let region = Region::new(Database::sqlite());
    let service = region.start(&[]);
    record(&service.api(), 2);
    assert!(service.stop().success());
    let Backup::File(backup) = region.back_up() else {
        panic!("a file")
    };
    let bytes = fs::read(&backup).unwrap();
    let service = region.start(&[]);
    record(&service.api(), 3);
    fs::rename(backup, region.log()).unwrap();
    wait_for_problem(&service.api(), "replaced under this service");
    for number in 0..8 {
        let nobody = Uuid::from_u128(number);
        service.api().get(&format!("/v1/parcours/{nobody}/events"));
    }
    must_not_record(&service.api());
    assert!(service.stop().success());
    assert_eq!(
        fs::read(region.log()).unwrap(),
        bytes,
        "nothing of the old one is in it"
    );
}
