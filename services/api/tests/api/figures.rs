//! Catalogue and territories: the questions, and what is no question.

use crate::journey::{SENDER, up_to_start};
use crate::service::Service;
use chrono::{TimeDelta, Utc};
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
        "rome": ["D1110"], "rs": "RS5616", "formacode": [], "certifying": true, "minutes": 36_000, "mode": "on_site"
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
        json!({"capacity": 12, "taken": 0, "waiting": 0, "offered": 0, "left": 12})
    );
    for (question, sessions) in [
        ("", 4),
        ("&territory=departement/76", 3),
        ("&territory=departement%2F14", 1),
        ("&near=14118", 1),
        ("&near=14118&km=300", 4),
        ("&rome=D1110", 4),
        ("&rome=D1106", 4),
        ("&rome=D1114", 0),
        ("&rome=A1101", 0),
        ("&rncp=RNCP34126", 0),
        ("&rs=RS5616", 4),
        ("&rs=RS5617", 0),
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
    assert_eq!(entries("region/28", "&as_of=2026-01-01"), 0);
    let today = parcours_model::calendar::day(Utc::now());
    assert_eq!(entries("region/28", &format!("&as_of={today}")), 1);
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
        .map(|row| (row[0], row[1], row[2], row[6], row[7], row[entries]))
        .collect();
    assert_eq!(
        table,
        [
            ("total", "region/28", "Normandie", "", "", "1"),
            ("part", "region/28", "Normandie", "month", "2026-01", "0"),
            ("part", "region/28", "Normandie", "month", "2026-02", "1"),
            ("part", "region/28", "Normandie", "month", "2026-03", "0"),
        ]
    );
    let problem = service
        .api
        .get_with(question, &[("accept", "application/pdf")])
        .must_be(406)
        .json();
    assert_eq!(problem["code"], "not-acceptable");
}

/// What a reader that takes for a number whatever it can would make of a cell.
fn is_text(cell: &str) -> bool {
    cell.trim_matches('"').parse::<f64>().is_err()
}

#[test]
fn a_table_is_had_by_its_address_with_codes_that_stay_text_and_names_beside_them() {
    let service = with_an_offer();
    service.api.post_batch(&up_to_start(ONE, "e")).must_be(200);
    let position = service.log.size() - 1;
    let rows = |question: &str, separator: char| -> Vec<Vec<String>> {
        let path = format!(
            "/v1/territories/departement/76?from=2026-01-01&to=2026-03-31&min_position={position}&{question}"
        );
        // `format` wins over whatever a browser accepts.
        let answer = service
            .api
            .get_with(&path, &[("accept", "text/html,application/json")]);
        let text = answer.must_be(200).text();
        let lines = text.lines();
        lines
            .map(|line| line.split(separator).map(str::to_owned).collect())
            .collect()
    };
    for (by, key, name) in [
        ("operator", "urn:siret:19290076900014", "École des métiers"),
        ("channel", "counsellor", "career-guidance counsellor"),
        ("level", "level/3", "CAP or BEP"),
    ] {
        let rows = rows(&format!("format=csv&by={by}"), ',');
        assert_eq!(rows.len(), 3, "{rows:?}");
        assert_eq!(rows[1][0], "total");
        assert_eq!((&*rows[2][0], &*rows[2][7], &*rows[2][8]), ("part", key, name));
        assert!(is_text(&rows[1][1]) && rows[1][1] == "departement/76");
        assert!(is_text(&rows[2][7]), "{by}");
    }
    let kept = service.api.get("/v1/territories/departement/76?format=csv");
    assert_eq!(
        kept.header("content-disposition"),
        Some("attachment; filename=\"departement-76.csv\"")
    );
    let french = rows("format=csv-fr&by=level", ';');
    assert!(french[0][0] == "\u{feff}ligne", "{french:?}");
    assert_eq!((&*french[1][0], &*french[2][0]), ("ensemble", "partie"));
    let share = french[0]
        .iter()
        .position(|name| name == "part de niveau 4 au plus (%)")
        .unwrap();
    assert_eq!(french[1][share], "100,0");
    let problem = service
        .api
        .get("/v1/territories/departement/76?format=xlsx")
        .must_be(400)
        .json();
    assert_eq!(problem["field"], "format", "{problem}");
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
        ("/v1/catalogue?near=Rouen", 400, "76540 Rouen"),
        (
            "/v1/catalogue?territory=commune/rouen",
            400,
            "commune/76540 (Rouen)",
        ),
        ("/v1/catalogue?near=Vernon", 400, "27681 Vernon (Eure)"),
        ("/v1/catalogue?rome=K9999", 400, "K2"),
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
        ("as_of=2999-01-01", "as_of"),
        ("as_of=2026-02-30", "as_of"),
    ] {
        let problem = service
            .api
            .get(&format!("/v1/territories/region/28?{question}"))
            .must_be(400)
            .json();
        assert_eq!(problem["field"], field, "{problem}");
    }
}

/// However late an enrolment is said to go on: a fixed session is entered at its beginning, a permanent one until its end.
#[test]
fn what_is_over_is_not_open_whatever_is_said_of_enrolment() {
    let service = with_an_offer();
    let today = Utc::now().date_naive();
    let on = |days: i64| (today + TimeDelta::days(days)).to_string();
    let open = |number: u128, entry: &str, from: i64, to: i64, until: Option<i64>| {
        let session = json!({"offer": OFFER, "commune": "27229", "from": on(from), "to": on(to), "entry": entry,
            "capacity": 12, "enrol_until": until.map(on)});
        let subject = format!("session/{}", Uuid::from_u128(number));
        stated(&format!("dated {number}"), &subject, "session.opened.v1", session)
    };
    service.api.record(&[
        open(0x600, "fixed", -30, 300, Some(300)),
        open(0x601, "permanent", -300, -30, Some(300)),
        open(0x602, "permanent", -30, 300, Some(-2)),
        open(0x603, "permanent", -30, 300, None),
    ]);
    for (question, sessions) in [("", 4), ("&open=true", 1), ("&open=false", 3)] {
        let page = service
            .api
            .get(&format!(
                "/v1/catalogue?min_position=9&territory=departement/27{question}"
            ))
            .must_be(200)
            .json();
        let listed = page["sessions"].as_array().unwrap();
        assert_eq!(listed.len(), sessions, "{question}");
        for session in listed {
            let last = format!("{}", Uuid::from_u128(0x603));
            assert_eq!(session["open"], session["session"] == json!(last), "{session}");
        }
    }
}

#[test]
fn the_catalogue_comes_in_lheo_to_who_asks_for_it() {
    let service = with_an_offer();
    service.api.get("/v1/catalogue?min_position=5").must_be(200);
    let asked = |path: &str, accept: &'static str| service.api.get_with(path, &[("accept", accept)]);
    let document = asked("/v1/catalogue?territory=departement/14", "application/xml").must_be(200);
    assert_eq!(
        (document.header("content-type"), document.header("vary")),
        (Some("application/xml; charset=utf-8"), Some("accept"))
    );
    assert_eq!(document.header("content-disposition"), None);
    assert_eq!(document.text().matches("<session ").count(), 1);
    let kept = asked("/v1/catalogue?format=lheo&certifying=true", "application/json").must_be(200);
    let name = kept.header("content-disposition").unwrap();
    assert!(name.starts_with("attachment"), "{name}");
    assert_eq!(kept.text().matches("<session ").count(), 4);
    // A browser takes XML for better than what it does not name.
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    for (path, accept) in [
        ("/v1/catalogue", browser),
        ("/v1/catalogue?format=json", "application/xml"),
    ] {
        let page = asked(path, accept).must_be(200).json();
        assert_eq!(page["sessions"].as_array().unwrap().len(), 4);
    }
    for (path, accept, status, code) in [
        ("/v1/catalogue", "text/csv", 406, "not-acceptable"),
        (
            "/v1/catalogue?format=lheo&text=plombier",
            "*/*",
            404,
            "nothing-found",
        ),
        (
            "/v1/catalogue?format=lheo&limit=3",
            "*/*",
            400,
            "invalid-parameter",
        ),
        (
            "/v1/catalogue?sort=begin",
            "application/xml",
            400,
            "invalid-parameter",
        ),
        ("/v1/catalogue?format=xml", "*/*", 400, "invalid-parameter"),
    ] {
        let problem = asked(path, accept).must_be(status).json();
        assert_eq!(problem["code"], code, "{path}");
    }
}
