//! `parcours import` of tables: what operators who speak no CloudEvents export every month.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parcours_tests::command_line::{self, Ended};
use parcours_tests::{Database, Service, on_both_databases};
use serde_json::{Value, json};
use uuid::Uuid;

const PARCOURS: Uuid = Uuid::from_u128(0x0190_b7a4_6a3e_7cc0_9d2e_0000_0000_0017);
const SENDER: &str = "19290076900014";

/// From the orientation to a month's attendance, in no order.
const HEADER: &str = "type;émetteur;Parcours;stagiaire;DATE;canal;commune;situation;besoins;niveau;éligible;motifs;\
                      organisme;version du contrat;référent;mois;heures prévues;heures réalisées;heures excusées";
const LINES: [&str; 7] = [
    "présence;;;;29/02/2024;;;;;;;;;;;févr 2024;140;133,5;3h30",
    "contrat d'engagement;;;;11/01/2024;;;;;;;;;2024-1;;;;;",
    "orientation;;;S12;08/01/2024;Conseiller;76540;inscrit;skills|élargir ses choix;3;;;;;;;;;",
    "entrée en formation;;;S12;05/02/2024 09:30;;;;;;;;;;;;;;",
    "éligibilité;;;S12;09/01/2024;;;;;;oui;cherche à être formé;;;;;;;",
    "admission;;;S12;10/01/2024;;;;;;;;192 900 769 00014;;;;;;",
    "référent;;;S12;12/01/2024;;;;;;;;19290076900014;;R1;;;;",
];

/// The table of one parcours, with what is the same in every line.
fn table(parcours: Uuid, lines: &[&str]) -> String {
    let filled = lines.iter().map(|line| {
        let (name, rest) = line.split_once(";;;").unwrap();
        format!("{name};{SENDER};{parcours};{rest}\n")
    });
    format!("{HEADER}\n{}", filled.collect::<String>())
}

fn import(database: &Database, file: impl Into<OsString>, options: &[&str]) -> Ended {
    import_with(database, file, options, b"")
}

fn import_with(database: &Database, file: impl Into<OsString>, options: &[&str], input: &[u8]) -> Ended {
    let mut arguments: Vec<OsString> = vec!["import".into(), file.into()];
    arguments.extend(database.options());
    arguments.extend(options.iter().map(OsString::from));
    command_line::run_with_input(arguments, input)
}

fn file(database: &Database, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = database.data().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// What was read, recorded, known already and refused, and how much of it corrects.
fn sums(ended: &Ended) -> [u64; 5] {
    let told: Value =
        serde_json::from_str(ended.output.lines().last().unwrap_or_else(|| panic!("{ended:?}"))).unwrap();
    let sum = |name: &str| told["sums"][name].as_u64().unwrap();
    let corrections = told["corrections"].as_u64().unwrap_or(0);
    [
        sum("read"),
        sum("recorded"),
        sum("duplicates"),
        sum("refused"),
        corrections,
    ]
}

fn imported(database: &Database, name: &str, text: &str) -> [u64; 5] {
    let path = file(database, name, text);
    sums(&import(database, &path, &["--json"]))
}

fn history(database: &Database) -> Vec<Value> {
    Service::start(database).api().history(PARCOURS)
}

fn of_type<'a>(history: &'a [Value], name: &str) -> &'a Value {
    let mut found = history
        .iter()
        .filter(|event| event["type"] == format!("parcours.{name}.v1"));
    found
        .next()
        .unwrap_or_else(|| panic!("{name} is not in {history:?}"))
}

fn refusals(ended: &Ended) -> Vec<(u64, String)> {
    let told = ended
        .output
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let refused = told.filter(|line| line["code"].is_string());
    refused
        .map(|line| {
            let field = line["field"].as_str().unwrap_or_default();
            (
                line["line"].as_u64().unwrap(),
                format!("{field}: {}", line["detail"].as_str().unwrap()),
            )
        })
        .collect()
}

fn rejects(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

on_both_databases! {
    fn lines_in_any_order_become_the_journey_with_the_values_that_french_tables_hold(database: Database) {
        assert_eq!(imported(&database, "mars.csv", &table(PARCOURS, &LINES)), [7, 7, 0, 0, 0]);
        let history = history(&database);
        assert_eq!(history.len(), 7);
        let orientation = of_type(&history, "oriented");
        assert_eq!(orientation["time"], "2024-01-07T23:00:00Z", "midnight in Paris");
        assert_eq!(orientation["source"], format!("urn:siret:{SENDER}"));
        assert_eq!(
            json!([orientation["data"]["channel"], orientation["data"]["needs"], orientation["data"]["level"]]),
            json!(["counsellor", ["skills", "widen_choices"], 3])
        );
        assert_eq!(of_type(&history, "started")["time"], "2024-02-05T08:30:00Z");
        assert_eq!(of_type(&history, "admitted")["data"]["operator"], SENDER);
        assert_eq!(of_type(&history, "eligibility.checked")["data"], json!({"eligible": true, "reasons": ["cherche à être formé"]}));
        let attendance = json!({"month": "2024-02", "planned_minutes": 8_400, "attended_minutes": 8_010, "excused_minutes": 210});
        assert_eq!(of_type(&history, "attendance.recorded")["data"], attendance);
    }

    fn the_same_table_in_other_clothes_is_known_already(database: Database) {
        let text = table(PARCOURS, &LINES);
        assert_eq!(imported(&database, "mars.csv", &text), [7, 7, 0, 0, 0]);
        let mut clothes: Vec<(&str, Vec<u8>)> = Vec::new();
        for (name, sign) in [("comma.csv", ','), ("tab.tsv", '\t'), ("bar.txt", '|'), ("semicolon.csv", ';')] {
            let quote = |cell: &str| {
                let held = cell.contains([',', '|']);
                if held { format!("\"{cell}\"") } else { cell.to_owned() }
            };
            let line = |line: &str| line.split(';').map(quote).collect::<Vec<_>>().join(&sign.to_string());
            let text: Vec<String> = text.lines().map(line).collect();
            clothes.push((name, text.join("\r\n").into_bytes()));
        }
        clothes.push(("mark.csv", format!("\u{feff}{text}").into_bytes()));
        clothes.push(("sep.csv", format!("sep=;\r\n{text}").into_bytes()));
        let western = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        clothes.push(("windows-1252.csv", western));
        let wide = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        clothes.push(("unicode.txt", wide));
        clothes.push(("capitals.csv", text.replacen(HEADER, &HEADER.to_uppercase(), 1).into_bytes()));
        clothes.push(("nothing.csv", text.replace(";;", ";NULL;").replace(";;", ";-;").into_bytes()));
        for (name, bytes) in clothes {
            let path = file(&database, name, bytes);
            let ended = import(&database, &path, &["--json"]);
            assert_eq!(sums(&ended), [7, 0, 7, 0, 0], "{name}: {ended:?}");
        }
    }

    fn a_line_that_changed_since_last_month_is_a_correction_and_so_is_its_way_back(database: Database) {
        let a = table(PARCOURS, &LINES);
        let b = a.replace("133,5", "120").replace("05/02/2024 09:30", "06/02/2024");
        assert_eq!(imported(&database, "mars.csv", &a), [7, 7, 0, 0, 0]);
        assert_eq!(imported(&database, "mars.csv", &b), [7, 2, 5, 0, 2]);
        assert_eq!(imported(&database, "mars.csv", &b), [7, 0, 7, 0, 0]);
        assert_eq!(imported(&database, "mars.csv", &a), [7, 2, 5, 0, 2], "back to what it was");
        assert_eq!(imported(&database, "mars.csv", &a), [7, 0, 7, 0, 0]);
        assert_eq!(imported(&database, "mars.csv", &b), [7, 2, 5, 0, 2], "and forth again");
        let service = Service::start(&database);
        let told = service.api().get(&format!("/v1/parcours/{PARCOURS}?min_position=12")).must_be(200).json();
        let attended: Vec<&Value> = told["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|step| step["type"] == "parcours.attendance.recorded.v1")
            .map(|step| &step["data"]["attended_minutes"])
            .collect();
        assert_eq!(attended, [7_200]);
    }

    fn what_somebody_else_corrected_is_not_undone_by_the_same_table(database: Database) {
        let text = table(PARCOURS, &LINES);
        assert_eq!(imported(&database, "mars.csv", &text), [7, 7, 0, 0, 0]);
        let attendance = of_type(&history(&database), "attendance.recorded").clone();
        let mut data = attendance["data"].clone();
        data["attended_minutes"] = json!(60);
        let correction = json!({
            "specversion": "1.0", "id": "c-1", "source": "urn:region:28", "type": "parcours.event.corrected.v1",
            "subject": attendance["subject"], "time": "2024-03-10T08:00:00Z",
            "data": {"event": {"id": attendance["id"], "source": attendance["source"]}, "data": data},
        });
        import_with(&database, "-", &[], correction.to_string().as_bytes()).succeeded();
        assert_eq!(imported(&database, "mars.csv", &text), [7, 0, 7, 0, 0]);
        assert_eq!(imported(&database, "mars.csv", &text.replace("133,5", "120")), [7, 1, 6, 0, 1]);
    }

    fn one_bad_line_never_stops_the_good_ones_and_is_imported_once_it_is_corrected(database: Database) {
        let mut text = table(PARCOURS, &LINES);
        let bad = [
            format!("sortie;{SENDER};{PARCOURS};;30/06/2024"),
            format!("pigeon;{SENDER};{PARCOURS};;30/06/2024"),
            format!("\"présence;{SENDER};{PARCOURS};;31/03/2024;;;;;;;;;;;2024-03;1;1;0"),
            format!("présence;{SENDER};{PARCOURS};;31/04/2024;;;;;;;;;;;2024-03;140;100;0"),
            format!("présence;{SENDER};{PARCOURS};;30/04/2024;;;;;;;;;;;2024-04;80 %;1;0"),
            format!("présence;{SENDER};{PARCOURS};;30/05/2024;;;;;;;;;;;2024-05;10;11;0"),
            format!("présence;{SENDER};{PARCOURS};;30/06/2024;;;;;;;;;;;2024-06;1;1;0;7"),
            format!("présence;{SENDER};{PARCOURS};;29/02/2024;;;;;;;;;;;2024-02;140;99;0"),
        ];
        text.push_str(&bad.join("\n"));
        let path = file(&database, "mars.csv", &text);
        let ended = import(&database, &path, &["--json"]);
        assert_eq!(sums(&ended), [15, 7, 0, 8, 0], "{ended:?}");
        assert_eq!(ended.status.code(), Some(3));
        let mut told = refusals(&ended);
        told.sort();
        let expected = [
            (9, "motifs: the cell is empty: expected one of completed"),
            (10, "type: \"pigeon\" is no type of event"),
            (11, "a quote is opened and not closed"),
            (12, "DATE: \"31/04/2024\" is given here: expected a day"),
            (13, "heures prévues: \"80 %\" is a share: expected hours"),
            (14, "No more minutes are attended than were planned"),
            (15, "the line has 20 cells, the header 19: \"7\" stands behind the last column"),
            (16, "line 2 says the same fact, which is known by month, otherwise"),
        ];
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for ((line, told), (expected_line, part)) in told.iter().zip(expected) {
            assert!(*line == expected_line && told.contains(part), "line {line}: {told}");
        }

        let rejected = rejects(&database.data().join("mars.rejects.csv"));
        assert_eq!(rejected.lines().count(), 9, "{rejected}");
        assert!(rejected.starts_with(&format!("\u{feff}line;reason;{HEADER}")), "{rejected}");
        let corrected = rejected
            .replace(&bad[3], &bad[3].replace("31/04", "31/03"))
            .replace(&bad[4], &bad[4].replace("80 %", "1"))
            .replace(&bad[5], &bad[5].replace("10;11", "11;10"));
        let path = file(&database, "mars.rejects.csv", corrected);
        let again = import(&database, &path, &["--json"]);
        assert_eq!(sums(&again), [8, 4, 0, 4, 1], "the last line says what was said otherwise: {again:?}");
        let left = rejects(&database.data().join("mars.rejects2.csv"));
        assert_eq!(left.lines().count(), 5, "{left}");
        assert_eq!(left.matches("line;reason").count(), 1, "the two columns stand there once");
    }

    fn a_dry_run_decides_on_the_whole_journey_and_records_nothing(database: Database) {
        let mut text = table(PARCOURS, &LINES);
        writeln!(text, "présence;{SENDER};{PARCOURS};;15/01/2024;;;;;;;;;;;2024-01;1;1;0").unwrap();
        let path = file(&database, "mars.csv", &text);
        let tried = import(&database, &path, &["--json", "--dry-run"]);
        assert_eq!(sums(&tried), [8, 7, 0, 1, 0], "{tried:?}");
        assert_eq!(refusals(&tried)[0].0, 9, "before the training");
        let last: Value = serde_json::from_str(tried.output.lines().last().unwrap()).unwrap();
        assert_eq!(last["dry_run"], true);
        let service = Service::start(&database);
        assert_eq!(service.api().log_size(), 0);
        assert!(service.stop().success());
        assert_eq!(sums(&import(&database, &path, &["--json"])), [8, 7, 0, 1, 0]);
        let changed = text.replace("133,5", "120");
        let path = file(&database, "mars.csv", changed);
        let tried = import(&database, &path, &["--json", "--dry-run"]);
        assert_eq!(sums(&tried), [8, 1, 6, 1, 1], "{tried:?}");
        assert_eq!(sums(&import(&database, &path, &["--json"])), [8, 1, 6, 1, 1], "it was not recorded");
    }

    fn what_is_only_possible_together_is_recorded_together(database: Database) {
        let mut text = table(PARCOURS, &LINES);
        imported(&database, "mars.csv", &text);
        // Told late, each alone would break what stands behind it.
        for (what, day) in [("reprise", "20/02/2024"), ("suspension", "12/02/2024")] {
            let line = format!("{what};{SENDER};{PARCOURS};;{day};;;;;;;maladie\n");
            text.push_str(&line);
        }
        let path = file(&database, "avril.csv", &text);
        let ended = import(&database, &path, &["--json"]);
        assert_eq!(sums(&ended), [9, 2, 7, 0, 0], "{ended:?}");
    }

    fn an_import_that_is_interrupted_goes_on_when_it_is_started_again(database: Database) {
        let mut text = format!("{HEADER}\n");
        for person in 0..400_u128 {
            let of_one = table(Uuid::from_u128(person + 1), &LINES);
            text.push_str(&of_one.lines().skip(1).map(|line| format!("{line}\n")).collect::<String>().replace("S12", &format!("S{person}")));
        }
        let path = file(&database, "all.csv", &text);
        let mut arguments: Vec<OsString> = vec!["import".into(), path.into(), "--json".into()];
        arguments.extend(database.options());
        let (mut patience, mut interrupted) = (Duration::from_millis(150), 0);
        loop {
            let mut running = command_line::start(&arguments, b"");
            running.ends_within(patience);
            patience = patience * 5 / 4;
            running.interrupt();
            let ended = running.end();
            match ended.status.code() {
                Some(0) => {
                    let [read, recorded, duplicates, refused, _] = sums(&ended);
                    assert_eq!((read, recorded + duplicates, refused), (2_800, 2_800, 0));
                    break;
                }
                Some(130) => interrupted += 1,
                // Before anybody listened.
                None => {}
                other => panic!("{other:?}: {ended:?}"),
            }
        }
        assert!(interrupted > 0, "every import ended before it was interrupted");
    }
}

#[test]
fn what_another_software_calls_its_columns_is_said_in_a_file() {
    let database = Database::sqlite();
    imported(&database, "mars.csv", &table(PARCOURS, &LINES));
    let map = file(
        &database,
        "map.toml",
        format!(
            "ignore = ['Observations']\n[columns]\n'N° interne' = 'parcours'\n'Période' = 'month'\n'H. prév.' = 'planned_hours'\n\
             'H. réal.' = 'attended_hours'\n'Le' = 'date'\n[constants]\nsource = '{SENDER}'\ntype = 'attendance.recorded'\n\
             excused_minutes = '0'\n"
        ),
    );
    let table = format!(
        "n° interne;le;periode;h. prev.;H. RÉAL.;Observations;Couleur\n{PARCOURS};31/03/2024;2024-03;120;100;rien;bleu\n"
    );
    let path = file(&database, "avril.csv", table);
    let ended = import(&database, &path, &["--json", "--map", map.to_str().unwrap()]);
    assert_eq!(sums(&ended), [1, 1, 0, 0, 0], "{ended:?}");
    assert_eq!(ended.output.matches("\\\"Couleur\\\"").count(), 1, "{ended:?}");
    assert!(!ended.output.contains("Observations"), "{ended:?}");

    let wrong = file(&database, "wrong.toml", "[columns]\n'Le' = 'dte'\n");
    let told = import(&database, &path, &["--map", wrong.to_str().unwrap()]).failed_with(1);
    assert!(
        told.contains("\"dte\"") && told.contains("nothing is imported"),
        "{told}"
    );
}

#[test]
fn a_table_of_one_type_needs_no_column_for_it_and_says_what_it_lacks() {
    let database = Database::sqlite();
    imported(&database, "mars.csv", &table(PARCOURS, &LINES));
    let options = ["--json", "--type", "présence", "--source", SENDER];
    let good = format!(
        "parcours,date,month,planned_minutes,attended_minutes,excused_minutes\n{PARCOURS},31/03/2024,03/2024,\"8\u{202f}400\",100,0\n"
    );
    let path = file(&database, "avril.csv", &good);
    let ended = import(&database, &path, &options);
    assert_eq!(sums(&ended), [1, 1, 0, 0, 0], "{ended:?}");
    let path = file(&database, "avril.csv", good.replace("month", "mouth"));
    let told = import(&database, &path, &options).failed_with(1);
    assert!(
        told.contains("no column month") && told.contains("\"mouth\""),
        "{told}"
    );
    let told = import(&database, &path, &["--source", SENDER]).failed_with(1);
    assert!(told.contains("--type"), "{told}");
}

#[test]
fn what_a_spreadsheet_damaged_is_brought_back_with_a_remark_or_refused() {
    let database = Database::sqlite();
    let header = "type,source,parcours,trainee,date,channel,prescriber,commune,situation,needs,level";
    let line = |parcours: u128, prescriber: &str, commune: &str| {
        let parcours = Uuid::from_u128(parcours);
        format!(
            "oriented,{SENDER},{parcours},T{parcours},08/01/2024,partner,{prescriber},{commune},inscrit,skills,3"
        )
    };
    let lines = [
        line(1, "\"7,3000123400014E+13\"", "1004"),
        line(2, "\"7,3E+13\"", "76540"),
        line(3, "=\"73000123400014\"", "76540.0"),
        line(4, "730 001 234 00014", "7654O"),
    ];
    let path = file(&database, "a.csv", format!("{header}\n{}\n", lines.join("\n")));
    let ended = import(&database, &path, &["--json"]);
    assert_eq!(sums(&ended), [4, 2, 0, 2, 0], "{ended:?}");
    let told = refusals(&ended);
    assert!(
        told[0].0 == 3 && told[0].1.contains("prescriber: \"7,3E+13\"") && told[0].1.contains("cut short"),
        "{told:?}"
    );
    assert!(
        told[1].0 == 5 && told[1].1.contains("commune: \"7654O\""),
        "{told:?}"
    );
    assert!(
        ended.output.contains("scientific notation") && ended.output.contains("lost zeros"),
        "{ended:?}"
    );
    let service = Service::start(&database);
    let data = &service.api().history(Uuid::from_u128(1))[0]["data"];
    assert_eq!(
        json!([data["prescriber"], data["commune"]]),
        json!(["73000123400014", "01004"])
    );
}

#[test]
fn a_person_s_own_numbers_are_enough() {
    let database = Database::sqlite();
    let table = "type;stagiaire;date;canal;commune;situation;niveau;motif\n\
                 orientation;12;08/01/2024;direct;76540;sans emploi;3;\n\
                 orientation;13;08/01/2024;direct;76540;sans emploi;3;\n\
                 désistement;12;09/01/2024;;;;;autre projet\n";
    let path = file(&database, "a.csv", table);
    let options = ["--json", "--source", SENDER];
    assert_eq!(sums(&import(&database, &path, &options)), [3, 3, 0, 0, 0]);
    assert_eq!(sums(&import(&database, &path, &options)), [3, 0, 3, 0, 0]);
    let other = ["--json", "--source", "73000123400014"];
    assert_eq!(
        sums(&import(&database, &path, &other)),
        [3, 3, 0, 0, 0],
        "they are another sender's people"
    );
}

#[test]
fn a_table_is_known_by_its_header_wherever_it_comes_from() {
    let database = Database::sqlite();
    let text = table(PARCOURS, &LINES);
    let piped = import_with(&database, "-", &["--json"], text.as_bytes());
    assert_eq!(sums(&piped), [7, 7, 0, 0, 0], "{piped:?}");
    let bad = text.replace("29/02/2024", "30/02/2024");
    let rejected = database.data().join("refused.csv");
    let piped = import_with(
        &database,
        "-",
        &["--json", "--rejects", rejected.to_str().unwrap()],
        bad.as_bytes(),
    );
    assert_eq!(sums(&piped), [7, 0, 6, 1, 0], "{piped:?}");
    assert!(rejects(&rejected).contains("30/02/2024"));
    let path = file(&database, "table", &text);
    assert_eq!(sums(&import(&database, &path, &["--json"])), [7, 0, 7, 0, 0]);
    let path = file(&database, "empty.csv", "");
    assert!(
        import(&database, &path, &[])
            .failed_with(1)
            .contains("the file is empty")
    );
    let path = file(&database, "other.csv", "a;b\n1;2\n");
    assert!(
        import(&database, &path, &[])
            .failed_with(1)
            .contains("no word of the header is a known column")
    );
}

#[test]
fn the_columns_of_a_type_are_listed_with_an_example() {
    let told = command_line::run(["import", "--columns", "attendance.recorded"]).succeeded();
    for part in ["month", "heures prévues", "needed", "known again by `month`"] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    let told = command_line::run(["import", "--columns", "nothing"]).failed_with(1);
    assert!(told.contains("parcours.attendance.recorded.v1"), "{told}");
}

#[test]
fn events_can_be_tried_and_catalogues_cannot() {
    let database = Database::sqlite();
    let mut story = parcours_tests::Story::parcours();
    let events = story.enters("2024-02-05", &parcours_tests::story::Person::default());
    let lines: Vec<String> = events.iter().map(Value::to_string).collect();
    let tried = import_with(
        &database,
        "-",
        &["--dry-run", "--json"],
        lines.join("\n").as_bytes(),
    );
    assert_eq!(sums(&tried), [6, 6, 0, 0, 0], "{tried:?}");
    let told = import_with(&database, "-", &["--dry-run"], b"<lheo/>").failed_with(1);
    assert!(told.contains("cannot be tried"), "{told}");
    assert!(
        !database.data().join("log.sqlite").exists(),
        "nothing is made where there is no log"
    );
    assert_eq!(Service::start(&database).api().log_size(), 0);
}
