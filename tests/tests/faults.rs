//! What goes wrong around the service, as the table of faults in the README lists it: what health says, what a client gets,
//! and that the service goes on once it is mended.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::time::Duration;

use parcours_tests::console::Sql;
use parcours_tests::story::{OPERATOR, Person};
use parcours_tests::{Api, Service, Story, command_line, on_both_databases, wait_for, wait_until};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Far more than any of this takes.
const LIMIT: Duration = Duration::from_secs(40);

/// Waits until readiness is red, with these words among the problems, and answers what health says.
fn red(api: &Api, words: &str) -> Value {
    wait_for(words, LIMIT, || {
        let answer = api.get("/health/ready");
        let health = answer.json();
        let problems = health["problems"].as_array().unwrap();
        let told = problems
            .iter()
            .any(|problem| problem.as_str().unwrap().contains(words));
        assert_eq!(
            answer.status,
            if problems.is_empty() { 200 } else { 503 },
            "{health}"
        );
        (told && answer.status == 503).then_some(health)
    })
}

fn green(api: &Api) {
    wait_until("readiness is green", LIMIT, || {
        api.get("/health/ready").status == 200
    });
}

fn oriented() -> Value {
    Story::parcours().oriented("2024-02-05", &Person::default())
}

on_both_databases! {
    fn a_log_that_takes_nothing_is_told_though_nobody_sends_anything(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let known = oriented();
        api.post_event(&known).must_be(201);
        green(&api);
        database.at_the_log(Sql {
            sqlite: "CREATE TRIGGER full BEFORE UPDATE ON head BEGIN SELECT RAISE(ABORT, 'no space left'); END",
            postgres: "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
                           $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$;
                       CREATE TRIGGER no_space BEFORE UPDATE ON parcours_log.head EXECUTE FUNCTION no_space()",
        });
        let health = red(&api, "the log takes nothing");
        let why = health["log"]["writer"]["last_failure"]["detail"].as_str().unwrap();
        assert!(why.contains("no space left"), "{health}");
        let refused = api.post_event(&oriented()).must_be(503);
        assert!(refused.header("retry-after").is_some(), "{}", refused.text());
        api.get(&format!("/v1/{}", known["subject"].as_str().unwrap())).must_be(200);
        database.at_the_log(Sql {
            sqlite: "DROP TRIGGER full",
            postgres: "DROP TRIGGER no_space ON parcours_log.head",
        });
        green(&api);
        api.post_event(&oriented()).must_be(201);
        api.post_event(&known).must_be(200);
        assert_eq!(api.log_size(), 2, "nothing is in the log but what was acknowledged");
    }

    fn views_that_cannot_be_written_are_told_and_go_on_once_they_can(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        database.at_the_views(Sql {
            sqlite: "CREATE TRIGGER full BEFORE UPDATE ON view_generations BEGIN SELECT RAISE(ABORT, 'no space left'); END",
            postgres: "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS
                           $$ BEGIN RAISE 'no space left' USING ERRCODE = 'disk_full'; END $$;
                       CREATE TRIGGER no_space BEFORE UPDATE ON parcours_views.view_generations EXECUTE FUNCTION no_space()",
        });
        api.post_event(&oriented()).must_be(201);
        let health = red(&api, "the view \"timeline\" cannot go on");
        assert!(health["problems"].to_string().contains("no space left"), "{health}");
        assert!(health["log"]["writer"].get("last_failure").is_none(), "{health}");
        api.post_event(&oriented()).must_be(201);
        database.at_the_views(Sql {
            sqlite: "DROP TRIGGER full",
            postgres: "DROP TRIGGER no_space ON parcours_views.view_generations",
        });
        green(&api);
        assert_eq!(api.wait_for_views(), 2);
    }

    fn a_byte_that_changed_is_told_and_nothing_is_decided_on_it(database: Database) {
        let service = Service::start(&database);
        let mut story = Story::parcours();
        let oriented = story.oriented("2024-02-05", &Person::default());
        service.api().post_event(&oriented).must_be(201);
        assert!(service.stop().success());
        let mut bytes = database.entry(0);
        let place = bytes.windows(4).position(|word| word == b"2024").unwrap();
        bytes[place + 3] = b'3';
        database.rewrite_entry(0, &bytes, None);

        let service = Service::start(&database);
        let api = service.api();
        let next = story.tell("2024-02-06", "eligibility.checked", json!({"eligible": true, "reasons": []}));
        let refused = api.post_event(&next).must_be(503).text();
        assert!(refused.contains("damaged"), "{refused}");
        let health = red(&api, "the log is damaged");
        assert!(health["problems"].to_string().contains("position 0"), "{health}");
        let again = api.post_event(&oriented).must_be(503).json();
        assert_eq!(again["code"], "log-unavailable", "whether it is the same cannot be known: {again}");
        api.post_event(&self::oriented()).must_be(201);
    }

    fn an_entry_of_another_stream_is_not_taken_for_one_of_the_stream_where_it_stands(database: Database) {
        let service = Service::start(&database);
        let (mut one, mut other) = (Story::parcours(), Story::parcours());
        service.api().record(&[
            one.oriented("2024-02-05", &Person::default()),
            other.oriented("2024-02-06", &Person::default()),
        ]);
        service.api().wait_for_views();
        assert!(service.stop().success());
        database.at_the_log(Sql {
            sqlite: "UPDATE entries SET stream = (SELECT max(stream) FROM entries) WHERE position = 0",
            postgres: "UPDATE parcours_log.entries SET stream = (SELECT max(stream) FROM parcours_log.entries) WHERE position = 0",
        });
        let mut arguments: Vec<OsString> = vec!["rebuild".into(), "timeline".into()];
        arguments.extend(database.options());
        let refused = command_line::run(arguments).failed_with(1);
        let said = format!("at position 1 stands entry 1 of parcours/{}, where entry 2 should be", other.uuid());
        assert!(refused.contains(&said), "{refused}");
        let service = Service::start(&database);
        let next = other.tell("2024-02-07", "eligibility.checked", json!({"eligible": true, "reasons": []}));
        service.api().post_event(&next).must_be(503);
        service.api().post_event(&oriented()).must_be(201);
    }

    fn an_event_that_stops_a_view_is_passed_over_on_the_word_of_an_operator(database: Database) {
        // As a newer version of the program may have written it.
        let (known, newer) = ("operator.registered.v1", "operator.registered.v9");
        let registered = Story::of("operator", Uuid::now_v7()).tell(
            "2024-01-05",
            "registered",
            json!({"siret": OPERATOR, "name": "GRETA", "commune": "76540"}),
        );
        let events = [oriented(), registered, oriented()];
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let mut arguments: Vec<OsString> = vec!["import".into(), "-".into()];
        arguments.extend(database.options());
        command_line::run_with_input(arguments, lines.join("\n").as_bytes()).succeeded();
        let entry = String::from_utf8(database.entry(1)).unwrap().replace(known, newer);
        let leaf = Sha256::new().chain_update([0]).chain_update(&entry).finalize();
        database.rewrite_entry(1, entry.as_bytes(), Some(leaf.into()));

        let service = Service::start(&database);
        let api = service.api();
        let health = red(&api, "the view \"catalogue\" is stopped by the event at position 1");
        assert!(health["problems"].to_string().contains("parcours rebuild catalogue --skip 1"), "{health}");
        api.post_event(&oriented()).must_be(201);

        let skip = |position: &str| {
            let mut arguments: Vec<OsString> = vec!["rebuild".into(), "--skip".into(), position.into()];
            arguments.extend(database.options());
            command_line::run(arguments)
        };
        let refused = skip("0").failed_with(1);
        assert!(refused.contains("has digested it"), "{refused}");
        let told = skip("1").succeeded();
        assert!(told.contains("catalogue: rebuilt, 4 events digested"), "{told}");
        assert!(!told.contains("timeline"), "it never looked at the event: {told}");
        green(&api);
        api.get("/v1/catalogue").must_be(200);
        assert!(service.stop().success());

        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let health = api.get("/health/ready").must_be(200).json();
        let catalogue = health["views"].as_array().unwrap().iter().find(|view| view["name"] == "catalogue");
        assert_eq!(catalogue.unwrap()["passed_over"], json!([1]), "told for ever");
        let counted = api.get("/metrics").text();
        assert!(counted.contains("parcours_view_passed_over{view=\"catalogue\"} 1"), "{counted}");
    }
}
