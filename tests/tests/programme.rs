//! What is beside the journey, from outside: the money for aids, agreements, requests, needs, calls, communities and
//! committees, one person's trainings, and the lists that people work from.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use parcours_tests::story::{Person, training};
use parcours_tests::{Service, Story, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

const PARTNER: &str = "73282932000074";

/// The `id`s of a page's entries.
fn names(page: &Value) -> Vec<&str> {
    let entries = page["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["id"].as_str().unwrap())
        .collect()
}

/// The `parcours` of a page.
fn parcours(page: &Value) -> Vec<&str> {
    let listed = page["parcours"].as_array().unwrap();
    listed
        .iter()
        .map(|listed| listed["parcours"].as_str().unwrap())
        .collect()
}

/// An envelope of a year, so many cents voted.
fn voted(year: u16, id: &str, cents: u64) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:region:28", "type": "envelope.voted.v1",
        "subject": format!("envelope/{year}"), "time": format!("{year}-01-01T00:00:00+01:00"),
        "data": {"year": year, "cents": cents},
    })
}

/// An aid granted to a parcours in training.
fn granted(story: &mut Story, day: &str, cents: u64) -> Value {
    let aid = Uuid::now_v7();
    story.tell(
        day,
        "aid.granted",
        json!({"aid": aid, "kind": "mobility", "cents": cents}),
    )
}

on_both_databases! {
    fn what_is_granted_in_a_year_stays_within_its_envelope_however_many_grant_at_once(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut people: Vec<Story> = (0..12).map(|_| Story::parcours()).collect();
        let mut events = vec![voted(2024, "vote", 100_000)];
        events.extend(people.iter_mut().flat_map(|story| story.enters("2024-02-05", &Person::default())));
        api.record(&events);
        let grants: Vec<Value> = people.iter_mut().map(|story| granted(story, "2024-03-01", 15_000)).collect();
        let told = &api;
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let sent: Vec<_> = grants.iter().map(|grant| scope.spawn(move || told.post_event(grant).status)).collect();
            sent.into_iter().map(|sent| sent.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 6, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 422).count(), 6);
        let refused = grants.iter().find_map(|grant| {
            let answer = api.post_event(grant);
            (answer.status == 422).then(|| answer.json())
        });
        let refused = refused.unwrap();
        assert_eq!(refused["code"], "aid-within-envelope");
        assert!(refused["detail"].as_str().unwrap().contains("envelope/2024 would be exceeded by €50.00"), "{refused}");
        // What was taken back is there for others.
        let taken = grants.iter().position(|grant| api.post_event(grant).status == 200).unwrap();
        let back = people[taken].annulled("2024-04-01", &grants[taken]);
        api.post_event(&back).must_be(201);
        let late = people.iter_mut().map(|story| granted(story, "2024-02-20", 25_000)).next().unwrap();
        api.post_event(&late).must_be(201);
        let position = api.log_size() - 1;
        let envelope = api.get(&format!("/v1/register/envelope/2024?min_position={position}")).must_be(200).json();
        assert_eq!(envelope["document"], json!({"voted_cents": 100_000, "granted_cents": 100_000, "left_cents": 0}));
        let history = api.get("/v1/streams/envelope/2024/events?limit=3").must_be(200).json();
        assert_eq!(history["events"][1]["type"], "envelope.aid.reserved.v1");
        assert_eq!(history["next"], "3");
    }

    fn a_person_is_in_training_in_one_parcours_at_a_time_under_whatever_uuid(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let (mut first, mut second) = (Story::parcours(), Story::parcours());
        api.record(&first.enters("2024-02-05", &Person::default()));
        let mut events = second.enters("2024-03-04", &Person::default());
        let start = events.pop().unwrap();
        api.record(&events);
        let mut one = Story::of("trainee", first.trainee());
        let mut other = Story::of("trainee", second.trainee());
        api.record(&[other.tell("2024-03-01", "merged", json!({"into": first.trainee()}))]);
        let refused = api.post_event(&start).must_be(422).json();
        assert_eq!(refused["code"], "one-parcours");
        let told = refused["detail"].as_str().unwrap();
        assert!(told.contains(&format!("parcours/{} from 2024-02-05 on", first.uuid())), "{told}");
        assert_eq!(refused["conflicts_with"]["id"], format!("{}.6", first.uuid()));
        api.record(&[first.exited("2024-03-03", "abandoned")]);
        api.post_event(&start).must_be(201);
        // The erasure of one is that of the other.
        api.record(&[one.tell("2024-05-01", "erased", json!({}))]);
        let late = second.module("2024-05-02");
        assert_eq!(api.post_event(&late).must_be(422).json()["code"], "erased");
        let told = api.get(&format!("/v1/streams/trainee/{}/events", second.trainee())).must_be(200).json();
        let types: Vec<&str> = told["events"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["trainee.merged.v1", "trainee.training.begun.v1", "trainee.erased.v1"]);
    }

    fn a_need_and_a_request_lead_to_a_session_and_an_offer_that_name_them(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(12);
        api.record(&training.events);
        let (mut request, mut need) = (Story::of("request", Uuid::now_v7()), Story::of("need", Uuid::now_v7()));
        let wanted = json!({"rome": "D1402", "why": "rien au catalogue", "commune": "76540"});
        let stated = json!({"company": PARTNER, "rome": "D1402", "people": 12, "commune": "27229", "by_date": "2024-06-01"});
        api.record(&[
            request.tell("2023-10-02", "submitted", wanted),
            need.tell("2023-10-03", "stated", stated),
        ]);
        let position = api.log_size() - 1;
        let waiting = api.get(&format!("/v1/register/request?waits_for=region&min_position={position}")).must_be(200).json();
        assert_eq!(names(&waiting), [request.uuid().to_string()]);
        api.record(&[
            request.tell("2023-11-10", "funded", json!({"offer": training.offer, "cents": 1_200_000})),
            need.tell("2023-11-11", "met", json!({"session": training.session})),
        ]);
        let position = api.log_size() - 1;
        let waiting = api.get(&format!("/v1/register/request?waits_for=region&min_position={position}")).must_be(200).json();
        assert_eq!(waiting, json!({"entries": [], "next": null}));
        let entry = api.get(&format!("/v1/register/request/{}", request.uuid())).must_be(200).json();
        assert_eq!((&entry["state"], &entry["departement"]), (&json!("funded"), &json!("76")));
        assert_eq!(entry["document"]["offer"], json!(training.offer));
        let in_eure = api.get("/v1/register/need?territory=departement/27&state=met").must_be(200).json();
        assert_eq!(in_eure["entries"][0]["document"]["session"], json!(training.session));
        for (stream, link) in [("offer", training.offer), ("session", training.session)] {
            let told = api.get(&format!("/v1/streams/{stream}/{link}/events")).must_be(200).json();
            let last = told["events"].as_array().unwrap().last().unwrap();
            assert!(last["source"].as_str().unwrap().ends_with("#places"), "{last}");
        }
        // What links a session to a need is no news of its places.
        let session = api.sessions()[0].clone();
        assert_eq!((&session["places"]["left"], &session["session"]), (&json!(12), &json!(training.session)));
    }

    fn conventions_calls_committees_and_branches_stand_in_the_register(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut convention = Story::of("convention", Uuid::now_v7());
        let mut branch = Story::of("branch", Uuid::now_v7());
        let mut call = Story::of("call", Uuid::now_v7());
        let mut committee = Story::of("committee", Uuid::now_v7());
        let signed = json!({"partner": PARTNER, "name": "Mission locale", "roles": ["orient"], "territory": "epci/200023414",
            "from": "2024-01-01", "to": "2024-12-31"});
        let agreed = json!({"name": "Métallurgie", "rome": ["H2913"], "from": "2024-01-01", "to": "2026-12-31"});
        let opened = json!({"title": "Mobilité", "territory": "departement/27", "until": "2024-03-31", "envelope_cents": 500_000});
        let met = json!({"territory": "commune/76540", "on": "2024-03-10", "partners": [PARTNER], "decisions": ["ouvrir", "relancer"]});
        api.record(&[
            convention.tell("2023-12-20", "signed", signed),
            branch.tell("2023-12-21", "agreement.signed", agreed),
            call.tell("2024-01-10", "opened", opened),
            call.tell("2024-02-10", "proposal.submitted", json!({"operator": PARTNER, "title": "Minibus", "cents": 300_000})),
            call.tell("2024-04-10", "proposal.selected", json!({"operator": PARTNER})),
            committee.tell("2024-03-10", "met", met),
            committee.tell("2024-03-11", "decision.due", json!({"on": "2024-03-10", "number": 2, "by_date": "2024-05-01"})),
        ]);
        let mut oriented = Story::parcours();
        let mut by_convention = oriented.oriented("2024-02-01", &Person::default());
        by_convention["data"]["convention"] = json!(convention.uuid());
        api.post_event(&by_convention).must_be(201);
        api.record(&[convention.tell("2024-06-30", "ended", json!({"reason": "non reconduite"}))]);
        let mut late = Story::parcours().oriented("2024-07-01", &Person::default());
        late["data"]["convention"] = json!(convention.uuid());
        assert_eq!(api.post_event(&late).must_be(422).json()["code"], "under-convention");

        let position = api.log_size() - 1;
        let read = |kind: &str, id: Uuid| {
            api.get(&format!("/v1/register/{kind}/{id}?min_position={position}")).must_be(200).json()
        };
        let entry = read("convention", convention.uuid());
        assert_eq!((&entry["state"], &entry["document"]["ended"]), (&json!("ended"), &json!("2024-06-30")));
        assert_eq!((&entry["epci"], &entry["departement"]), (&json!("200023414"), &json!("76")));
        assert_eq!(read("branch", branch.uuid())["document"]["trades"], json!(["H2913"]));
        let entry = read("call", call.uuid());
        assert_eq!(entry["document"]["selected_cents"], 300_000);
        assert_eq!((&entry["waits_for"], &entry["due"]), (&json!("region"), &json!("2024-04-01")));
        let entry = read("committee", committee.uuid());
        assert_eq!((&entry["state"], &entry["due"]), (&json!("following_up"), &json!("2024-05-01")));
        api.record(&[committee.tell("2024-05-02", "decision.done", json!({"on": "2024-03-10", "number": 2}))]);
        let position = api.log_size() - 1;
        let open = api.get(&format!("/v1/register/committee?waits_for=partners&min_position={position}")).must_be(200).json();
        assert_eq!(names(&open), [""; 0]);

        for (path, status, code) in [
            ("/v1/register/parcours", 404, "unknown-stream"),
            ("/v1/register/call/2024", 400, "invalid-parameter"),
            ("/v1/register/envelope/2024", 404, "unknown-stream"),
            ("/v1/register/call?limit=0", 400, "invalid-parameter"),
            ("/v1/register/call?cursor=x", 400, "invalid-parameter"),
            ("/v1/streams/journey/1/events", 404, "unknown-stream"),
        ] {
            let problem = api.get(path).must_be(status).json();
            let kind = problem["type"].as_str().unwrap();
            assert!(kind.ends_with(code), "{path}: {problem}");
        }
    }

    fn a_community_is_joined_called_upon_and_counted_and_what_is_sent_again_is_known(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut people: Vec<Story> = (0..3).map(|_| Story::parcours()).collect();
        let mut community = Story::of("community", Uuid::now_v7());
        for story in &mut people {
            api.record(&[story.oriented("2024-01-08", &Person::default())]);
        }
        let created = community.tell("2024-01-09", "created", json!({"name": "Anciens", "purpose": "s'entraider"}));
        api.record(std::slice::from_ref(&created));
        let member = |story: &Story| json!({"parcours": story.uuid()});
        let early = community.tell("2024-01-10", "joined", member(&people[0]));
        assert_eq!(api.post_event(&early).must_be(422).json()["code"], "consent-before-community");
        for story in &mut people[..2] {
            let agreed = story.tell("2024-01-10", "consent.given", json!({"purpose": "community"}));
            api.record(&[agreed]);
        }
        let mut told = vec![
            community.tell("2024-01-11", "joined", member(&people[0])),
            community.tell("2024-01-12", "joined", member(&people[1])),
            community.tell("2024-01-13", "called", json!({"question": "Quoi de mieux ?"})),
            community.tell("2024-01-14", "answered", member(&people[0])),
            community.tell("2024-01-15", "left", member(&people[1])),
        ];
        let recorded = api.record(&told);
        for (event, code) in [
            (community.tell("2024-01-16", "answered", member(&people[0])), "members-in-order"),
            (community.tell("2024-01-16", "answered", member(&people[2])), "members-in-order"),
            (community.tell("2024-01-16", "joined", member(&people[2])), "consent-before-community"),
            (community.tell("2024-01-16", "created", created["data"].clone()), "created-first"),
        ] {
            assert_eq!(api.post_event(&event).must_be(422).json()["code"], code);
        }
        // Sent again it is the same, after a start too; with other data it is another.
        for service in [service, Service::start(&database)] {
            let api = service.api();
            let again = api.post_batch(&told).must_be(200).json();
            for (again, first) in again.as_array().unwrap().iter().zip(&recorded) {
                assert_eq!((&again["status"], &again["position"], &again["revision"]), (&json!("duplicate"), &first["position"], &first["revision"]));
            }
            assert!(service.stop().success());
        }
        let service = Service::start(&database);
        let api = service.api();
        told[2]["data"]["question"] = json!("Autre chose ?");
        api.post_event(&told[2]).must_be(409);
        let position = api.log_size() - 1;
        let entry = api.get(&format!("/v1/register/community/{}?min_position={position}", community.uuid())).must_be(200).json();
        let counted = json!({"name": "Anciens", "purpose": "s'entraider", "members": 1, "questions": 1, "answers": 1});
        assert_eq!(entry["document"], counted);
    }

    fn companies_find_those_who_agreed_and_are_available_and_nobody_else(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let of = |radius: u16, rome: &str| json!({"headline": "Vendre, conseiller", "skills": ["accueil"], "rome": [rome],
            "radius_km": radius, "available_from": "2024-07-01"});
        let mut people: Vec<Story> = (0..5).map(|_| Story::parcours()).collect();
        let homes = ["76540", "76540", "76351", "76540", "76540"];
        for ((story, commune), (radius, rome)) in people.iter_mut().zip(homes).zip([(20, "D1402"), (20, "H2913"), (100, "D1402"), (20, "D1402"), (20, "D1402")]) {
            let person = Person { commune, ..Person::default() };
            api.record(&story.enters("2024-02-05", &person));
            api.record(&[
                story.tell("2024-06-01", "consent.given", json!({"purpose": "profile"})),
                story.tell("2024-06-02", "profile.published", of(radius, rome)),
            ]);
        }
        let find = |query: &str| {
            let position = api.log_size() - 1;
            api.get(&format!("/v1/profiles?{query}&min_position={position}")).must_be(200).json()
        };
        let count = |query: &str| find(query)["profiles"].as_array().unwrap().len();
        assert_eq!([count("limit=500"), count("rome=D1402"), count("rome=H2913"), count("available_by=2024-06-30")], [5, 4, 1, 0]);
        // Rouen is 72 km from Le Havre: only who would go so far is found there, the nearest first.
        let near = find("near=76540&rome=D1402");
        let distances: Vec<u64> = near["profiles"].as_array().unwrap().iter().map(|profile| profile["distance_km"].as_u64().unwrap()).collect();
        assert_eq!(distances, [0, 0, 0, 72]);
        assert_eq!(count("near=76540&rome=D1402&km=30"), 3);
        assert_eq!(count("near=76351"), 1, "from Rouen nobody would go to Le Havre");
        let first = find("near=76540&limit=3");
        assert_eq!(count(&format!("near=76540&limit=3&cursor={}", first["next"].as_str().unwrap())), 2);
        // They name nobody.
        let text = first.to_string();
        let named = |story: &Story| text.contains(&story.uuid().to_string()) || text.contains(&story.trainee().to_string());
        assert!(!people.iter().any(named) && !text.contains("commune"), "{text}");
        // Who works, agrees no longer, withdraws it, or is erased is gone at once.
        let events = [
            people[0].employed("2024-07-02"),
            people[2].tell("2024-07-02", "consent.withdrawn", json!({"purpose": "profile"})),
            people[3].tell("2024-07-02", "profile.withdrawn", json!({})),
        ];
        api.record(&events);
        assert_eq!(count("limit=500"), 2);
        api.record(&[Story::of("trainee", people[4].trainee()).tell("2024-07-03", "erased", json!({}))]);
        assert_eq!(count("limit=500"), 1);
        for cursor in ["18446744073709551615", "5001", "-1", "20000_0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8e"] {
            api.get(&format!("/v1/profiles?near=76540&cursor={cursor}")).must_be(400);
        }
        api.get("/v1/profiles?cursor=1").must_be(400);
        api.get("/v1/profiles?km=3").must_be(400);
        api.get("/v1/profiles?near=99999").must_be(400);
    }

    fn an_older_version_of_a_type_is_taken_and_told_as_the_newest(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let mut events = story.enters("2024-02-05", &Person::default());
        events.push(story.exited("2024-06-30", "employment"));
        events.push(story.tell("2024-07-01", "employment.started", json!({"employment": Uuid::from_u128(7),
            "contract": "fixed_term", "months": 6, "weekly_minutes": 2100, "reported_by": "trainee"})));
        api.record(&events);
        let position = api.log_size() - 1;
        let told = api.get(&format!("/v1/parcours/{}?min_position={position}", story.uuid())).must_be(200).json();
        let step = told["steps"].as_array().unwrap().last().unwrap();
        assert_eq!(step["type"], "parcours.employment.started.v2");
        assert_eq!(step["data"]["contract"], json!({"kind": "fixed_term", "months": 6}));
        assert_eq!(told["outcomes"][0]["kind"], "employed");
        let raw = api.get(&format!("/v1/parcours/{}/events", story.uuid())).must_be(200).json();
        let sent = raw["events"].as_array().unwrap().last().unwrap();
        assert_eq!((&sent["type"], &sent["data"]["contract"]), (&json!("parcours.employment.started.v1"), &json!("fixed_term")));
        // The same again is the same, and in the other version another event.
        let last = events.last().unwrap();
        api.post_event(last).must_be(200);
        let mut newer = last.clone();
        newer["type"] = json!("parcours.employment.started.v2");
        newer["data"] = step["data"].clone();
        api.post_event(&newer).must_be(409);
        newer["id"] = json!("newer");
        newer["data"]["employment"] = json!(Uuid::from_u128(8));
        api.post_event(&newer).must_be(201);
        for version in ["v1", "v2"] {
            api.get(&format!("/schemas/parcours.employment.started.{version}")).must_be(200);
        }
    }

    fn parcours_are_found_by_whose_they_are_and_by_what_is_to_be_done(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut people: Vec<Story> = (0..3).map(|_| Story::parcours()).collect();
        let elsewhere = Person { operator: PARTNER, ..Person::default() };
        let days = ["2024-03-04", "2024-02-05", "2024-04-02"];
        for (story, day) in people.iter_mut().zip(days) {
            let person = if day == "2024-04-02" { elsewhere } else { Person::default() };
            api.record(&story.enters(day, &person));
        }
        let position = api.log_size() - 1;
        let list = |query: &str| api.get(&format!("/v1/parcours?{query}&min_position={position}")).must_be(200).json();
        let mut all: Vec<String> = people.iter().map(|story| story.uuid().to_string()).collect();
        all.sort();
        let first = list("limit=2");
        assert_eq!(parcours(&first), all[..2]);
        let rest = list(&format!("limit=2&cursor={}", first["next"].as_str().unwrap()));
        assert_eq!((parcours(&rest), &rest["next"]), (vec![all[2].as_str()], &Value::Null));
        assert_eq!(parcours(&list(&format!("operator={PARTNER}"))), [people[2].uuid().to_string()]);
        assert_eq!(parcours(&list(&format!("trainee={}", people[0].trainee()))), [people[0].uuid().to_string()]);
        assert_eq!(parcours(&list("status=exited")), [""; 0]);

        // Nobody has had a bilan: who started first is the most urgent.
        let desk = list("due=true&referent=00000000-0000-0000-0000-00000000feed");
        let order: Vec<String> = [1, 0, 2].map(|place: usize| people[place].uuid().to_string()).into();
        assert_eq!(parcours(&desk), order);
        assert_eq!(desk["parcours"][0]["tasks"], json!([{"code": "bilan-missing", "english": "No bilan has been completed yet",
            "french": "Aucun bilan n'a encore été réalisé", "due": "2024-03-06"}]));
        let told = &desk["parcours"][0];
        assert_eq!((&told["status"], &told["started"], &told["commune"]), (&json!("in_training"), &json!("2024-02-05"), &json!("76540")));
        api.record(&[people[1].bilan("2024-03-01"), people[1].exited("2024-03-20", "moved_away")]);
        let position = api.log_size() - 1;
        let desk = api.get(&format!("/v1/parcours?due=true&min_position={position}")).must_be(200).json();
        assert_eq!(parcours(&desk), order[1..]);
        api.get("/v1/parcours?status=lost").must_be(400);
        api.get("/v1/parcours?due=false").must_be(400);
    }
}
