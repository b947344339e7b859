//! `parcours import`: events of a file or of standard input, and LHEO catalogues.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{Days, NaiveDate, Utc};
use parcours_tests::command_line::{self, Ended};
use parcours_tests::story::Person;
use parcours_tests::{Database, Service, Story, on_both_databases, wait_until};
use serde_json::{Value, json};

/// Imports `file` into `database`.
fn import(database: &Database, file: impl Into<OsString>, options: &[&str], input: &[u8]) -> Ended {
    let mut arguments: Vec<OsString> = vec!["import".into(), file.into()];
    arguments.extend(database.options());
    arguments.extend(options.iter().map(OsString::from));
    command_line::run_with_input(arguments, input)
}

fn file(database: &Database, name: &str, text: &str) -> PathBuf {
    let path = database.data().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A pipe with a name.
fn pipe(database: &Database) -> PathBuf {
    let path = database.data().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
    assert!(made.success());
    path
}

/// Seven good lines, and four that are not: 2, 4, 6 and 9.
fn lines(story: &mut Story) -> String {
    let events = story.enters("2024-02-05", &Person::default());
    let mut contradiction = events[0].clone();
    contradiction["data"]["level"] = json!(7);
    let premature = Story::parcours().started("2024-02-05");
    let mut misspelt = Story::parcours().oriented("2024-01-08", &Person::default());
    misspelt["data"]["commune"] = json!("99999");
    let lines = [
        events[0].to_string(),
        "not JSON".to_owned(),
        events[1].to_string(),
        premature.to_string(),
        events[2].to_string(),
        misspelt.to_string(),
        String::new(),
        events[3].to_string(),
        contradiction.to_string(),
        events[4].to_string(),
        events[5].to_string(),
        story.bilan("2024-02-12").to_string(),
    ];
    lines.join("\n")
}

const REFUSED: [(u64, &str); 4] = [
    (2, "malformed-json"),
    (4, "orientation-first"),
    (6, "invalid-data"),
    (9, "conflict"),
];

/// A catalogue with one formation: an operator, an offer, a session from `from` to `to`, in Caen.
fn catalogue(from: NaiveDate, to: NaiveDate) -> String {
    let day = |date: NaiveDate| date.format("%Y%m%d").to_string();
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<lheo xmlns="http://www.lheo.org/2.2"><offres>
<formation numero="F-1">
  <domaine-formation><code-FORMACODE ref="V13">42752</code-FORMACODE><code-ROME>G1602</code-ROME></domaine-formation>
  <intitule-formation>Commis de cuisine</intitule-formation>
  <objectif-formation>&lt;p&gt;Travailler en &lt;b&gt;brigade&lt;/b&gt;, à l'office.&lt;/p&gt;</objectif-formation>
  <resultats-attendus>-</resultats-attendus>
  <contenu-formation></contenu-formation>
  <certifiante>1</certifiante>
  <contact-formation><coordonnees></coordonnees></contact-formation>
  <certification><code-RNCP>37859</code-RNCP></certification>
  <action numero="A-1">
    <modalites-enseignement>0</modalites-enseignement>
    <lieu-de-formation><coordonnees><adresse>
      <ligne>1 rue des Fourneaux</ligne><codepostal>14000</codepostal><ville>CAEN</ville>
      <code-INSEE-commune>14118</code-INSEE-commune>
    </adresse></coordonnees></lieu-de-formation>
    <modalites-entrees-sorties>0</modalites-entrees-sorties>
    <session numero="S-1">
      <periode><debut>{}</debut><fin>{}</fin></periode>
      <adresse-inscription><adresse><codepostal>14000</codepostal><ville>CAEN</ville></adresse></adresse-inscription>
    </session>
    <nombre-heures-total>420</nombre-heures-total>
  </action>
  <organisme-formation-responsable>
    <SIRET-organisme-formation><SIRET>73000123400014</SIRET></SIRET-organisme-formation>
    <nom-organisme>École des fourneaux</nom-organisme>
    <raison-sociale>-</raison-sociale>
    <coordonnees-organisme><coordonnees><adresse>
      <codepostal>14000</codepostal><ville>CAEN</ville><code-INSEE-commune>14118</code-INSEE-commune>
    </adresse></coordonnees></coordonnees-organisme>
  </organisme-formation-responsable>
</formation>
<formation numero="F-2">
  <intitule-formation>Sans organisme</intitule-formation>
</formation>
</offres></lheo>
"#,
        day(from),
        day(to)
    )
}

/// A session that one may still enrol in, whenever this runs.
fn soon() -> (NaiveDate, NaiveDate) {
    let today = Utc::now().date_naive();
    let later = |days| today.checked_add_days(Days::new(days)).unwrap();
    (later(40), later(200))
}

on_both_databases! {
    fn bad_lines_are_told_by_number_and_reason_and_never_stop_the_good_ones(database: Database) {
        let mut story = Story::parcours();
        let path = file(&database, "events.ndjson", &lines(&mut story));
        let ended = import(&database, &path, &[], b"");
        assert!(
            ended
                .output
                .contains("7 events recorded, 0 known already, 4 refused"),
            "{ended:?}"
        );
        let messages = ended.failed_with(3);
        for (line, code) in REFUSED {
            let told = messages
                .lines()
                .any(|message| message.starts_with(&format!("line {line}")) && message.contains(code));
            assert!(told, "line {line}: {code} is not in\n{messages}");
        }
        let service = Service::start(&database);
        assert_eq!(service.api().history(story.uuid()).len(), 7);
    }

    fn events_are_imported_from_standard_input_and_reported_for_programs(database: Database) {
        let mut story = Story::parcours();
        let ended = import(&database, "-", &["--json"], lines(&mut story).as_bytes());
        assert_eq!(ended.status.code(), Some(3), "{ended:?}");
        let report: Vec<Value> = ended
            .output
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let (sums, refused) = report.split_last().unwrap();
        let told: Vec<_> = refused
            .iter()
            .map(|line| (line["line"].as_u64().unwrap(), line["code"].as_str().unwrap()))
            .collect();
        assert_eq!(told, REFUSED);
        assert_eq!(refused[2]["field"], "data.commune");
        assert_eq!(
            sums["sums"],
            json!({"read": 11, "recorded": 7, "duplicates": 0, "refused": 4})
        );
        assert_eq!(sums["interrupted"], false);
    }

    fn importing_a_file_again_changes_nothing(database: Database) {
        let mut story = Story::parcours();
        let path = file(&database, "events.ndjson", &lines(&mut story));
        import(&database, &path, &[], b"").failed_with(3);
        let before = Service::start(&database);
        let told = before.api().everything(&[story.uuid()]);
        assert!(before.stop().success());

        let again = import(&database, &path, &["--json"], b"");
        let sums: Value = serde_json::from_str(again.output.lines().last().unwrap()).unwrap();
        assert_eq!(
            sums["sums"],
            json!({"read": 11, "recorded": 0, "duplicates": 7, "refused": 4})
        );
        let after = Service::start(&database);
        // With the start, what the log wrote of it.
        assert_eq!(after.api().log_size(), 8);
        parcours_tests::answers::must_be_the_same(&told, &after.api().everything(&[story.uuid()]));
    }

    fn several_files_are_imported_in_their_order(database: Database) {
        let mut story = Story::parcours();
        let events = story.enters("2024-02-05", &Person::default());
        let first = file(&database, "1.ndjson", &format!("{}\n{}\n", events[0], events[1]));
        let second = file(&database, "2.ndjson", &format!("{}\n", events[2]));
        let mut arguments: Vec<OsString> = vec!["import".into(), first.into(), second.into()];
        arguments.extend(database.options());
        command_line::run(arguments).succeeded();
        assert_eq!(Service::start(&database).api().history(story.uuid()).len(), 3);
    }

    fn a_file_that_is_not_there_is_an_error_that_names_it(database: Database) {
        let messages = import(&database, "nowhere.ndjson", &[], b"").failed_with(1);
        assert!(messages.contains("nowhere.ndjson"), "{messages}");
    }

    fn a_service_that_runs_shows_what_is_imported_beside_it(database: Database) {
        let service = Service::start(&database);
        let api = service.api();
        let mut story = Story::parcours();
        let events: Vec<String> = story
            .enters("2024-02-05", &Person::default())
            .iter()
            .map(Value::to_string)
            .collect();
        import(&database, "-", &[], events.join("\n").as_bytes()).succeeded();
        let told = api
            .get(&format!("/v1/parcours/{}?min_position=5", story.uuid()))
            .must_be(200)
            .json();
        assert_eq!(told["status"], "in_training");
        let next = api.post_event(&story.bilan("2024-02-12")).must_be(201).json();
        assert_eq!((&next["position"], &next["revision"]), (&json!(7), &json!(7)), "six events, and that the training began");
    }

    fn a_lheo_catalogue_shows_its_session_and_names_what_is_refused(database: Database) {
        let (from, to) = soon();
        let path = file(&database, "catalogue.xml", &catalogue(from, to));
        let ended = import(&database, &path, &["--capacity", "9"], b"");
        let messages = ended.failed_with(3);
        assert!(messages.contains("F-2"), "{messages}");

        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let sessions = api.sessions();
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        let session = &sessions[0];
        assert_eq!(
            json!([session["from"], session["to"], session["entry"], session["open"]]),
            json!([from.to_string(), to.to_string(), "fixed", true])
        );
        assert_eq!(
            session["places"],
            json!({"capacity": 9, "taken": 0, "waiting": 0, "offered": 0, "left": 9})
        );
        let offer = &session["offer"];
        assert_eq!(
            json!([
                offer["title"],
                offer["rome"],
                offer["rncp"],
                offer["certifying"],
                offer["minutes"],
                offer["mode"]
            ]),
            json!([
                "Commis de cuisine",
                ["G1602"],
                "RNCP37859",
                true,
                25_200,
                "on_site"
            ])
        );
        let objective = offer["objective"].as_str().unwrap();
        assert!(
            objective.contains("brigade") && !objective.contains('<'),
            "{objective}"
        );
        assert_eq!(
            json!([
                session["operator"]["siret"],
                session["operator"]["name"],
                session["commune"]["code"]
            ]),
            json!(["73000123400014", "École des fourneaux", "14118"])
        );
    }

    fn what_is_no_catalogue_is_a_refusal_with_a_code_and_the_next_file_is_read(database: Database) {
        let (from, to) = soon();
        let good = catalogue(from, to).split("<formation numero=\"F-2\">").next().unwrap().to_owned() + "</offres></lheo>";
        let good = file(&database, "good.xml", &good);
        let empty = file(&database, "empty.xml", "<lheo xmlns='http://www.lheo.org/1.3'><offres/></lheo>");
        let mut arguments: Vec<OsString> = vec!["import".into(), empty.into(), good.into(), "--json".into()];
        arguments.extend(database.options());
        let ended = command_line::run(arguments);
        assert_eq!(ended.status.code(), Some(3), "{ended:?}");
        let report: Vec<Value> = ended.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [refused, sums] = &report[..] else { panic!("{report:?}") };
        assert_eq!((&refused["code"], &refused["line"]), (&json!("not-lheo"), &json!(1)));
        assert_eq!(sums["sums"]["recorded"], 3);
        assert_eq!(sums["not_taken"]["ligne"], 1);
    }

    fn a_catalogue_that_breaks_off_tells_what_was_taken_and_where_it_broke_off(database: Database) {
        let (from, to) = soon();
        let whole = catalogue(from, to);
        let (taken, _) = whole.split_once("<intitule-formation>Sans organisme").unwrap();
        let line = taken.lines().count();
        let path = file(&database, "broken.xml", taken);
        let told = import(&database, &path, &[], b"").failed_with(1);
        assert!(told.contains("is imported in part only"), "{told}");
        assert!(told.contains(&format!("line {line}: ")), "{told}");
        let sums = import(&database, &path, &["--json"], b"");
        let sums: Value = serde_json::from_str(sums.output.lines().last().unwrap()).unwrap();
        assert_eq!(sums["sums"], json!({"read": 1, "recorded": 0, "duplicates": 0, "refused": 0}));
        let service = Service::start(&database);
        service.api().wait_for_views();
        assert_eq!(service.api().sessions().len(), 1, "what stood before the break is in the catalogue");
    }

    fn a_closed_session_is_not_offered(database: Database) {
        let (from, to) = soon();
        let closed = catalogue(from, to).replace("</periode>", "</periode><etat-recrutement>2</etat-recrutement>");
        let path = file(&database, "catalogue.xml", &closed);
        import(&database, &path, &[], b"").failed_with(3);
        let service = Service::start(&database);
        service.api().wait_for_views();
        assert_eq!(service.api().sessions()[0]["open"], false);
        file(&database, "catalogue.xml", &catalogue(from, to));
        import(&database, &path, &[], b"").failed_with(3);
        service.api().wait_for_views();
        assert_eq!(service.api().sessions()[0]["open"], true);
    }

    fn importing_a_catalogue_again_changes_nothing_and_a_changed_one_only_what_changed(database: Database) {
        let (from, to) = soon();
        let path = file(&database, "catalogue.xml", &catalogue(from, to));
        import(&database, &path, &[], b"").failed_with(3);
        let service = Service::start(&database);
        let size = service.api().wait_for_views();
        let told = service.api().everything(&[]);
        import(&database, &path, &[], b"").failed_with(3);
        assert_eq!(service.api().log_size(), size);
        parcours_tests::answers::must_be_the_same(&told, &service.api().everything(&[]));

        let later = to.checked_add_days(Days::new(7)).unwrap();
        file(&database, "catalogue.xml", &catalogue(from, later));
        import(&database, &path, &[], b"").failed_with(3);
        service.api().wait_for_views();
        let sessions = service.api().sessions();
        assert_eq!(service.api().log_size(), size + 1);
        assert_eq!(
            (sessions.len(), &sessions[0]["to"]),
            (1, &json!(later.to_string()))
        );
    }

    fn what_the_next_export_no_longer_lists_is_told_and_withdrawn_if_it_is_complete(database: Database) {
        let (from, to) = soon();
        let whole = catalogue(from, to);
        let rest = whole.replace("S-1", "S-2").replace("CAEN", "ROUEN").replace("14000", "76000").replace("14118", "76540");
        let path = file(&database, "catalogue.xml", &whole);
        import(&database, &path, &[], b"").failed_with(3);
        file(&database, "catalogue.xml", &rest);
        let told = import(&database, &path, &[], b"").failed_with(3);
        assert!(told.contains("no longer listed: session"), "{told}");
        let open = || {
            let service = Service::start(&database);
            service.api().wait_for_views();
            let sessions = service.api().sessions();
            let communes = sessions.iter().map(|session| session["commune"]["code"].as_str().unwrap().to_owned());
            communes.collect::<Vec<_>>()
        };
        assert_eq!(open().len(), 2);
        let ended = import(&database, &path, &["--complete", "--json"], b"");
        let report: Vec<Value> = ended.output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let left: Vec<_> = report.iter().filter_map(|line| line["left"].as_object()).collect();
        assert_eq!(left.len(), 1, "{report:?}");
        assert_eq!((&left[0]["done"], &left[0]["commune"]), (&json!("cancelled"), &json!("14118")));
        assert_eq!(open(), ["76540"]);
        let again = import(&database, &path, &["--complete"], b"");
        assert!(!again.failed_with(3).contains("no longer listed"));
    }

    fn an_imported_session_is_one_that_people_are_admitted_to(database: Database) {
        let (from, to) = soon();
        import(
            &database,
            file(&database, "catalogue.xml", &catalogue(from, to)),
            &["--capacity", "1"],
            b"",
        )
        .failed_with(3);
        let service = Service::start(&database);
        let api = service.api();
        api.wait_for_views();
        let session = api.sessions()[0]["session"].as_str().unwrap().parse().unwrap();
        let person = Person {
            session: Some(session),
            ..Person::default()
        };
        let today = Utc::now().date_naive().to_string();
        let admit = || {
            let mut story = Story::parcours();
            let before = [
                story.oriented("2024-01-08", &person),
                story.eligible("2024-01-09"),
            ];
            api.post_batch(&before).must_be(200);
            api.post_event(&story.admitted(&today, &person))
        };
        admit().must_be(201);
        assert_eq!(admit().must_be(422).json()["code"], "place-available");
    }

    fn an_interrupted_import_says_so_and_goes_on_where_it_stopped(database: Database) {
        let simulation = [
            "simulate",
            "--trainees=200",
            "--seed=12",
            "--from=2024-01-01",
            "--until=2025-12-01",
        ];
        let text = command_line::run(simulation).succeeded();
        let path = file(&database, "events.ndjson", &text);
        let mut arguments: Vec<OsString> = vec!["import".into(), path.into(), "--json".into()];
        arguments.extend(database.options());
        let mut patience = Duration::from_millis(150);
        let (mut interrupted, mut known) = (0, 0);
        let sums = loop {
            let mut running = command_line::start(&arguments, b"");
            running.ends_within(patience);
            patience = patience * 3 / 2;
            running.interrupt();
            let ended = running.end();
            let Some(report) = ended.output.lines().last() else {
                continue;
            };
            let report: Value = serde_json::from_str(report).unwrap();
            let sum = |name: &str| report["sums"][name].as_u64().unwrap();
            // What an interrupted import recorded is there for the next one.
            assert!(
                sum("duplicates") >= known.min(sum("read")),
                "{report} after {known} were recorded"
            );
            known = known.max(sum("duplicates") + sum("recorded"));
            match (report["interrupted"].as_bool(), ended.status.code()) {
                (Some(true), Some(130)) => interrupted += 1,
                (Some(false), Some(0)) => break report["sums"].clone(),
                other => panic!("{other:?}: {ended:?}"),
            }
        };
        assert!(interrupted > 0, "every import ended before it was interrupted");
        assert_eq!(sums["read"], text.lines().count());
        assert_eq!(sums["refused"], 0);
    }

    fn two_imports_of_the_same_file_at_once_record_each_event_once(database: Database) {
        let simulation = [
            "simulate",
            "--trainees=60",
            "--seed=13",
            "--from=2024-01-01",
            "--until=2025-12-01",
        ];
        let text = command_line::run(simulation).succeeded();
        let path = file(&database, "events.ndjson", &text);
        let mut arguments: Vec<OsString> = vec!["import".into(), path.into(), "--json".into()];
        arguments.extend(database.options());
        let running = [(); 2].map(|()| command_line::start(&arguments, b""));
        let sums = running.map(|running| {
            let output = running.end().succeeded();
            serde_json::from_str::<Value>(output.lines().last().unwrap()).unwrap()["sums"].clone()
        });
        let both = |name: &str| sums[0][name].as_u64().unwrap() + sums[1][name].as_u64().unwrap();
        let lines = text.lines().count() as u64;
        assert_eq!(
            (both("recorded"), both("duplicates"), both("refused")),
            (lines, lines, 0),
            "{sums:?}"
        );
    }
}

#[test]
fn a_pipe_with_a_name_is_read_to_its_end() {
    let database = Database::sqlite();
    let pipe = pipe(&database);
    let text = lines(&mut Story::parcours());
    let into = pipe.clone();
    let filling = std::thread::spawn(move || std::fs::write(into, text).unwrap());
    import(&database, pipe, &[], b"").failed_with(3);
    filling.join().unwrap();
    let service = Service::start(&database);
    assert_eq!(service.api().log_size(), 8);
    assert!(service.stop().success());
}

#[test]
fn an_import_that_waits_for_a_pipe_can_be_interrupted() {
    let database = Database::sqlite();
    let pipe = pipe(&database);
    let mut arguments: Vec<OsString> = vec!["import".into(), pipe.into()];
    arguments.extend(database.options());
    let mut waiting = command_line::start(arguments, b"");
    wait_until("the log is made", Duration::from_secs(20), || {
        database.data().join("log.sqlite").exists()
    });
    assert!(!waiting.ends_within(Duration::from_millis(300)));
    waiting.interrupt();
    assert!(waiting.ends_within(Duration::from_secs(5)));
    waiting.end().failed_with(130);
}

#[test]
fn what_is_packed_is_said_to_be() {
    let database = Database::sqlite();
    for options in [&[][..], &["--format", "ndjson"], &["--format", "lheo"]] {
        let told = import(&database, "-", options, &[0x1f, 0x8b, 8, 0]).failed_with(1);
        assert!(told.contains("gunzip"), "{told}");
        assert!(told.contains("nothing of - is imported"), "{told}");
    }
}
