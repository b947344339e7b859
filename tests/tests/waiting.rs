//! Whoever waits for a place is offered it in turn (R18).

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate, Utc};
use parcours_tests::story::{OPERATOR, ROUEN, training};
use parcours_tests::{Api, Service, Story, on_both_databases, wait_until};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const LIMIT: Duration = Duration::from_secs(20);

fn in_days(days: i64) -> NaiveDate {
    Utc::now().date_naive() + chrono::TimeDelta::days(days)
}

/// A session of so many places that begins in a month; its events.
fn session(capacity: u32) -> (Uuid, Vec<Value>) {
    let training = training(1);
    let session = Uuid::now_v7();
    let mut events = training.events[..2].to_vec();
    let opened = json!({"offer": training.offer, "commune": ROUEN, "from": in_days(30), "to": in_days(130), "entry": "fixed", "capacity": capacity});
    events.push(Story::of("session", session).tell("2024-01-02", "opened", opened));
    (session, events)
}

/// Somebody who is eligible; what was told of them.
fn somebody(events: &mut Vec<Value>) -> Story {
    let mut story = Story::parcours();
    let oriented = json!({"trainee": Uuid::now_v7(), "channel": "direct", "commune": ROUEN, "situation": "without_job", "needs": ["skills"], "level": 3});
    events.push(story.tell("2024-02-01", "oriented", oriented));
    events.push(story.tell(
        "2024-02-02",
        "eligibility.checked",
        json!({"eligible": true, "reasons": []}),
    ));
    story
}

fn places(api: &Api, session: Uuid) -> Value {
    let page = api
        .get(&format!("/v1/catalogue?session={session}"))
        .must_be(200)
        .json();
    let session = &page["sessions"][0];
    json!([
        session["places"]["taken"],
        session["places"]["waiting"],
        session["places"]["offered"],
        session["open"]
    ])
}

/// The offers that were made to somebody, as data.
fn offers(api: &Api, story: &Story) -> Vec<Value> {
    let history = api.history(story.uuid()).into_iter();
    let offers = history.filter(|event| event["type"] == "parcours.place.offered.v1");
    offers.map(|event| event["data"].clone()).collect()
}

on_both_databases! {
    fn a_place_that_becomes_free_is_offered_to_whoever_has_waited_longest_and_then_to_the_next(database: Database) {
        let service = Service::start_with(&database, ["--offer-days", "5"]);
        let api = service.api();
        let (session, mut events) = session(1);
        let [mut holder, mut first, mut second] = [(); 3].map(|()| somebody(&mut events));
        let admitted = json!({"operator": OPERATOR, "session": session});
        let wait = json!({"session": session});
        events.push(holder.tell("2024-02-03", "admitted", admitted.clone()));
        // Told in another order than they came.
        events.push(second.tell("2024-02-05", "waitlisted", wait.clone()));
        events.push(first.tell("2024-02-04", "waitlisted", wait.clone()));
        api.record(&events);
        api.wait_for_views();
        assert_eq!(places(&api, session), json!([1, 2, 0, false]));

        api.record(&[holder.tell("2024-03-01", "withdrawn", json!({"session": session}))]);
        wait_until("the place is offered", LIMIT, || places(&api, session) == json!([0, 2, 1, false]));
        let until = Utc::now().date_naive().checked_add_days(Days::new(5)).unwrap();
        let offered = offers(&api, &first);
        assert_eq!(offered.len(), 1);
        assert_eq!(offered[0]["session"], json!(session));
        let told: NaiveDate = offered[0]["until"].as_str().unwrap().parse().unwrap();
        assert!(told == until || told == until.succ_opt().unwrap(), "{told}");
        assert!(offers(&api, &second).is_empty());
        let desk = api.get(&format!("/v1/parcours/{}", first.uuid())).must_be(200).json();
        assert_eq!(desk["status"], "waitlisted");

        api.record(&[first.tell(&in_days(-1).to_string(), "declined", wait.clone())]);
        wait_until("it is offered to the next", LIMIT, || offers(&api, &second).len() == 1);
        api.record(&[second.tell(&in_days(-1).to_string(), "admitted", admitted)]);
        wait_until("it is taken", LIMIT, || places(&api, session) == json!([1, 0, 0, false]));
        assert!(service.stop().success());

        let service = Service::start(&database);
        let api = service.api();
        let size = api.log_size();
        api.wait_for_views();
        assert_eq!((offers(&api, &first).len(), offers(&api, &second).len(), api.log_size()), (1, 1, size));
    }

    fn an_offer_that_ran_out_passes_the_turn_on(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (session, mut events) = session(1);
        let [mut late, mut next] = [(); 2].map(|()| somebody(&mut events));
        let wait = json!({"session": session});
        events.push(late.tell("2024-02-04", "waitlisted", wait.clone()));
        events.push(late.tell("2024-02-05", "place.offered", json!({"session": session, "until": "2024-02-12"})));
        events.push(next.tell("2024-02-06", "waitlisted", wait.clone()));
        api.record(&events);
        api.wait_for_views();
        wait_until("the next is offered the place", LIMIT, || places(&api, session) == json!([0, 1, 1, false]));
        assert_eq!((offers(&api, &late).len(), offers(&api, &next).len()), (1, 1));
        // Whoever asks again waits again, behind those who do.
        api.record(&[late.tell("2024-03-01", "waitlisted", wait)]);
        wait_until("two wait", LIMIT, || places(&api, session)[1] == 2);
        assert_eq!(offers(&api, &late).len(), 1);
    }

    fn an_offer_that_is_annulled_is_not_made_again_and_holds_up_nobody_else(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (session, mut events) = session(2);
        let [mut first, mut second] = [(); 2].map(|()| somebody(&mut events));
        let wait = json!({"session": session});
        events.push(first.tell("2024-02-04", "waitlisted", wait.clone()));
        api.record(&events);
        api.wait_for_views();
        wait_until("the place is offered", LIMIT, || offers(&api, &first).len() == 1);
        let history = api.history(first.uuid());
        let offer = history.iter().find(|event| event["type"] == "parcours.place.offered.v1").unwrap();
        api.record(&[first.annulled(&in_days(0).to_string(), offer)]);
        api.record(&[second.tell("2024-02-05", "waitlisted", wait)]);
        wait_until("the other place is offered", LIMIT, || offers(&api, &second).len() == 1);
        assert_eq!(offers(&api, &first).len(), 1);
    }

    fn what_is_offered_is_on_the_desk_of_whoever_follows_the_person(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (session, mut events) = session(1);
        let mut waiting = somebody(&mut events);
        let referent = Uuid::now_v7();
        events.push(waiting.tell("2024-02-04", "referent.named", json!({"referent": referent, "organisation": OPERATOR})));
        events.push(waiting.tell("2024-02-05", "waitlisted", json!({"session": session})));
        api.record(&events);
        api.wait_for_views();
        let desk = || api.get(&format!("/v1/parcours?referent={referent}&due=true")).must_be(200).json();
        wait_until("it is on the desk", LIMIT, || desk()["parcours"][0]["tasks"][0]["code"] == "place-offered");
        api.record(&[waiting.tell(&in_days(-1).to_string(), "declined", json!({"session": session}))]);
        wait_until("it is not any more", LIMIT, || desk()["parcours"].as_array().unwrap().is_empty());
        let other = Uuid::now_v7();
        let refused = api.post_event(&waiting.tell(&in_days(-1).to_string(), "place.offered", json!({"session": other, "until": in_days(3)})));
        assert_eq!(refused.must_be(422).json()["code"], "offered-to-who-waits");
    }
}
