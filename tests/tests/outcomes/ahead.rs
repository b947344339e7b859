//! What is recorded ahead of its time is told at its time, though nobody sends anything then.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use parcours_tests::story::{Person, at, training};
use parcours_tests::{Api, Partner, Service, Story, declare, on_both_databases, wait_for};
use serde_json::{Value, json};

use super::{agreed, kinds, record};

const NORMANDIE: &[&str] = &["--territory", "region/28"];
/// Long enough for what comes before to be asked, and short enough to be waited for.
const SOON: TimeDelta = TimeDelta::seconds(5);
/// Far more than the second or two that a message may be late.
const LATE: Duration = Duration::from_secs(30);

/// The event, and when it acts.
fn ahead(event: Value) -> (Value, DateTime<Utc>) {
    let time = Utc::now() + SOON;
    (at(event, &time.to_rfc3339()), time)
}

/// What a partner reads, asked again and again until something has changed. Fails if that is before its time.
#[track_caller]
fn changed(partner: &Partner, api: &Api, before: &[Value], time: DateTime<Utc>) -> Vec<Value> {
    let told = wait_for("what was ahead is told", LATE, || {
        let told = partner.outcomes(api, "");
        (told != before).then_some(told)
    });
    assert!(Utc::now() >= time, "told before its time: {told:?}");
    told
}

on_both_databases! {
    fn an_exit_ahead_is_told_at_its_time_under_an_id_that_is_a_cursor(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, events) = agreed(&Person::default());
        record(&api, &events);
        let mut stream = partner.follow(service.address(), "", None).unwrap();
        let entry = stream.take(1).remove(0);
        let (exit, time) = ahead(story.exited("2024-03-01", "abandoned"));
        record(&api, &[exit]);
        let page = partner.get(&api, "/v1/outcomes?cursor=now").must_be(200).json();
        let cursor = page["cursor"].as_str().unwrap().to_owned();
        let before = partner.outcomes(&api, "");
        assert!(Utc::now() >= time || kinds(&before) == ["entry"], "{before:?}");

        let exit = stream.take(1).remove(0);
        assert!(Utc::now() >= time, "told before its time");
        let listed = partner.outcomes(&api, "");
        assert_eq!(kinds(&listed), ["entry", "exit"]);
        assert_eq!(exit.outcome, listed[1]);
        assert_eq!(partner.outcomes(&api, &format!("cursor={}", entry.id)), listed[1..]);
        assert_eq!(partner.outcomes(&api, &format!("cursor={}", exit.id)), [] as [Value; 0]);
        assert!(before.len() == 2 || partner.outcomes(&api, &format!("cursor={cursor}")) == listed[1..]);
        // What a page gave as its end leads on from there, too.
        let page = partner.get(&api, "/v1/outcomes").must_be(200).json();
        let end = page["cursor"].as_str().unwrap().to_owned();
        assert_eq!(partner.outcomes(&api, &format!("cursor={end}")), [] as [Value; 0]);
        let mut resumed = partner.follow(service.address(), "", Some(&exit.id)).unwrap();
        record(&api, &[story.employed("2024-04-02")]);
        let employed = stream.take(1).remove(0);
        assert_eq!(resumed.take(1), std::slice::from_ref(&employed));
        for place in [&exit.id, &end] {
            assert_eq!(partner.outcomes(&api, &format!("cursor={place}")), std::slice::from_ref(&employed.outcome));
        }
        assert_eq!(kinds(&partner.outcomes(&api, "")), ["entry", "exit", "employment.started"]);
    }

    fn a_consent_acts_from_its_time_on_and_so_does_its_withdrawal(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        record(&api, &story.enters("2024-02-05", &Person::default()));
        let (consent, time) = ahead(story.consents("2024-02-06"));
        record(&api, &[consent]);
        let told = changed(&partner, &api, &[], time);
        assert_eq!(kinds(&told), ["entry"]);
        let (withdrawal, time) = ahead(story.withdraws("2024-02-07"));
        record(&api, &[withdrawal]);
        assert_eq!(kinds(&changed(&partner, &api, &told, time)), ["forget"]);
        // The name of what is not there any more is a place still.
        let gone = told[0]["id"].as_str().unwrap();
        assert_eq!(kinds(&partner.outcomes(&api, &format!("cursor={gone}"))), ["forget"]);
    }

    fn what_waits_is_told_by_whoever_comes_after_a_kill(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let (mut story, events) = agreed(&Person::default());
        record(&service.api(), &events);
        let before = partner.outcomes(&service.api(), "");
        let (exit, time) = ahead(story.exited("2024-03-01", "abandoned"));
        record(&service.api(), &[exit]);
        service.kill();
        let service = Service::start(&database);
        let api = service.api();
        let last = before[0]["id"].as_str().unwrap();
        let mut stream = partner.follow(service.address(), "", Some(last)).unwrap();
        let told = changed(&partner, &api, &before, time);
        assert_eq!(kinds(&told), ["entry", "exit"]);
        assert_eq!(stream.take(1)[0].outcome, told[1]);
        // What was told before a kill is told of in the same way after it.
        service.kill();
        let service = Service::start(&database);
        service.api().wait_for_views();
        wait_for("the list is as it was", LATE, || (partner.outcomes(&service.api(), "") == told).then_some(()));
        record(&service.api(), &[story.employed("2024-04-02")]);
        let last = told[1]["id"].as_str().unwrap();
        let after = partner.outcomes(&service.api(), &format!("cursor={last}"));
        assert_eq!(kinds(&after), ["employment.started"]);
    }

    fn a_capacity_ahead_is_told_to_everybody_at_its_time(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(3);
        record(&api, &training.events);
        let mut stream = parcours_tests::OutcomeStream::open(service.address(), "/v1/outcomes", &[]).unwrap();
        assert_eq!(stream.take(1)[0].outcome["data"]["change"], "opened");
        let mut session = Story::of("session", training.session);
        // Its first event was told when it opened.
        session.tell("2023-11-06", "opened", json!({}));
        let (capacity, time) = ahead(session.tell("2024-01-02", "capacity.changed", json!({"capacity": 5})));
        record(&api, &[capacity]);
        let told = stream.take(1).remove(0).outcome;
        assert!(Utc::now() >= time, "told before its time: {told}");
        assert_eq!((&told["data"]["change"], &told["data"]["capacity"]), (&json!("capacity"), &json!(5)));
        let listed = api.get("/v1/outcomes").must_be(200).json();
        assert_eq!(listed["outcomes"][1], told);
    }
}
