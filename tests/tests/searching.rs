//! What a job seeker looks for in the catalogue (R18): by words, by distance, by what can be entered, in an order.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use chrono::{Days, NaiveDate, Utc};
use parcours_tests::story::{CAEN, LE_HAVRE, OPERATOR, OTHER_OPERATOR, ROUEN};
use parcours_tests::{Api, Service, Story, command_line, on_both_databases};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A training with one session.
struct Offered {
    offer: Story,
    published: Value,
    session: Uuid,
    events: Vec<Value>,
}

fn offered(title: &str, commune: &str, operator: &str, from: NaiveDate, days: u64, entry: &str) -> Offered {
    let (offer, session) = (Uuid::now_v7(), Uuid::now_v7());
    let published = json!({
        "operator": operator, "title": title, "objective": "Obtenir un emploi", "rome": ["D1402"], "formacode": [],
        "certifying": entry == "fixed", "minutes": 25_200, "mode": "on_site",
    });
    let to = from.checked_add_days(Days::new(days)).unwrap();
    let opened =
        json!({"offer": offer, "commune": commune, "from": from, "to": to, "entry": entry, "capacity": 5});
    let mut story = Story::of("offer", offer);
    let events = vec![
        story.tell("2023-11-03", "published", published.clone()),
        Story::of("session", session).tell("2023-11-06", "opened", opened),
    ];
    Offered {
        offer: story,
        published,
        session,
        events,
    }
}

fn page(api: &Api, question: &str) -> Value {
    api.get(&format!("/v1/catalogue?{question}")).must_be(200).json()
}

fn titles(page: &Value) -> Vec<&str> {
    let sessions = page["sessions"].as_array().unwrap().iter();
    sessions
        .map(|session| session["offer"]["title"].as_str().unwrap())
        .collect()
}

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

fn in_days(days: i64) -> NaiveDate {
    today() + chrono::TimeDelta::days(days)
}

fn catalogue() -> Vec<Offered> {
    vec![
        offered("Aide-soignante", ROUEN, OPERATOR, in_days(40), 100, "fixed"),
        offered(
            "Les métiers de la comptabilité",
            CAEN,
            OTHER_OPERATOR,
            in_days(10),
            100,
            "fixed",
        ),
        offered(
            "Remise à niveau",
            LE_HAVRE,
            OPERATOR,
            in_days(-100),
            300,
            "permanent",
        ),
        offered(
            "Animaux de la ferme",
            ROUEN,
            OPERATOR,
            in_days(-400),
            100,
            "fixed",
        ),
    ]
}

fn record(api: &Api, catalogue: &[Offered]) {
    let events: Vec<Value> = catalogue
        .iter()
        .flat_map(|offered| offered.events.clone())
        .collect();
    api.record(&events);
    api.wait_for_views();
}

on_both_databases! {
    fn words_are_found_whatever_their_accents_case_and_plural(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut all = catalogue();
        record(&api, &all);
        let found = |text: &str| titles(&page(&api, &format!("text={text}"))).join("; ");
        let ask = || {
            assert_eq!(found("M%C3%89TIER%20comptabilit%C3%89S"), "Les métiers de la comptabilité");
            assert_eq!(found("metiers+de+la+comptabilite"), "Les métiers de la comptabilité");
            assert_eq!(found("compta"), "Les métiers de la comptabilité", "the beginning of a word");
            assert_eq!(found("aides+soignants"), "Aide-soignante");
            assert_eq!(found("animal"), "Animaux de la ferme");
            assert_eq!(found("emploi").split("; ").count(), 4, "words of the objective");
            assert_eq!(found("animal+comptabilite"), "");
            assert_eq!(found("OR+AND+NEAR"), "", "words of a language of queries are words");
        };
        ask();
        api.get("/v1/catalogue?text=de%20la").must_be(400);
        assert!(service.stop().success());
        command_line::run(database.options().into_iter().chain(["rebuild".into()])).succeeded();
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let found = |text: &str| titles(&page(&api, &format!("text={text}"))).join("; ");
        assert_eq!(found("animal"), "Animaux de la ferme");
        // An offer that is revised is found by its new words alone.
        let mut revised = all[3].published.clone();
        revised["title"] = json!("Éleveur de brebis");
        let event = all[3].offer.tell("2023-12-01", "revised", revised);
        api.record(&[event]);
        api.wait_for_views();
        assert_eq!((&*found("brebis"), &*found("animal")), ("Éleveur de brebis", ""));
    }

    fn what_begins_soon_is_told_first_and_the_nearest_where_a_place_is_given(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        record(&api, &catalogue());
        let [soignante, compta, niveau, animaux] =
            ["Aide-soignante", "Les métiers de la comptabilité", "Remise à niveau", "Animaux de la ferme"];
        assert_eq!(titles(&page(&api, "")), [compta, soignante, niveau, animaux]);
        assert_eq!(titles(&page(&api, "sort=begin")), [animaux, niveau, compta, soignante]);
        let near = page(&api, "near=76540&km=200");
        assert_eq!(titles(&near), [animaux, soignante, niveau, compta]);
        let distances: Vec<f64> = near["sessions"].as_array().unwrap().iter().map(|session| session["distance_km"].as_f64().unwrap()).collect();
        assert!(distances.is_sorted() && distances[0] == 0.0 && (60.0..80.0).contains(&distances[2]), "{distances:?}");
        assert_eq!(titles(&page(&api, "near=76540&km=50")).len(), 2);
        assert!(page(&api, "")["sessions"][0].get("distance_km").is_none());
        assert_eq!(api.get("/v1/catalogue?sort=distance").must_be(400).json()["field"], "sort");
        for question in ["sort=soonest", "sort=begin", "near=76540&km=300"] {
            let (mut told, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = page(&api, &format!("{question}&limit=1{cursor}"));
                told.extend(page["sessions"].as_array().unwrap().iter().map(|session| session["session"].to_string()));
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            let whole = page(&api, question);
            let whole: Vec<String> = whole["sessions"].as_array().unwrap().iter().map(|session| session["session"].to_string()).collect();
            assert_eq!(told, whole, "{question}");
            assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 4);
        }
    }

    fn what_is_found_is_counted_by_what_it_can_be_narrowed_down_to(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let all = catalogue();
        record(&api, &all);
        assert!(page(&api, "").get("facets").is_none());
        let told = page(&api, "facets=true&limit=1");
        let facets = &told["facets"];
        assert_eq!((&facets["sessions"], &facets["open"], &facets["certifying"]), (&json!(4), &json!(3), &json!(3)));
        assert_eq!(facets["departement"], json!([
            {"value": "76", "name": "Seine-Maritime", "sessions": 3}, {"value": "14", "name": "Calvados", "sessions": 1}]));
        assert_eq!(facets["entry"], json!([{"value": "fixed", "sessions": 3}, {"value": "permanent", "sessions": 1}]));
        assert_eq!(facets["rome"], json!([{"value": "D1402", "sessions": 4}]));
        // Each count is what the question narrowed down finds.
        for (narrowed, count) in [
            ("territory=departement/76", 3), ("entry=permanent", 1), ("certifying=true", 3), ("certifying=false", 1), ("open=true", 3),
            (&format!("operator={OPERATOR}"), 3), (&format!("operator={OTHER_OPERATOR}"), 1),
        ] {
            let told = page(&api, &format!("facets=true&{narrowed}"));
            assert_eq!(told["facets"]["sessions"], count, "{narrowed}");
            assert_eq!(told["sessions"].as_array().unwrap().len(), count, "{narrowed}");
        }
        let near = page(&api, "facets=true&near=14118&km=20");
        assert_eq!((&near["facets"]["sessions"], &near["sessions"][0]["session"]), (&json!(1), &json!(all[1].session)));
    }
}
