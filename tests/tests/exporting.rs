//! The catalogue in LHEO: over HTTP and by `parcours export`, and imported again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;

use parcours_tests::command_line::{self, Ended};
use parcours_tests::story::training;
use parcours_tests::{Database, Service, Story, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

/// Runs a command on `database`.
fn run(database: &Database, arguments: &[&str], input: &[u8]) -> Ended {
    let arguments = arguments.iter().map(OsString::from);
    command_line::run_with_input(arguments.chain(database.options()), input)
}

/// Imports a document, and gives the sums and how many sessions are no longer listed.
fn import(database: &Database, document: &[u8]) -> Value {
    let report = run(
        database,
        &["import", "-", "--format", "lheo", "--json", "--complete"],
        document,
    );
    let lines: Vec<Value> = report
        .output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [told] = &lines[..] else { panic!("{report:?}") };
    report.succeeded();
    told.clone()
}

/// What a document has of the catalogue of a service: all but places taken, results, reviews and the quality certificate.
fn catalogue(service: &Service) -> Vec<Value> {
    service.api().wait_for_views();
    let mut sessions = service.api().sessions();
    for session in &mut sessions {
        session["places"] = session["places"]["capacity"].take();
        let members = session.as_object_mut().unwrap();
        members.retain(|name, _| !["results", "reviews", "open"].contains(&name.as_str()));
        if let Some(operator) = session["operator"].as_object_mut() {
            operator.remove("qualiopi_until");
        }
    }
    sessions.sort_by_key(|session| session["session"].to_string());
    sessions
}

fn document(service: &Service, question: &str) -> Vec<u8> {
    let answer = service
        .api()
        .get(&format!("/v1/catalogue?format=lheo{question}"))
        .must_be(200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/xml; charset=utf-8")
    );
    answer.body
}

/// Imports what `service` exports into its own log and into an empty one: nothing is new in the first, and the catalogue
/// of the second is the same.
fn goes_round(database: &Database, service: Service) {
    let empty = &another(database);
    let (told, size) = (catalogue(&service), service.api().log_size());
    let document = document(&service, "");
    let report = import(database, &document);
    assert_eq!(
        json!([
            report["sums"]["recorded"],
            report["sums"]["refused"],
            report["left"]
        ]),
        json!([0, 0, null]),
        "{report}"
    );
    assert_eq!(service.api().log_size(), size);
    let report = import(empty, &document);
    let (recorded, refused) = (&report["sums"]["recorded"], &report["sums"]["refused"]);
    assert!(recorded.as_u64() >= Some(3) && *refused == 0, "{report}");
    assert_eq!(report.get("not_taken"), None, "{report}");
    let other = Service::start(empty);
    assert_eq!(catalogue(&other), told);
    let again = import(empty, &self::document(&other, ""));
    assert_eq!(again["sums"]["recorded"], 0, "{again}");
}

/// An empty one of the same kind.
fn another(database: &Database) -> Database {
    match database.url() {
        Some(_) => Database::postgres(),
        None => Database::sqlite(),
    }
}

/// A training that LHEO has no words for: see `services/export/src/lheo/beyond.rs`.
fn beyond(operator: Uuid, offer: Uuid, sessions: [Uuid; 3]) -> Vec<Value> {
    const SIRET: &str = "73000123400014";
    let objective = format!(
        "Lire & écrire <b>en gras</b>,\r\n\n  puis compter. {}",
        "é".repeat(3_500)
    );
    let rome = ["D1402", "D1403", "D1404", "D1405", "D1406", "D1407"];
    let published = json!({
        "operator": SIRET, "title": "Savoirs  de base &amp; « <p> »", "objective": objective, "rome": rome,
        "rs": "RS5616", "formacode": [], "certifying": false, "aim": "improvement", "level": 0, "entry_level": 0,
        "minutes": 95, "mode": "mixed",
    });
    let opened = |commune: &str, entry: &str, until: Option<&str>| {
        json!({"offer": offer, "commune": commune, "from": "2026-03-02", "to": "2026-12-18", "entry": entry,
               "capacity": 7, "enrol_until": until})
    };
    let [fixed, permanent, elsewhere] = sessions;
    let session = |uuid, data| Story::of("session", uuid).tell("2025-11-06", "opened", data);
    vec![
        Story::of("operator", operator).tell(
            "2025-11-02",
            "registered",
            json!({"siret": SIRET, "name": "Fourneaux & Cie <Caen>", "commune": "14118", "qualiopi_until": "2027-01-31"}),
        ),
        Story::of("offer", offer).tell("2025-11-03", "published", published),
        session(fixed, opened("14118", "fixed", Some("2026-02-01"))),
        session(permanent, opened("14118", "permanent", None)),
        session(elsewhere, opened("2A004", "fixed", None)),
    ]
}

on_both_databases! {
    fn a_programme_that_is_exported_is_imported_again_without_a_change(database: Database) {
        let programme = command_line::run(["simulate", "--trainees", "60", "--seed", "18"]).succeeded();
        run(&database, &["import", "-"], programme.as_bytes()).succeeded();
        goes_round(&database, Service::start(&database));
    }

    fn what_lheo_has_no_words_for_is_imported_again_without_a_change(database: Database) {
        let service = Service::start(&database);
        let [operator, offer] = [(); 2].map(|()| Uuid::now_v7());
        service.api().record(&beyond(operator, offer, [(); 3].map(|()| Uuid::now_v7())));
        // One whose operator nobody has registered.
        let unknown = training(12).events;
        service.api().record(&unknown[1..]);
        goes_round(&database, service);
    }

    fn what_is_changed_in_a_document_is_changed_in_the_log(database: Database) {
        let service = Service::start(&database);
        let training = training(12);
        service.api().record(&training.events);
        service.api().wait_for_views();
        let exported = String::from_utf8(document(&service, "")).unwrap();
        let changed = exported
            .replace("Vendre et conseiller", "Vendre")
            .replace("<fin>20240628</fin>", "<fin>20240705</fin>")
            .replace(">12</extra>", ">14</extra>");
        assert_eq!(import(&database, changed.as_bytes())["sums"]["recorded"], 3);
        let sessions = catalogue(&service);
        assert_eq!(
            json!([sessions[0]["session"], sessions[0]["offer"]["title"], sessions[0]["to"], sessions[0]["places"]]),
            json!([training.session, "Vendre", "2024-07-05", 14])
        );
        // The first says nothing new.
        let again = import(&database, changed.as_bytes());
        assert_eq!(again["sums"]["recorded"], 0, "{again}");
    }

    fn the_command_writes_what_the_service_answers(database: Database) {
        let service = Service::start(&database);
        service.api().record(&training(12).events);
        service.api().record(&beyond(Uuid::now_v7(), Uuid::now_v7(), [(); 3].map(|()| Uuid::now_v7())));
        service.api().wait_for_views();
        let undated = |document: &str| document.split_once("<offres>").unwrap().1.to_owned();
        let answered = String::from_utf8(document(&service, "&territory=departement/14")).unwrap();
        assert_eq!(answered.matches("<session ").count(), 2);
        let arguments = ["export", "lheo", "--territory", "departement/14"];
        let written = run(&database, &arguments, b"").succeeded();
        assert_eq!(undated(&written), undated(&answered));
        let file = database.data().join("catalogue.xml");
        let arguments = ["export", "lheo", file.to_str().unwrap()];
        run(&database, &arguments, b"").succeeded();
        let whole = std::fs::read_to_string(&file).unwrap();
        assert_eq!(undated(&whole), undated(&String::from_utf8(document(&service, "")).unwrap()));
        let told = run(&database, &["export", "lheo", "--territory", "region/84"], b"").failed_with(1);
        assert!(told.contains("no session"), "{told}");
    }

    fn a_catalogue_that_has_not_come_so_far_is_not_exported(database: Database) {
        let story: Vec<String> = training(12).events.iter().map(Value::to_string).collect();
        let service = Service::start(&database);
        service.api().wait_for_views();
        service.stop();
        run(&database, &["import", "-"], story.join("\n").as_bytes()).succeeded();
        let told = run(&database, &["export", "lheo"], b"").failed_with(1);
        assert!(told.contains("of 3 events") && told.contains("rebuild catalogue"), "{told}");
        run(&database, &["rebuild", "catalogue"], b"").succeeded();
        assert!(run(&database, &["export", "lheo"], b"").succeeded().contains("Vendre et conseiller"));
    }

    fn a_catalogue_of_many_pages_is_one_document(database: Database) {
        let service = Service::start(&database);
        let training = training(12);
        service.api().record(&training.events);
        let sessions: Vec<Value> = (0..450_u128)
            .map(|number| {
                let mut opened = training.events[2].clone();
                let uuid = Uuid::from_u128(training.session.as_u128() ^ (number + 1));
                opened["subject"] = json!(format!("session/{uuid}"));
                opened["id"] = json!(format!("opened {number}"));
                opened["data"]["commune"] = json!(["76540", "14118", "27229"][number as usize % 3]);
                opened
            })
            .collect();
        service.api().record(&sessions);
        service.api().wait_for_views();
        let document = String::from_utf8(document(&service, "")).unwrap();
        let count = |what: &str| document.matches(what).count();
        assert_eq!((count("<formation "), count("<action>"), count("<session ")), (1, 3, 451));
        assert_eq!(import(&database, document.as_bytes())["sums"]["recorded"], 0);
    }
}
