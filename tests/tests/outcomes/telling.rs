//! Who hears what.

use std::collections::BTreeSet;

use parcours_tests::story::{CAEN, LE_HAVRE, OPERATOR, OTHER_OPERATOR, Person, training};
use parcours_tests::{Partner, Service, Story, declare, on_both_databases};
use serde_json::{Value, json};

use super::{agreed, kind, kinds, record, text};

const NORMANDIE: &[&str] = &["--territory", "region/28"];

/// Every name in a message by which files could be joined.
fn names(messages: &[Value]) -> BTreeSet<String> {
    let pointers = [
        "/id",
        "/subject",
        "/replaces",
        "/data/parcours",
        "/data/trainee",
        "/data/employment",
    ];
    messages
        .iter()
        .flat_map(|message| pointers.map(|pointer| message.pointer(pointer)))
        .flatten()
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

on_both_databases! {
    fn people_are_told_of_while_they_agree_and_not_before(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        events.push(story.bilan("2024-02-20"));
        events.extend(story.certified("2024-06-10"));
        record(&api, &events);
        assert_eq!(partner.outcomes(&api, ""), [] as [Value; 0]);

        record(&api, &[story.consents("2024-06-11")]);
        assert_eq!(kinds(&partner.outcomes(&api, "")), ["entry", "certification"]);
        record(&api, &[story.exited("2024-06-28", "completed"), story.employed("2024-07-08")]);
        let told = partner.outcomes(&api, "");
        assert_eq!(kinds(&told), ["entry", "certification", "exit", "employment.started"]);
        assert_eq!(told[1]["data"]["certification"], "RNCP34126");
        assert_eq!(told[2]["data"]["date"], "2024-06-28");
        assert_eq!(
            (&told[3]["data"]["departement"], &told[3]["data"]["operator"], &told[3]["data"]["level"]),
            (&json!("76"), &json!(OPERATOR), &json!(3))
        );
    }

    fn two_partners_cannot_join_what_they_are_told_and_each_knows_a_person_by_one_name_for_ever(database: Database) {
        let (one, other) = (declare(&database, "one", NORMANDIE), declare(&database, "other", NORMANDIE));
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, mut events) = agreed(&Person::default());
        let employed = story.employed("2024-05-06");
        events.push(employed.clone());
        events.push(story.moved("2024-05-20", &employed, "2024-05-07"));
        record(&api, &events);
        let (first, second) = (one.outcomes(&api, ""), other.outcomes(&api, ""));
        assert_eq!(kinds(&first), ["entry", "employment.started", "employment.started"]);
        assert_eq!(kinds(&first), kinds(&second));
        assert_eq!(names(&first).intersection(&names(&second)).next(), None);
        let known_to_the_log = [story.uuid(), story.trainee()].map(|uuid| uuid.to_string());
        assert!(names(&first).iter().all(|name| !known_to_the_log.contains(name)));
        let subjects: BTreeSet<_> = first.iter().map(|message| text(message, "/subject")).collect();
        assert_eq!(subjects.len(), 1);

        assert!(service.stop().success());
        let service = Service::start(&database);
        assert_eq!(one.outcomes(&service.api(), ""), first);
    }

    fn what_was_wrong_is_corrected_or_taken_back_by_name(database: Database) {
        let partner = declare(&database, "france-travail", NORMANDIE);
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, mut events) = agreed(&Person::default());
        let employed = story.employed("2024-05-06");
        events.push(employed.clone());
        record(&api, &events);
        record(&api, &[story.moved("2024-05-20", &employed, "2024-05-07")]);
        record(&api, &[story.annulled("2024-05-21", &employed)]);
        let told = partner.outcomes(&api, "kind=employment");
        assert_eq!(kinds(&told), ["employment.started", "employment.started", "retraction"]);
        assert_eq!(told[0].get("replaces"), None);
        assert_eq!(told[1]["replaces"], told[0]["id"]);
        assert_eq!(told[1]["data"]["date"], "2024-05-07");
        assert_eq!(told[2]["replaces"], told[1]["id"]);
        assert_eq!(told[2]["data"]["kind"], "employment");
    }

    fn each_partner_hears_of_its_territories_and_kinds_and_may_ask_for_less(database: Database) {
        let partners = [
            declare(&database, "normandie", NORMANDIE),
            declare(&database, "calvados", &["--territory", "departement/14"]),
            declare(&database, "rouen", &["--territory", "epci/200023414,departement/14", "--kind", "exit"]),
        ];
        let service = Service::start(&database);
        let api = service.api();
        let people = [
            Person::default(),
            Person { commune: LE_HAVRE, operator: OTHER_OPERATOR, ..Person::default() },
            Person { commune: CAEN, ..Person::default() },
        ];
        for person in people {
            let (mut story, mut events) = agreed(&person);
            events.push(story.exited("2024-03-01", "abandoned"));
            record(&api, &events);
        }
        let communes = |partner: &Partner, question: &str| -> Vec<(String, String)> {
            let told = partner.outcomes(&api, question);
            told.iter()
                .map(|message| (kind(message).to_owned(), text(message, "/data/commune").to_owned()))
                .collect()
        };
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(kind, commune)| ((*kind).to_owned(), (*commune).to_owned())).collect()
        };
        let [normandie, calvados, rouen] = &partners;
        assert_eq!(communes(normandie, "").len(), 6);
        assert_eq!(communes(calvados, ""), pairs(&[("entry", CAEN), ("exit", CAEN)]));
        assert_eq!(communes(rouen, ""), pairs(&[("exit", "76540"), ("exit", CAEN)]));
        assert_eq!(
            communes(normandie, "kind=entry&territory=departement/76"),
            pairs(&[("entry", "76540"), ("entry", LE_HAVRE)])
        );
        assert_eq!(
            communes(normandie, &format!("operator={OTHER_OPERATOR}")),
            pairs(&[("entry", LE_HAVRE), ("exit", LE_HAVRE)])
        );
        assert_eq!(communes(calvados, "territory=departement/76"), []);
        assert_eq!(communes(calvados, "territory=departement/76,region/28").len(), 2);
        let problem = rouen.get(&api, "/v1/outcomes?kind=entry").must_be(403).json();
        assert_eq!((&problem["code"], &problem["field"]), (&json!("not-declared"), &json!("kind")));
    }

    fn whoever_moved_is_taken_back_from_those_who_hear_of_them_no_longer(database: Database) {
        let (seine, calvados) = (
            declare(&database, "seine-maritime", &["--territory", "departement/76"]),
            declare(&database, "calvados", &["--territory", "departement/14"]),
        );
        let service = Service::start(&database);
        let api = service.api();
        let (mut story, events) = agreed(&Person::default());
        record(&api, &events);
        let mut right = events[0]["data"].clone();
        right["commune"] = json!(CAEN);
        record(&api, &[story.restated("2024-02-20", &events[0], right)]);
        let before = seine.outcomes(&api, "");
        assert_eq!(kinds(&before), ["entry", "retraction"]);
        assert_eq!(before[1]["replaces"], before[0]["id"]);
        assert_eq!(kinds(&calvados.outcomes(&api, "")), ["entry"]);
    }

    fn everybody_hears_of_places_and_of_nobody(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(1);
        record(&api, &training.events);
        let person = Person { session: Some(training.session), ..Person::default() };
        let (mut story, events) = agreed(&person);
        record(&api, &events);
        record(&api, &[story.exited("2024-03-01", "abandoned")]);
        let told = api.get("/v1/outcomes").must_be(200).json();
        let changes: Vec<_> = told["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|message| (kind(message), text(message, "/data/change"), message["data"]["left"].as_u64().unwrap()))
            .collect();
        assert_eq!(changes, [("place", "opened", 1), ("place", "full", 0), ("place", "available", 1)]);
        assert_eq!(told["outcomes"][0]["subject"], json!(training.session));
        let here = api.get("/v1/outcomes?territory=departement/76&kind=place").must_be(200).json();
        assert_eq!(here["outcomes"], told["outcomes"]);
        let there = api.get("/v1/outcomes?territory=departement/14").must_be(200).json();
        assert_eq!(there["outcomes"], json!([]));
        for question in ["kind=certification", "kind=forget", "kind=place,exit", &format!("operator={OPERATOR}")] {
            let problem = api.get(&format!("/v1/outcomes?{question}")).must_be(401);
            assert_eq!(problem.header("www-authenticate"), Some("Bearer"), "{question}");
        }
    }
}
