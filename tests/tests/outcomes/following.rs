//! Streams of server-sent events.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use parcours_tests::story::{Person, training};
use parcours_tests::{Database, OutcomeStream, Service, declare, on_both_databases, wait_until};
use serde_json::{Value, json};

use super::{agreed, record};

const NORMANDIE: &[&str] = &["--territory", "region/28"];

on_both_databases! {
    fn a_stream_tells_what_the_list_tells_then_what_happens_and_is_resumed_where_it_was_left(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let mut stories = Vec::new();
        for _ in 0..40 {
            let (mut story, mut events) = agreed(&Person::default());
            events.push(story.exited("2024-03-01", "abandoned"));
            record(&api, &events);
            stories.push(story);
        }
        let listed = partner.outcomes(&api, "");
        assert_eq!(listed.len(), 80);
        let mut stream = partner.follow(service.address(), "", None).unwrap();
        let mut heard = stream.take(80);
        assert!(heard.iter().map(|message| &message.outcome).eq(&listed));
        assert!(heard.iter().all(|message| message.outcome["id"] == message.id.as_str()));

        for story in &mut stories[..10] {
            record(&api, &[story.employed("2024-04-02")]);
            heard.extend(stream.take(1));
        }
        drop(stream);
        record(&api, &[stories[10].employed("2024-04-02")]);
        let last = heard.last().unwrap().id.clone();
        let mut stream = partner.follow(service.address(), "cursor=now", Some(&last)).unwrap();
        heard.extend(stream.take(1));
        record(&api, &[stories[11].employed("2024-04-02")]);
        heard.extend(stream.take(1));
        let listed = partner.outcomes(&api, "");
        assert!(heard.iter().map(|message| &message.outcome).eq(&listed));
        let ids: BTreeSet<_> = heard.iter().map(|message| &message.id).collect();
        assert_eq!(ids.len(), heard.len());

        let filtered = partner.outcomes(&api, "kind=exit");
        let mut stream = partner.follow(service.address(), "kind=exit", None).unwrap();
        let heard: Vec<Value> = stream.take(40).into_iter().map(|message| message.outcome).collect();
        assert_eq!(heard, filtered);
    }

    fn a_stream_ends_when_the_service_stops(database: Database) {
        let service = Service::start(&database);
        record(&service.api(), &training(3).events);
        let mut streams: Vec<_> = (0..20)
            .map(|_| OutcomeStream::open(service.address(), "/v1/outcomes", &[]).unwrap())
            .collect();
        for stream in &mut streams {
            assert_eq!(stream.take(1)[0].outcome["data"]["change"], "opened");
        }
        assert!(service.stop().success());
        for stream in &mut streams {
            assert_eq!(stream.next_message().unwrap(), None);
        }
    }

    fn clients_that_read_nothing_hold_up_nobody_and_miss_nothing(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let mut slow = partner.follow(service.address(), "", None).unwrap();
        let mut quick = partner.follow(service.address(), "", None).unwrap();
        let mut heard = Vec::new();
        // More than a socket's buffers take.
        for _ in 0..30 {
            let mut events = Vec::new();
            for _ in 0..40 {
                let (mut story, told) = agreed(&Person::default());
                events.extend(told);
                events.extend((0..12).map(|number| story.tell(&format!("2024-03-{:02}", number + 1), "business.created", json!({"how": "creation"}))));
            }
            record(&api, &events);
            heard.extend(quick.take(40 * 13));
        }
        let late = slow.take(heard.len());
        assert!(late == heard);
    }

    fn what_a_stream_cannot_be_is_told_as_a_problem(database: Database) {
        let partner = declare(&database, "one", NORMANDIE);
        let other = declare(&database, "other", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let (_, events) = agreed(&Person::default());
        record(&api, &events);
        let id = partner.outcomes(&api, "")[0]["id"].as_str().unwrap().to_owned();
        let ask = |path: &str, headers: &[(&str, &str)]| {
            let mut all = vec![("accept", "text/event-stream")];
            all.extend(headers);
            api.get_with(path, &all)
        };
        let problem = ask("/v1/outcomes", &[("last-event-id", "12")]).must_be(400).json();
        assert_eq!((&problem["code"], &problem["field"]), (&json!("invalid-header"), &json!("last-event-id")));
        let problem = ask("/v1/outcomes?limit=3", &[]).must_be(400).json();
        assert_eq!(problem["field"], "limit");
        assert_eq!(api.get_with("/v1/outcomes", &[("accept", "text/html")]).must_be(406).json()["code"], "not-acceptable");
        partner.get(&api, &format!("/v1/outcomes?cursor={id}")).must_be(200);
        let problem = other.get(&api, &format!("/v1/outcomes?cursor={id}")).must_be(400).json();
        assert_eq!(problem["field"], "cursor", "the name that another partner knows it by");
        for wrong in ["kind=jobs", "territory=76", "operator=1", "cursor=x", "limit=0", "limit=1001", "unheard_of=1"] {
            let problem = partner.get(&api, &format!("/v1/outcomes?{wrong}")).must_be(400).json();
            assert_eq!(problem["field"], wrong.split_once('=').unwrap().0, "{problem}");
        }
    }

    fn those_who_listen_are_counted(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let count = || {
            let told = api.get("/metrics").must_be(200).text();
            let line = told.lines().find(|line| line.starts_with("parcours_outcome_subscribers"));
            line.map(|line| line.rsplit(' ').next().unwrap().to_owned())
        };
        let streams: Vec<_> = (0..3)
            .map(|_| OutcomeStream::open(service.address(), "/v1/outcomes", &[]).unwrap())
            .collect();
        assert_eq!(count().as_deref(), Some("3"));
        drop(streams);
        wait_until("they are gone", Duration::from_secs(40), || count().as_deref() == Some("0"));
    }
}

#[test]
fn a_quiet_stream_gives_signs_of_life_and_goes_on() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let mut stream = OutcomeStream::open(service.address(), "/v1/outcomes", &[]).unwrap();
    // So often that no proxy takes the connection for a dead one: they usually wait for 30 or 60 s.
    let begun = Instant::now();
    stream.next_sign_of_life().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    record(&service.api(), &training(3).events);
    assert!(stream.next_message().unwrap().is_some());
}
