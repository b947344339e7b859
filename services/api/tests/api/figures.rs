//! Catalogue and territories: the questions, and what is no question.

use crate::journey::{SENDER, up_to_start};
use crate::service::Service;
use serde_json::{Value, json};
use uuid::Uuid;

const ONE: Uuid = Uuid::from_u128(1);
const OFFER: Uuid = Uuid::from_u128(0x0f);

fn stated(id: &str, subject: &str, kind: &str, data: Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": SENDER, "type": kind, "subject": subject,
        "time": "2026-01-02T00:00:00Z", "data": data,
    })
}

/// An operator with one training, held three times in Rouen and once in Caen.
fn with_an_offer() -> Service {
    let service = Service::start();
    let operator = json!({"siret": "19290076900014", "name": "École des métiers", "commune": "76540"});
    let offer = json!({
        "operator": "19290076900014", "title": "Vendeur-conseil en magasin", "objective": "Accueillir et conseiller",
        "rome": ["D1106"], "formacode": [], "certifying": true, "minutes": 36_000, "mode": "on_site"
    });
    let mut events = vec![
        stated(
            "operator",
            &format!("operator/{}", Uuid::from_u128(0xa)),
            "operator.registered.v1",
            operator,
        ),
        stated("offer", &format!("offer/{OFFER}"), "offer.published.v1", offer),
    ];
    for (number, commune) in ["76540", "76540", "76540", "14118"].into_iter().enumerate() {
        let (from, to) = (
            format!("2099-0{}-01", number + 1),
            format!("2099-0{}-28", number + 1),
        );
        let session = json!({"offer": OFFER, "commune": commune, "from": from, "to": to, "entry": "fixed", "capacity": 12});
        let subject = format!("session/{}", Uuid::from_u128(0x500 + number as u128));
        events.push(stated(
            &format!("session {number}"),
            &subject,
            "session.opened.v1",
            session,
        ));
    }
    service.api.record(&events);
    service
}

fn found(service: &Service, question: &str) -> usize {
    let page = service
        .api
        .get(&format!("/v1/catalogue?min_position=5{question}"))
        .must_be(200)
        .json();
    page["sessions"].as_array().unwrap().len()
}

#[test]
fn the_catalogue_is_searched_by_what_is_asked() {
    let service = with_an_offer();
    let page = service
        .api
        .get("/v1/catalogue?min_position=5")
        .must_be(200)
        .json();
    assert_eq!(
        page["sessions"][0]["places"],
        json!({"capacity": 12, "taken": 0, "waiting": 0, "left": 12})
    );
    for (question, sessions) in [
        ("", 4),
        ("&territory=departement/76", 3),
        ("&territory=departement%2F14", 1),
        ("&near=14118", 1),
        ("&near=14118&km=300", 4),
        ("&rome=D1106", 4),
        ("&rome=A1101", 0),
        ("&rncp=RNCP34126", 0),
        ("&from=2099-03-15", 2),
        ("&to=2099-02-15", 2),
        ("&open=true", 4),
        ("&open=false", 0),
        ("&text=vendeur+CONSEIL", 4),
        ("&text=plombier", 0),
        (&format!("&offer={OFFER}"), 4),
        (&format!("&session={}", Uuid::from_u128(0x500)), 1),
    ] {
        assert_eq!(found(&service, question), sessions, "{question}");
    }
}

#[test]
fn the_catalogue_is_paged_by_cursor() {
    let service = with_an_offer();
    let first = service
        .api
        .get("/v1/catalogue?min_position=5&limit=3")
        .must_be(200)
        .json();
    assert_eq!(first["sessions"].as_array().unwrap().len(), 3);
    let second = service
        .api
        .get(&format!(
            "/v1/catalogue?limit=3&cursor={}",
            first["next"].as_str().unwrap()
        ))
        .must_be(200)
        .json();
    assert_eq!(second["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(second["next"], Value::Null);
}

#[test]
fn a_filter_that_cannot_be_meant_is_refused() {
    let service = Service::start();
    for (question, field) in [
        ("territory=departement/999", "territory"),
        ("near=Rouen", "near"),
        ("km=20", "km"),
        ("near=76540&km=-1", "km"),
        ("rome=1", "rome"),
        ("from=2026-02-30", "from"),
        ("from=2026-02-02&to=2026-02-01", "to"),
        ("open=perhaps", "open"),
        ("limit=0", "limit"),
        ("cursor=there", "cursor"),
        ("colour=blue", "colour"),
        ("open=true&open=true", "open"),
    ] {
        let problem = service
            .api
            .get(&format!("/v1/catalogue?{question}"))
            .must_be(400)
            .json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!("invalid-parameter"), &json!(field)),
            "{problem}"
        );
    }
}

#[test]
fn the_figures_of_a_territory_are_those_known_at_the_moment_asked_for() {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let entries = |territory: &str, as_of: &str| {
        let question =
            format!("/v1/territories/{territory}?from=2026-01-01&to=2026-12-31&min_position=5{as_of}");
        service.api.get(&question).must_be(200).json()["figures"]["entries"].clone()
    };
    for territory in ["commune/76540", "epci/200023414", "departement/76", "region/28"] {
        assert_eq!(entries(territory, ""), 1, "{territory}");
    }
    assert_eq!(entries("departement/14", ""), 0);
    assert_eq!(entries("region/28", "&as_of=5"), 1);
    assert_eq!(entries("region/28", "&as_of=4"), 0);
    assert_eq!(entries("region/28", "&as_of=2026-01-01T00:00:00Z"), 0);
}

#[test]
fn figures_come_as_a_table_to_who_accepts_one() {
    let service = Service::start();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let question = "/v1/territories/region/28?from=2026-01-01&to=2026-03-31&by=month&min_position=5";
    let answer = service
        .api
        .get_with(question, &[("accept", "text/csv, application/json;q=0.5")])
        .must_be(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/csv"));
    let text = answer.text();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    let entries = rows[0].iter().position(|name| *name == "entries").unwrap();
    let table: Vec<_> = rows[1..]
        .iter()
        .map(|row| (row[0], row[2], row[6], row[7], row[entries]))
        .collect();
    assert_eq!(
        table,
        [
            ("region", "Normandie", "", "", "1"),
            ("region", "Normandie", "month", "2026-01", "0"),
            ("region", "Normandie", "month", "2026-02", "1"),
            ("region", "Normandie", "month", "2026-03", "0"),
        ]
    );
    let problem = service
        .api
        .get_with(question, &[("accept", "application/pdf")])
        .must_be(406)
        .json();
    assert_eq!(problem["code"], "not-acceptable");
}

#[test]
fn a_code_of_another_time_is_answered_with_the_one_to_ask_for() {
    let service = Service::start();
    for (path, status, instead) in [
        (
            "/v1/territories/commune/76031",
            404,
            "commune/76476 (Port-Jérôme-sur-Seine)",
        ),
        ("/v1/territories/commune/75101", 404, "commune/75056 (Paris)"),
        ("/v1/territories/commune/76000", 404, "commune/76540 (Rouen)"),
        ("/v1/territories/region/23", 404, "region/28 (Normandie)"),
        ("/v1/catalogue?territory=region/25", 400, "region/28 (Normandie)"),
        (
            "/v1/catalogue?territory=commune/69389",
            400,
            "commune/69123 (Lyon)",
        ),
        ("/v1/catalogue?near=76000", 400, "76540 Rouen"),
        ("/v1/catalogue?near=76031", 400, "76476 Port-Jérôme-sur-Seine"),
    ] {
        let problem = service.api.get(path).must_be(status).json();
        for sentence in ["detail", "detail_fr"] {
            let said = problem[sentence].as_str().unwrap();
            assert!(said.contains(instead), "{path}: {said}");
        }
    }
}

#[test]
fn a_period_that_months_cannot_name_is_refused_and_never_empty() {
    let service = Service::start();
    for (period, field) in [
        ("from=1800-01-01&to=1801-01-01", "from"),
        ("from=2026-01-01&to=2500-01-01", "to"),
    ] {
        let problem = service
            .api
            .get(&format!("/v1/territories/region/28?by=month&{period}"))
            .must_be(400)
            .json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!("invalid-parameter"), &json!(field))
        );
    }
    let months = service
        .api
        .get("/v1/territories/region/28?by=month&from=2026-01-15&to=2026-02-03");
    assert_eq!(months.must_be(200).json()["groups"].as_array().unwrap().len(), 2);
}

#[test]
fn a_territory_that_is_none_is_not_found() {
    let service = Service::start();
    for (path, field) in [("departement/999", "code"), ("planet/3", "level")] {
        let problem = service
            .api
            .get(&format!("/v1/territories/{path}"))
            .must_be(404)
            .json();
        assert_eq!(
            (&problem["code"], &problem["field"]),
            (&json!("unknown-territory"), &json!(field))
        );
    }
    for (question, field) in [
        ("from=2026-02-01&to=2026-01-01", "to"),
        ("by=colour", "by"),
        ("as_of=99", "as_of"),
    ] {
        let problem = service
            .api
            .get(&format!("/v1/territories/region/28?{question}"))
            .must_be(400)
            .json();
        assert_eq!(problem["field"], field, "{problem}");
    }
}
