//! One journey, from orientation to employment, told event by event over HTTP and read back in every view.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use parcours_tests::story::{OPERATOR, OTHER_OPERATOR, Person, Training, training};
use parcours_tests::{Api, Service, Story, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

/// Sends one event; gives its position.
#[track_caller]
fn record(api: &Api, event: &Value) -> u64 {
    let answer = api.post_event(event).must_be(201).json();
    answer["position"].as_u64().unwrap()
}

#[track_caller]
fn timeline(api: &Api, story: &Story, position: u64) -> Value {
    let path = format!("/v1/parcours/{}?min_position={position}", story.uuid());
    api.get(&path).must_be(200).json()
}

/// The one session, as the catalogue tells it once everything recorded is digested.
#[track_caller]
fn session(api: &Api, training: &Training) -> Value {
    api.wait_for_views();
    let page = api
        .get(&format!("/v1/catalogue?session={}", training.session))
        .must_be(200)
        .json();
    assert_eq!(page["sessions"].as_array().unwrap().len(), 1, "{page}");
    page["sessions"][0].clone()
}

fn types(steps: &Value) -> Vec<&str> {
    let steps = steps.as_array().unwrap().iter();
    steps
        .map(|step| {
            let name = step["type"].as_str().unwrap();
            name.strip_prefix("parcours.")
                .and_then(|name| name.strip_suffix(".v1"))
                .unwrap()
        })
        .collect()
}

on_both_databases! {
    fn a_journey_is_told_event_by_event_from_orientation_to_employment(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(12);
        for event in &training.events {
            record(&api, event);
        }
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        let mut story = Story::parcours();
        let immersion = Uuid::now_v7();
        let aid = Uuid::now_v7();
        let project = json!({
            "rome": "D1402", "aim": "employment", "realistic_for_person": true, "realistic_for_territory": true,
        });
        let certification = json!({"rncp": "RNCP34126", "scope": "full"});

        // Each event, and where the person stands after it.
        let told = [
            (story.oriented("2024-01-08", &person), "oriented"),
            (story.eligible("2024-01-10"), "eligible"),
            (story.tell("2024-01-11", "waitlisted", json!({"session": training.session})), "waitlisted"),
            (story.admitted("2024-01-15", &person), "admitted"),
            (story.committed("2024-01-17"), "admitted"),
            (story.accompanied("2024-01-18"), "admitted"),
            (story.started("2024-02-01"), "in_training"),
            (
                story.tell("2024-02-02", "plan.agreed", json!({
                    "goals": ["find work"], "modules": ["french"], "mode": "mixed", "weekly_minutes": 1800,
                    "alongside_job": false,
                })),
                "in_training",
            ),
            (story.tell("2024-02-02", "pay.granted", json!({"monthly_cents": 70_000, "from": "2024-02-01"})), "in_training"),
            (story.tell("2024-02-03", "aid.granted", json!({"aid": aid, "kind": "mobility", "cents": 12_000})), "in_training"),
            (story.bilan("2024-02-09"), "in_training"),
            (story.tell("2024-02-16", "trade.discovered", json!({"rome": "D1402", "format": "visit"})), "in_training"),
            (
                story.tell("2024-02-20", "immersion.agreed", json!({
                    "immersion": immersion, "kind": "placement", "host": OTHER_OPERATOR, "commune": "76540",
                    "rome": "D1402", "from": "2024-03-04", "to": "2024-03-15", "aims": ["try the trade"],
                })),
                "in_training",
            ),
            (story.tell("2024-03-04", "immersion.started", json!({"immersion": immersion})), "in_training"),
            (
                story.tell("2024-03-15", "immersion.completed", json!({
                    "immersion": immersion, "days": 10, "appraisal": 4, "skills": ["selling"],
                })),
                "in_training",
            ),
            (story.tell("2024-03-18", "project.stated", project.clone()), "in_training"),
            (story.tell("2024-03-20", "suspended", json!({"reason": "childcare"})), "suspended"),
            (story.tell("2024-04-02", "resumed", json!({})), "in_training"),
            (story.tell("2024-04-03", "project.confirmed", project), "in_training"),
            (story.module("2024-04-30"), "in_training"),
            (story.tell("2024-05-02", "skill.acquired", json!({"framework": "pix", "code": "1.1", "level": 3})), "in_training"),
            (story.tell("2024-05-06", "obstacle.lifted", json!({"obstacle": "mobility"})), "in_training"),
            (
                story.tell("2024-05-31", "attendance.recorded", json!({
                    "month": "2024-05", "planned_minutes": 8400, "attended_minutes": 8000, "excused_minutes": 200,
                })),
                "in_training",
            ),
            (story.tell("2024-06-03", "aid.paid", json!({"aid": aid, "kind": "mobility", "cents": 12_000})), "in_training"),
            (story.tell("2024-06-05", "certification.registered", certification.clone()), "in_training"),
            (story.tell("2024-06-20", "certification.obtained", certification), "in_training"),
            (story.tell("2024-06-28", "pay.ended", json!({"reason": "end of the training"})), "in_training"),
            (story.exited("2024-06-28", "completed"), "exited"),
            (story.employed("2024-09-02"), "exited"),
            (story.tell("2024-12-30", "followup.answered", json!({"months": 6, "situation": "employed"})), "exited"),
            (
                story.tell("2025-01-10", "review.submitted", json!({
                    "welcome": 5, "content": 4, "team": 5, "means": 3, "support": 4, "overall": 4,
                })),
                "exited",
            ),
            (story.tell("2025-01-11", "consent.given", json!({"purpose": "profile"})), "exited"),
            (
                story.tell("2025-01-12", "profile.published", json!({
                    "headline": "Seller", "skills": ["selling"], "rome": ["D1402"], "radius_km": 30,
                    "available_from": "2025-02-01",
                })),
                "exited",
            ),
        ];
        for (revision, (event, status)) in told.iter().enumerate() {
            let position = record(&api, event);
            let timeline = timeline(&api, &story, position);
            assert_eq!(timeline["status"], *status, "after {}", event["type"]);
            assert_eq!(timeline["revision"], revision + 1);
            assert_eq!(timeline["steps"].as_array().unwrap().len(), revision + 1);
        }

        let last = timeline(&api, &story, 0);
        assert_eq!(
            json!([
                last["parcours"],
                last["operator"],
                last["started"],
                last["exited"],
                last["exit_reason"]
            ]),
            json!([story.uuid(), OPERATOR, "2024-02-01", "2024-06-28", "completed"])
        );
        let outcomes: Vec<_> = last["outcomes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|outcome| &outcome["kind"])
            .collect();
        assert_eq!(outcomes, ["certified", "employed"]);
        assert_eq!(
            last["alerts"],
            json!([]),
            "the bilan, the follow-up and the obstacle are settled"
        );

        let session = session(&api, &training);
        assert_eq!(
            session["places"],
            json!({"capacity": 12, "taken": 0, "waiting": 0, "offered": 0, "left": 12}),
            "the exit frees the place"
        );
        assert_eq!(
            json!([
                session["offer"]["title"],
                session["operator"]["name"],
                session["commune"]["name"]
            ]),
            json!(["Vendre et conseiller", "Lycée Kerneuzec", "Rouen"])
        );
        assert_eq!(
            session["results"],
            json!({
                "leavers": 1, "presented": 1, "certified": 1, "certification_rate": 1.0,
                "matured": 1, "employed": 1, "employment_rate": 1.0,
            })
        );
        assert_eq!(
            json!([
                session["reviews"]["count"],
                session["reviews"]["overall"],
                session["reviews"]["means"]
            ]),
            json!([1, 4.0, 3.0])
        );
    }

    fn steps_stand_in_the_order_in_which_they_happened_with_both_their_times(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        for event in story.enters("2024-02-05", &Person::default()) {
            record(&api, &event);
        }
        record(&api, &story.module("2024-03-29"));
        let late = record(&api, &story.bilan("2024-02-12"));
        let told = timeline(&api, &story, late);
        assert_eq!(
            types(&told["steps"]),
            [
                "oriented",
                "eligibility.checked",
                "admitted",
                "commitment.signed",
                "referent.named",
                "started",
                "bilan.completed",
                "module.completed",
            ]
        );
        let (bilan, module) = (&told["steps"][6], &told["steps"][7]);
        assert_eq!(
            json!([bilan["time"], module["time"]]),
            json!(["2024-02-12T12:00:00Z", "2024-03-29T12:00:00Z"])
        );
        assert_eq!(json!([bilan["revision"], module["revision"]]), json!([8, 7]));
        assert!(bilan["recorded"].as_str() > module["recorded"].as_str(), "{told}");
        assert_eq!(bilan["position"], late);
    }

    fn what_is_corrected_or_annulled_is_shown_with_what_it_replaces(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        for event in story.enters("2024-02-05", &Person::default()) {
            record(&api, &event);
        }
        let (bilan, module) = (story.bilan("2024-02-12"), story.module("2024-03-29"));
        record(&api, &bilan);
        record(&api, &module);
        record(&api, &story.moved("2024-04-02", &bilan, "2024-02-14"));
        let position = record(&api, &story.annulled("2024-04-03", &module));

        let told = timeline(&api, &story, position);
        assert_eq!(types(&told["steps"]).last(), Some(&"bilan.completed"));
        let corrected = &told["steps"][6];
        assert_eq!(
            json!([corrected["time"], corrected["correction"]["original_time"]]),
            json!(["2024-02-14T12:00:00Z", "2024-02-12T12:00:00Z"])
        );
        assert_eq!(types(&told["annulled"]), ["module.completed"]);
        assert_eq!(told["annulled"][0]["annulment"]["reason"], "told by mistake");

        let history = api.history(story.uuid());
        assert_eq!(history.len(), 10, "nothing that was ever told is lost");
        assert_eq!(history[7]["id"], module["id"]);
    }

    fn a_correction_that_makes_a_later_fact_impossible_is_refused_naming_it(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let events = story.enters("2024-02-05", &Person::default());
        for event in &events {
            record(&api, event);
        }
        let module = story.module("2024-02-20");
        record(&api, &module);
        let correction = story.moved("2024-03-04", &events[5], "2024-02-26");
        let problem = api.post_event(&correction).must_be(422).json();
        assert_eq!(problem["code"], "in-training");
        assert_eq!(problem["conflicts_with"]["id"], module["id"], "{problem}");
    }

    fn places_are_taken_waited_for_and_freed_with_the_journeys_that_move_them(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(2);
        for event in &training.events {
            record(&api, event);
        }
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        let mut stories: Vec<_> = (0..3).map(|_| Story::parcours()).collect();
        for story in &mut stories {
            record(&api, &story.oriented("2024-01-08", &person));
            record(&api, &story.eligible("2024-01-09"));
        }
        let places = || session(&api, &training)["places"].clone();
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 0, "waiting": 0, "offered": 0, "left": 2})
        );
        let admission = stories[0].admitted("2024-01-10", &person);
        record(&api, &admission);
        record(&api, &stories[1].admitted("2024-01-11", &person));
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 2, "waiting": 0, "offered": 0, "left": 0})
        );

        let third = stories[2].admitted("2024-01-15", &person);
        let problem = api.post_event(&third).must_be(422).json();
        assert_eq!(problem["code"], "place-available");
        record(
            &api,
            &stories[2].tell("2024-01-15", "waitlisted", json!({"session": training.session})),
        );
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 2, "waiting": 1, "offered": 0, "left": 0})
        );

        record(
            &api,
            &stories[1].tell(
                "2024-01-17",
                "withdrawn",
                json!({"session": training.session, "reason": "a job"}),
            ),
        );
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 1, "waiting": 1, "offered": 0, "left": 1})
        );
        record(&api, &stories[2].admitted("2024-01-18", &person));
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 2, "waiting": 0, "offered": 0, "left": 0})
        );

        let mut session_story = Story::of("session", training.session);
        session_story.tell("2023-11-06", "opened", json!({}));
        let too_few = session_story.tell("2024-01-19", "capacity.changed", json!({"capacity": 1}));
        assert_eq!(
            api.post_event(&too_few).must_be(422).json()["code"],
            "place-available"
        );

        record(&api, &stories[0].annulled("2024-01-19", &admission));
        assert_eq!(
            places(),
            json!({"capacity": 2, "taken": 1, "waiting": 0, "offered": 0, "left": 1})
        );
        record(
            &api,
            &session_story.tell("2024-01-20", "capacity.changed", json!({"capacity": 1})),
        );
        assert_eq!(
            places(),
            json!({"capacity": 1, "taken": 1, "waiting": 0, "offered": 0, "left": 0})
        );
    }

    fn a_reader_of_the_catalogue_sees_the_place_that_its_own_admission_took(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(50);
        for event in &training.events {
            record(&api, event);
        }
        let person = Person {
            session: Some(training.session),
            ..Person::default()
        };
        for admissions in 1..=20 {
            let mut story = Story::parcours();
            record(&api, &story.oriented("2024-01-08", &person));
            record(&api, &story.eligible("2024-01-09"));
            let position = record(&api, &story.admitted("2024-01-10", &person));
            let page = api
                .get(&format!(
                    "/v1/catalogue?session={}&min_position={position}",
                    training.session
                ))
                .must_be(200)
                .json();
            assert_eq!(page["sessions"][0]["places"]["taken"], admissions);
        }
    }

    fn the_catalogue_is_searched_by_what_one_looks_for(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let training = training(2);
        for event in &training.events {
            record(&api, event);
        }
        api.wait_for_views();
        let offer = format!("offer={}", training.offer);
        for (question, found) in [
            ("", 1),
            ("territory=departement/76", 1),
            ("territory=departement/14", 0),
            ("territory=epci/200023414", 1),
            ("near=76540&km=5", 1),
            ("near=14118&km=30", 0),
            ("rome=D1402", 1),
            ("rome=D1403", 0),
            ("rncp=RNCP34126", 1),
            ("from=2024-06-01&to=2024-12-31", 1),
            ("from=2024-07-01", 0),
            ("open=false", 1),
            ("open=true", 0),
            ("text=CONSEILLER%20vendre", 1),
            ("text=cuisine", 0),
            (offer.as_str(), 1),
        ] {
            let page = api.get(&format!("/v1/catalogue?{question}")).must_be(200).json();
            assert_eq!(page["sessions"].as_array().unwrap().len(), found, "{question}");
        }
    }

    fn a_parcours_is_told_as_it_was_known_at_a_position_or_an_instant(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let positions: Vec<_> = story
            .enters("2024-02-05", &Person::default())
            .iter()
            .map(|event| record(&api, event))
            .collect();
        let path = format!("/v1/parcours/{}", story.uuid());
        let known = timeline(&api, &story, positions[5]);
        let instant = known["steps"][5]["recorded"].as_str().unwrap().to_owned();
        let last = record(&api, &story.exited("2024-03-08", "abandoned"));
        assert_eq!(timeline(&api, &story, last)["status"], "exited");

        for moment in [positions[5].to_string(), instant] {
            assert_eq!(
                api.get(&format!("{path}?as_of={moment}")).must_be(200).json(),
                known,
                "as of {moment}"
            );
        }
        assert_eq!(
            api.get(&format!("{path}?as_of={}", positions[0]))
                .must_be(200)
                .json()["status"],
            "oriented"
        );
        assert_eq!(
            api.get(&format!("{path}?as_of={last}")).must_be(200).json(),
            timeline(&api, &story, last)
        );
        api.get(&format!("{path}?as_of=2020-01-01T00:00:00Z"))
            .must_be(404);
    }
}
