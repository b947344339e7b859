//! `parcours replay` tells what the service tells, without it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;

use parcours_tests::command_line::{self, Ended};
use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, on_both_databases};
use serde_json::Value;

fn replay(database: &Database, parcours: &str, options: &[&str]) -> Ended {
    let mut arguments: Vec<OsString> = vec!["replay".into(), parcours.into()];
    arguments.extend(database.options());
    arguments.extend(options.iter().map(OsString::from));
    command_line::run(arguments)
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
        assert_eq!(serde_json::from_str::<Value>(&replayed).unwrap(), now);
        assert_eq!(
            replay(&database, &format!("parcours/{uuid}"), &["--json"]).succeeded(),
            replayed
        );

        let instant = now["steps"][3]["recorded"].as_str().unwrap().to_owned();
        let mut moments: Vec<String> = positions.iter().map(u64::to_string).collect();
        moments.push(instant);
        for moment in moments {
            let replayed = replay(&database, &uuid, &["--json", "--as-of", &moment]).succeeded();
            let then = api.get(&format!("{path}?as_of={moment}")).must_be(200).json();
            assert_eq!(
                serde_json::from_str::<Value>(&replayed).unwrap(),
                then,
                "as of {moment}"
            );
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
        let then = ["--as-of", "2020-01-01T00:00:00Z"];
        replay(&database, &story.uuid().to_string(), &then).failed_with(1);
    }
}
