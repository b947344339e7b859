//! Declaring partners, and what is said when a declaration cannot be.

use std::ffi::OsString;

use parcours_tests::story::{Person, training};
use parcours_tests::{Database, Partner, Service, begin_log, command_line, declare, on_both_databases};
use serde_json::json;

use super::{agreed, kinds, record};

/// Starts a service that must not start; what it says.
fn refused(database: &Database) -> String {
    let mut arguments: Vec<OsString> = ["serve", "--listen", "127.0.0.1:0"].map(Into::into).into();
    arguments.extend(database.options());
    command_line::run(arguments).failed_with(1)
}

fn partners_file(database: &Database) -> std::path::PathBuf {
    database.data().join("partners.toml")
}

#[test]
fn a_declaration_that_cannot_be_stops_the_start_and_is_named() {
    let database = Database::sqlite();
    let good = "[[partner]]\nname = \"rouen\"\nterritories = [\"departement/76\"]\n";
    for (text, words) in [
        ("[[partner]\n", &["partners.toml", "line 1"][..]),
        (
            "[[partner]]\nname = \"Rouen\"\nterritories = [\"region/28\"]\n",
            &["\"Rouen\"", "small letters"],
        ),
        (
            "[[partner]]\nname = \"rouen\"\nterritories = [\"departement/999\"]\n",
            &["999", "line 3"],
        ),
        ("[[partner]]\nname = \"rouen\"\n", &["territories"]),
        (&format!("{good}{good}"), &["two partners", "rouen"]),
        (&format!("{good}secrets = [\"abc\"]\n"), &["sha256", "line 4"]),
        (&format!("{good}colour = \"blue\"\n"), &["colour"]),
    ] {
        std::fs::write(partners_file(&database), text).unwrap();
        let said = refused(&database);
        assert!(words.iter().all(|word| said.contains(word)), "{text}: {said}");
    }
    std::fs::remove_file(partners_file(&database)).unwrap();
    let mut arguments: Vec<OsString> = ["serve", "--partners", "nowhere.toml"].map(Into::into).into();
    arguments.extend(database.options());
    let said = command_line::run(arguments).failed_with(1);
    assert!(said.contains("nowhere.toml"), "{said}");
}

#[test]
fn a_lost_key_and_another_one_stop_the_start() {
    let database = Database::sqlite();
    declare(&database, "rouen", &["--territory", "departement/76"]);
    let key = database.data().join("pseudonyms.key");
    std::fs::write(&key, [7; 32]).unwrap();
    let said = refused(&database);
    assert!(
        said.contains("rouen") && said.contains("not the key of that time"),
        "{said}"
    );
    std::fs::remove_file(&key).unwrap();
    let said = refused(&database);
    assert!(
        said.contains("missing") && said.contains("--pseudonym-key"),
        "{said}"
    );
    assert!(!key.exists());
}

#[test]
fn a_partner_is_declared_once_and_by_words_that_mean_something() {
    let database = Database::sqlite();
    declare(&database, "rouen", &["--territory", "departement/76"]);
    for (arguments, code, word) in [
        (
            &["rouen", "--territory", "departement/76"][..],
            1,
            "never used again",
        ),
        (&["Caen", "--territory", "departement/14"], 1, "small letters"),
        (&["public", "--territory", "departement/14"], 1, "everybody"),
        (&["caen"], 2, "--territory"),
        (&["caen", "--territory", "caen"], 2, "commune/14118 (Caen)"),
        (
            &["caen", "--territory", "departement/14", "--kind", "jobs"],
            2,
            "employment",
        ),
        (
            &["caen", "--territory", "departement/14", "--kind", "forget"],
            2,
            "employment",
        ),
    ] {
        let mut all: Vec<OsString> = ["partner", "new"].map(Into::into).into();
        all.extend(arguments.iter().map(Into::into));
        all.extend(database.options());
        let said = command_line::run(all).failed_with(code);
        assert!(said.contains(word), "{arguments:?}: {said}");
    }
}

#[test]
fn a_declaration_can_be_read_by_a_program() {
    let database = Database::sqlite();
    begin_log(&database);
    let mut arguments: Vec<OsString> = [
        "partner",
        "new",
        "caen",
        "--territory",
        "departement/14",
        "--kind",
        "exit,entry",
        "--json",
    ]
    .map(Into::into)
    .into();
    arguments.extend(database.options());
    let told: serde_json::Value = serde_json::from_str(&command_line::run(arguments).succeeded()).unwrap();
    assert_eq!(told["declaration"]["kinds"], json!(["entry", "exit"]));
    assert_eq!(told["secret"].as_str().unwrap().len(), 43);
    let hash = told["declaration"]["secrets"][0].as_str().unwrap();
    assert!(hash.starts_with("sha256:") && !hash.contains(told["secret"].as_str().unwrap()));
}

on_both_databases! {
    fn nobody_is_let_in_by_another_secret(database: Database) {
        declare(&database, "rouen", &["--territory", "departement/76"]);
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        for header in ["Bearer wrong", "Bearer ", "Basic cm91ZW46cm91ZW4=", "rouen"] {
            let answer = api.get_with("/v1/outcomes", &[("authorization", header)]).must_be(401);
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            assert_eq!(answer.json()["code"], "unauthorised", "{header}");
        }
    }

    fn outcomes_are_told_by_a_process_of_their_own(database: Database) {
        let partner = declare(&database, "france-travail", &["--territory", "region/28"]);
        let all = Service::start_with(&database, ["--only", "api,views"]);
        let outcomes = Service::start_with(&database, ["--only", "outcomes"]);
        all.api().get("/v1/outcomes").must_be(404);
        outcomes.api().get("/v1/catalogue").must_be(404);
        let mut stream = partner.follow(outcomes.address(), "", None).unwrap();
        let (_, events) = agreed(&Person::default());
        record(&all.api(), &events);
        assert_eq!(kinds(&[stream.take(1)[0].outcome.clone()]), ["entry"]);
        outcomes.api().get("/health/ready").must_be(200);
        assert!(outcomes.stop().success());
    }

    fn a_read_waits_for_what_was_just_written(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        for _ in 0..5 {
            let results = api.post_batch(&training(4).events).must_be(200).json();
            let position = &results[2]["position"];
            let told = api.get(&format!("/v1/outcomes?min_position={position}")).must_be(200).json();
            let last = told["outcomes"].as_array().unwrap().last().unwrap();
            assert_eq!(last["id"], format!("{position}-0"));
        }
    }
}

#[test]
fn the_contract_is_described_where_all_contracts_are() {
    let database = Database::sqlite();
    let service = Service::start(&database);
    let api = service.api();
    let document = api.get("/openapi.json").must_be(200).json();
    let operation = &document["paths"]["/v1/outcomes"]["get"];
    let parameters: Vec<_> = operation["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .map(|parameter| parameter["name"].as_str().unwrap())
        .collect();
    for name in [
        "kind",
        "territory",
        "operator",
        "cursor",
        "limit",
        "min_position",
        "Last-Event-ID",
    ] {
        assert!(parameters.contains(&name), "{name} is not among {parameters:?}");
    }
    let scheme = operation["security"].as_array().and_then(|schemes| {
        schemes
            .iter()
            .find_map(|scheme| scheme.as_object()?.keys().next())
    });
    let scheme = &document["components"]["securitySchemes"][scheme.expect("a partner's secret is asked for")];
    assert_eq!(scheme["scheme"], "bearer", "{scheme}");
    assert!(operation["responses"]["200"]["content"]["text/event-stream"].is_object());
    for status in ["400", "401", "403", "406", "503"] {
        assert!(operation["responses"][status].is_object(), "{status}");
    }
    let listed = api.get("/schemas").must_be(200).json();
    let published: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| message["type"].as_str().unwrap().starts_with("outcome."))
        .collect();
    assert_eq!(published.len(), 10);
    for message in published {
        let schema = api.get(message["schema"].as_str().unwrap()).must_be(200).json();
        assert_eq!(schema["properties"]["type"]["const"], message["type"]);
    }
    Partner::with_secret("x").get(&api, "/v1/outcomes").must_be(401);
}
