//! `parcours demo`, the README's first command: what it simulates is what it answers.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;

use chrono::{TimeDelta, Utc};
use parcours_tests::command_line::{self, Ended};
use parcours_tests::{Database, OutcomeStream, Service, on_both_databases};
use serde_json::{Value, json};

/// Fills `database` with a programme, and does not serve it.
fn fill(database: &Database, options: &[&str]) -> Ended {
    let mut arguments: Vec<OsString> = ["demo", "--fill-only"].map(OsString::from).into();
    arguments.extend(database.options());
    arguments.extend(options.iter().map(OsString::from));
    command_line::run(arguments)
}

/// The address and the headers of a line such as `… curl -H 'Accept: text/event-stream' 'http://…'`.
fn request(line: &str) -> Option<(&str, Vec<(&str, &str)>)> {
    let command = &line[line.find("curl ")?..];
    let quoted: Vec<&str> = command.split('\'').skip(1).step_by(2).collect();
    let address = quoted.iter().find(|word| word.starts_with("http://"))?;
    let headers = quoted.iter().filter_map(|word| word.split_once(": "));
    Some((address, headers.collect()))
}

on_both_databases! {
    fn the_programme_of_a_demonstration_succeeds_as_often_as_it_was_told_to(database: Database) {
        fill(&database, &["--trainees", "800", "--seed", "1"]).succeeded();
        let service = Service::start(&database);
        let api = service.api();
        let size = api.wait_for_views();
        assert!(size > 8_000, "{size} events");
        let region = api
            .get("/v1/territories/region/28?from=2020-01-01")
            .must_be(200)
            .json();
        let figures = &region["figures"];
        assert!(figures["matured"].as_u64().unwrap() > 150, "{figures}");
        let rate = figures["success_rate"].as_f64().unwrap();
        assert!((rate - 0.72).abs() <= 0.03, "a success rate of {rate}: {figures}");
        let low = figures["low_qualification_share"].as_f64().unwrap();
        assert!(
            (low - 0.61).abs() < 0.06,
            "{low} with at most the baccalauréat (R24)"
        );

        let sessions = api.sessions();
        assert!(sessions.len() >= 10, "{} sessions", sessions.len());
        for session in &sessions {
            let places = |name: &str| session["places"][name].as_u64().unwrap();
            assert_eq!(places("left"), places("capacity") - places("taken"), "{session}");
            assert!(
                !session["offer"].is_null() && !session["operator"]["name"].is_null(),
                "{session}"
            );
        }
        // Each fact became known in its time, so that what was known half a year ago is less.
        let until = Utc::now() - TimeDelta::days(180);
        let earlier = format!("/v1/territories/region/28?from=2020-01-01&as_of={}", until.format("%FT%TZ"));
        let earlier = api.get(&earlier).must_be(200).json()["figures"]["entries"].as_u64().unwrap();
        let entries = figures["entries"].as_u64().unwrap();
        assert!(earlier > entries / 4 && earlier < entries * 9 / 10, "{earlier} of {entries}");

        // What départements add up to is the région.
        let entries = |territory: &str| {
            let told = api
                .get(&format!("/v1/territories/{territory}?from=2020-01-01"))
                .must_be(200)
                .json();
            told["figures"]["entries"].as_u64().unwrap()
        };
        let departements: u64 = ["14", "27", "50", "61", "76"]
            .iter()
            .map(|code| entries(&format!("departement/{code}")))
            .sum();
        assert_eq!(departements, entries("region/28"));
    }

    fn a_demonstration_that_is_complete_is_only_served_again(database: Database) {
        let options = ["--trainees", "30", "--seed", "5"];
        fill(&database, &options).succeeded();
        let service = Service::start(&database);
        let size = service.api().log_size();
        assert!(service.stop().success());
        fill(&database, &options).succeeded();
        assert_eq!(Service::start(&database).api().log_size(), size);
    }

    fn a_demonstration_that_was_killed_goes_on_to_the_same_programme(database: Database) {
        let options = ["--trainees", "200", "--seed", "5"];
        let mut arguments: Vec<OsString> = ["demo", "--fill-only"].map(OsString::from).into();
        arguments.extend(database.options());
        arguments.extend(options.map(OsString::from));
        let mut patience = std::time::Duration::from_millis(300);
        let mut killed = 0;
        loop {
            let mut filling = command_line::start(&arguments, b"");
            if filling.ends_within(patience) {
                filling.end().succeeded();
                break;
            }
            killed += u32::from(filling.kill());
            patience = patience * 3 / 2;
        }
        assert!(killed > 0);
        let other = if database.url().is_some() {
            Database::postgres()
        } else {
            Database::sqlite()
        };
        fill(&other, &options).succeeded();
        let (one, other) = (Service::start(&database), Service::start(&other));
        assert_eq!(one.api().wait_for_views(), other.api().wait_for_views());
        let question = "/v1/territories/region/28?from=2020-01-01&by=month";
        let figures = |service: &Service| {
            let told = service.api().get(question).must_be(200).json();
            json!([told["figures"], told["groups"]])
        };
        assert_eq!(figures(&one), figures(&other));
    }

    fn what_a_demonstration_says_to_look_at_answers(database: Database) {
        let service = Service::start_command("demo", &database, ["--trainees", "60"]);
        let api = service.api();
        let mut looked_at = 0;
        while let Some(line) = service.next_line() {
            if line.contains("Ctrl-C") {
                break;
            }
            let Some((address, headers)) = request(&line) else {
                continue;
            };
            let path = address
                .strip_prefix(service.address())
                .unwrap_or_else(|| panic!("not of this service: {line}"));
            if headers.contains(&("Accept", "text/event-stream")) {
                let mut stream = OutcomeStream::open(service.address(), path, &headers[..1]).unwrap();
                for message in stream.take(5) {
                    let told = message.outcome["type"].as_str().unwrap();
                    let known = ["certification", "employment", "retraction", "forget"];
                    assert!(known.iter().any(|kind| told.contains(kind)), "{told}");
                }
                looked_at += 1;
                continue;
            }
            let answer = api.get_with(path, &headers);
            // As of the first day nobody knew of the person yet.
            let nobody = path.contains("as_of=") && answer.status == 404;
            assert!(answer.status == 200 || nobody, "{line}: {}", answer.text());
            if path.starts_with("/v1/catalogue") {
                assert!(
                    !answer.json()["sessions"].as_array().unwrap().is_empty(),
                    "{line}"
                );
            }
            if path.starts_with("/v1/parcours/") && !path.contains("as_of=") {
                assert!(answer.json()["steps"].as_array().unwrap().len() > 5, "{line}");
            }
            looked_at += 1;
        }
        assert!(looked_at >= 11, "{looked_at} addresses");
        assert!(service.stop().success());
    }
}

#[test]
fn a_log_that_is_no_demonstration_is_left_alone() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let mut story = parcours_tests::Story::parcours();
    let event: Value = story.oriented("2024-01-08", &parcours_tests::story::Person::default());
    service.api().post_event(&event).must_be(201);
    assert!(service.stop().success());
    let messages = fill(&database, &["--trainees", "10"]).failed_with(1);
    assert!(messages.contains("--data"), "{messages}");
    assert_eq!(Service::start(&database).api().log_size(), 1);
}
