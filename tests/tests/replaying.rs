//! `parcours replay` tells what the service tells, without it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;

use parcours_tests::command_line::{self, Ended};
use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, on_both_databases};
use serde_json::{Value, json};

fn replay(database: &Database, parcours: &str, options: &[&str]) -> Ended {
    let mut arguments: Vec<OsString> = vec!["replay".into(), parcours.into()];
    arguments.extend(database.options());
    arguments.extend(options.iter().map(OsString::from));
    command_line::run(arguments)
}

/// What a replay tells as the service does, and the amendments that it tells besides.
fn timeline(replayed: &str) -> (Value, Value) {
    let mut told: Value = serde_json::from_str(replayed).unwrap();
    let amendments = told.as_object_mut().unwrap().remove("amendments").unwrap();
    (told, amendments)
}

on_both_databases! {
    fn a_replay_agrees_with_the_timeline_now_and_as_of_any_moment(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        // Somebody else's events stand between: positions are not revisions.
        api.post_event(&Story::parcours().oriented("2024-01-08", &Person::default()))
            .must_be(201);
        let mut events = story.enters("2024-02-05", &Person::default());
        let bilan = story.bilan("2024-02-12");
        events.push(bilan.clone());
        events.push(story.moved("2024-02-15", &bilan, "2024-02-13"));
        let annulled = story.module("2024-02-16");
        events.push(annulled.clone());
        events.push(story.annulled("2024-02-19", &annulled));
        let results = api.post_batch(&events).must_be(200).json();
        let positions: Vec<u64> = results
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["position"].as_u64().unwrap())
            .collect();
        api.wait_for_views();
        let uuid = story.uuid().to_string();
        let path = format!("/v1/parcours/{uuid}");

        let replayed = replay(&database, &uuid, &["--json"]).succeeded();
        let now = api.get(&path).must_be(200).json();
        let (told, amendments) = timeline(&replayed);
        assert_eq!(told, now);
        let kinds = |list: &Value| list.as_array().unwrap().iter().map(|one| one["kind"].clone()).collect::<Vec<_>>();
        assert_eq!(kinds(&amendments), ["correction", "annulment"]);
        assert_eq!(
            replay(&database, &format!("parcours/{uuid}"), &["--json"]).succeeded(),
            replayed
        );

        let instant = now["steps"][3]["recorded"].as_str().unwrap().to_owned();
        let mut moments: Vec<String> = positions.iter().map(u64::to_string).collect();
        moments.push(instant);
        moments.push(now["steps"][0]["recorded"].as_str().unwrap()[..10].to_owned());
        for moment in moments {
            let replayed = replay(&database, &uuid, &["--json", "--as-of", &moment]).succeeded();
            let then = api.get(&format!("{path}?as_of={moment}")).must_be(200).json();
            assert_eq!(timeline(&replayed).0, then, "as of {moment}");
        }
    }

    fn a_replay_for_people_tells_every_step_with_both_its_times(database: Database) {
        let service = Service::start(&database);
        let mut story = Story::parcours();
        let events = story.enters("2024-02-05", &Person::default());
        service.api().post_batch(&events).must_be(200);
        assert!(service.stop().success());
        let told = replay(&database, &story.uuid().to_string(), &[]).succeeded();
        let today = chrono::Utc::now().format("%Y-").to_string();
        for event in &events {
            let name = event["type"].as_str().unwrap();
            let line = told
                .lines()
                .find(|line| line.contains(name))
                .unwrap_or_else(|| panic!("{name} is not in\n{told}"));
            assert!(line.contains("2024-02-05") && line.contains(&today), "{line}");
        }
    }

    fn what_was_corrected_and_annulled_is_told_with_old_and_new_values_by_whom_and_why(database: Database) {
        let service = Service::start(&database);
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        let module = story.module("2024-02-16");
        events.push(module.clone());
        events.push(story.tell("2024-02-18", "event.corrected", json!({
            "event": {"id": module["id"], "source": module["source"]},
            "time": "2024-02-17T00:00:00+01:00",
            "data": {"domain": "french", "minutes": 77, "mode": "remote"},
            "reason": "A first line,\nand a long word: ".to_owned() + &"x".repeat(150),
        })));
        events.push(story.annulled("2024-02-19", &module));
        service.api().post_batch(&events).must_be(200);
        assert!(service.stop().success());
        let uuid = story.uuid().to_string();

        let told = replay(&database, &uuid, &[]).succeeded();
        for line in told.lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
        let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let sender = module["source"].as_str().unwrap();
        for expected in [
            "→ 77".to_owned(),
            "time: 2024-02-16 → 2024-02-17".to_owned(),
            "annulled on".to_owned(),
            format!("by {sender} as"),
            "brought by anonymous".to_owned(),
            "A first line, and a long word".to_owned(),
        ] {
            assert!(words.contains(&expected), "no {expected} in\n{told}");
        }
        let annulled = told.find("\nannulled\n").unwrap();
        assert!(told[annulled..].contains("parcours.module.completed.v1"), "{told}");

        let (_, amendments) = timeline(&replay(&database, &uuid, &["--json"]).succeeded());
        let (correction, annulment) = (&amendments[0], &amendments[1]);
        assert_eq!(correction["before"]["data"], module["data"]);
        assert_eq!(correction["after"]["data"]["minutes"], 77);
        assert_eq!(correction["after"]["time"], "2024-02-16T23:00:00Z");
        assert_eq!(correction["actor"], "anonymous");
        assert_eq!(correction["fact"]["id"], module["id"]);
        assert_eq!(annulment["before"], correction["after"]);
        assert_eq!(annulment["after"], Value::Null);
        assert!(!annulment["reason"].is_null());
    }

    fn a_parcours_that_is_unknown_or_was_then_is_an_error(database: Database) {
        let service = Service::start(&database);
        let mut story = Story::parcours();
        service
            .api()
            .post_event(&story.oriented("2024-01-08", &Person::default()))
            .must_be(201);
        let unknown = Story::parcours().uuid().to_string();
        let messages = replay(&database, &unknown, &[]).failed_with(1);
        assert!(messages.contains(&unknown), "{messages}");
        let place = if database.url().is_some() { "postgres://" } else { "log.sqlite" };
        assert!(messages.contains(place), "it says where it looked: {messages}");
        let then = ["--as-of", "2020-01-01T00:00:00Z"];
        replay(&database, &story.uuid().to_string(), &then).failed_with(1);
    }
}
