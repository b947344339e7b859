//! What the sender of an event that is none is told: what was found, what is expected, where.

use parcours_model::{Malformed, Submission, faults};

/// An event of this type with these data, written as a sender may: on several lines.
fn event(type_name: &str, data: &str) -> String {
    let kind = type_name.split('.').next().unwrap_or_default();
    format!(
        r#"{{"specversion": "1.0", "id": "a-1", "source": "urn:siret:19290076900014",
 "type": "{type_name}", "subject": "{kind}/00000000-0000-0000-0000-000000000001",
 "time": "2026-02-01T00:00:00+01:00",
 "data": {data}}}"#
    )
}

const ORIENTED: &str = r#"{"trainee": "0190b7a4-6a3e-7cc0-9d2e-000000000001", "channel": "direct", "commune": "76540",
  "situation": "without_job", "needs": ["skills"], "level": 3, "birth_year": 1990}"#;
const IMMERSION: &str = r#"{"immersion": "0190b7a4-6a3e-7cc0-9d2e-000000000001", "kind": "placement", "host": "73282932000074",
  "commune": "76540", "rome": "K1304", "from": "2026-03-02", "to": "2026-03-06", "aims": []}"#;

fn refused(json: &str) -> Malformed {
    Submission::parse(json.as_bytes()).expect_err(json)
}

/// The event changed in one place, and the text at which the fault is to be found.
struct Case {
    json: String,
    code: &'static str,
    pointer: &'static str,
    at: &'static str,
    says: &'static str,
    dit: &'static str,
}

fn changed(type_name: &str, data: &str, from: &str, to: &str) -> String {
    let json = event(type_name, data);
    assert!(json.contains(from), "{from} is not in the event");
    json.replacen(from, to, 1)
}

/// A case in data: `from` becomes `to`, and the sentence begins as it says.
macro_rules! cases {
    ($($type_name:literal $data:expr, $from:literal => $to:literal: $code:literal $pointer:literal $at:literal $says:literal / $dit:literal;)*) => {
        [$(Case {
            json: changed($type_name, $data, $from, $to),
            code: $code, pointer: $pointer, at: $at, says: $says, dit: $dit,
        }),*]
    };
}

#[test]
fn every_kind_of_fault_says_what_was_found_what_is_expected_and_where() {
    let cases = cases! {
        "parcours.oriented.v1" ORIENTED, "\"level\": 3" => "\"level\": \"3\"": "invalid-data" "/data/level" "\"3\""
            "the text \"3\" is given here: expected an integer from 0 to 8, such as 3" / "ici se trouve le texte « 3 » : il faut un nombre entier de 0 à 8, par exemple 3";
        "parcours.oriented.v1" ORIENTED, "\"level\": 3" => "\"level\": 2.5": "invalid-data" "/data/level" "2.5"
            "the number 2.5 is given here: expected an integer from 0 to 8" / "ici se trouve le nombre 2.5";
        "parcours.oriented.v1" ORIENTED, "[\"skills\"]" => "\"skills\"": "invalid-data" "/data/needs" "\"skills\""
            "the text \"skills\" is given here: expected a list, such as [\"widen_choices\"]" / "ici se trouve le texte « skills » : il faut une liste, par exemple [\"widen_choices\"]";
        "parcours.oriented.v1" ORIENTED, "\"level\": 3" => "\"level\": null": "invalid-data" "/data/level" "null"
            "null is given here" / "ici se trouve null";
        "parcours.oriented.v1" ORIENTED, "\"commune\": \"76540\"," => "": "invalid-data" "/data/commune" "{\"trainee\""
            "missing: expected the INSEE code of a current commune, such as \"76540\"" / "manque : il faut le code INSEE d'une commune actuelle, par exemple \"76540\"";
        "parcours.oriented.v1" ORIENTED, "\"level\"" => "\"lvel\": 1, \"level\"": "invalid-data" "/data/lvel" "1, \"level\""
            "\"lvel\" is no member here: expected trainee, channel," / "« lvel » n'est pas un membre ici : il faut trainee, channel,";
        "parcours.oriented.v1" ORIENTED, "\"level\": 3" => "\"level\": 3, \"level\": 4": "invalid-data" "/data/level" "4"
            "\"level\" is given twice: expected once" / "« level » est donné deux fois : il le faut une seule fois";
        "parcours.oriented.v1" ORIENTED, "\"channel\": \"direct\"" => "\"channel\": \"phone\"": "invalid-data" "/data/channel" "\"phone\""
            "\"phone\" is not taken here: expected one of \"counsellor\", \"partner\", \"direct\"" / "« phone » n'est pas admis ici : il faut l'un de \"counsellor\", \"partner\", \"direct\"";
        "parcours.oriented.v1" ORIENTED, "0190b7a4-6a3e" => "0190b7a4-6a3": "invalid-data" "/data/trainee" "\"0190b7a4-6a3-"
            "\"0190b7a4-6a3-7cc0-9d2e-000000000001\" is not a UUID: expected" / "« 0190b7a4-6a3-7cc0-9d2e-000000000001 » n'est pas un UUID : il faut";
        "parcours.oriented.v1" ORIENTED, "\"76540\"" => "\"rouen\"": "invalid-data" "/data/commune" "\"rouen\""
            "\"rouen\" is not a commune: expected the INSEE code of a current commune, which for this name is 76540 Rouen" / "« rouen » n'est pas une commune : il faut le code INSEE d'une commune actuelle, qui pour ce nom est 76540 Rouen";
        "parcours.oriented.v1" ORIENTED, "\"76540\"" => "\"76031\"": "invalid-data" "/data/commune" "\"76031\""
            "\"76031\" is not a current commune: expected a current commune, which for this one is since 2016-01-01 76476" / "« 76031 » n'est pas une commune actuelle : il faut une commune actuelle, qui pour celle-ci est depuis le 01/01/2016 76476";
        "parcours.oriented.v1" ORIENTED, "1990" => "2101": "invalid-data" "/data/birth_year" "2101"
            "2101 is out of bounds: expected an integer from 1900 to 2035" / "2101 est hors limites : il faut un nombre entier de 1900 à 2035";
        "parcours.oriented.v1" ORIENTED, "1990" => "2050": "invalid-data" "/data/birth_year" "2050"
            "2050 is out of bounds: expected an integer from 1900 to 2035; nobody born" / "2050 est hors limites : il faut un nombre entier de 1900 à 2035 ; personne né";
        "parcours.oriented.v1" ORIENTED, "1990" => "-1": "invalid-data" "/data/birth_year" "-1"
            "-1 is out of bounds: expected an integer from 1900 to 2035" / "-1 est hors limites";
        "parcours.immersion.agreed.v1" IMMERSION, "2026-03-02" => "2026-02-30": "invalid-data" "/data/from" "\"2026-02-30\""
            "\"2026-02-30\" is not a day: expected a day of the calendar, such as 2026-02-28" / "« 2026-02-30 » n'est pas un jour : il faut un jour du calendrier, par exemple 2026-02-28";
        "parcours.immersion.agreed.v1" IMMERSION, "2026-03-06" => "2026-03-01": "invalid-data" "/data/to" "\"2026-03-01\""
            "the period ends before it begins" / "la période finit avant de commencer";
        "parcours.immersion.agreed.v1" IMMERSION, "73282932000074" => "73282932000075": "invalid-data" "/data/host" "\"73282932000075\""
            "\"73282932000075\" is not a SIRET: expected 14 digits with a valid key, such as 20005340300016" / "« 73282932000075 » n'est pas un SIRET : il faut 14 chiffres dont la clé est juste";
        "parcours.immersion.agreed.v1" IMMERSION, "K1304" => "Z1304": "invalid-data" "/data/rome" "\"Z1304\""
            "\"Z1304\" is not a ROME code" / "« Z1304 » n'est pas un code ROME";
        "parcours.immersion.agreed.v1" IMMERSION, "[]" => "[\"a\", 3]": "invalid-data" "/data/aims/1" "3]"
            "the number 3 is given here: expected a text, such as \"…\"" / "ici se trouve le nombre 3 : il faut un texte, par exemple \"…\"";
        "parcours.attendance.recorded.v1" r#"{"month": "2026-13", "planned_minutes": 1, "attended_minutes": 1, "excused_minutes": 0}"#,
            "2026-13" => "2026-13": "invalid-data" "/data/month" "\"2026-13\""
            "\"2026-13\" is not a month: expected YYYY-MM, such as 2026-03" / "« 2026-13 » n'est pas un mois : il faut AAAA-MM, par exemple 2026-03";
        "parcours.followup.answered.v1" r#"{"months": 4, "situation": "employed"}"#, "4" => "4": "invalid-data" "/data/months" "4,"
            "the number 4 is given here: expected one of 3, 6, 12, 18" / "ici se trouve le nombre 4 : il faut l'un de 3, 6, 12, 18";
        "parcours.eligibility.checked.v1" r#"{"eligible": 1, "reasons": []}"#, "1, \"r" => "1, \"r": "invalid-data" "/data/eligible" "1, "
            "the number 1 is given here: expected true or false" / "ici se trouve le nombre 1 : il faut true ou false";
        "parcours.partner.reported.v1" r#"{"partner": "73282932000074", "topic": "health", "notes": "is ill"}"#, "is ill" => "is ill":
            "sealed" "/data/notes" "\"is ill\"" "this field is sealed" / "ce champ est scellé";
        "parcours.event.corrected.v1" r#"{"event": {"id": "a", "source": "b"}, "data": [1]}"#, "[1]" => "[1]": "invalid-data" "/data/data" "[1]"
            "a list is given here: expected an object" / "ici se trouve une liste : il faut un objet";
        "parcours.event.corrected.v1" r#"{"event": {"id": "a"}, "time": "2026-02-28T00:00:00Z"}"#, "2026-02-28T" => "2026-02-28T":
            "invalid-data" "/data/event/source" "{\"id\": \"a\"}" "missing: expected a text" / "manque : il faut un texte";
        "parcours.event.corrected.v1" r#"{"event": {"id": "a", "source": "b"}, "time": "2026-02-28"}"#, "2026-02-28\"" => "2026-02-28\"":
            "invalid-data" "/data/time" "\"2026-02-28\"" "\"2026-02-28\" is not an instant: a day alone does not say when in it; expected"
            / "« 2026-02-28 » n'est pas un instant : un jour seul n'en dit pas l'heure ; il faut";
        "operator.contracted.v1" r#"{"contract": "0190b7a4-6a3e-7cc0-9d2e-000000000001", "territory": "region/23", "from": "2026-01-01", "to": "2026-12-31", "places": 9}"#,
            "region/23" => "region/23": "invalid-data" "/data/territory" "\"region/23\""
            "\"23\" is not the code of a current région: expected region/28 (Normandie)" / "« 23 » n'est pas le code d'une région actuelle : il faut region/28 (Normandie)";
        "parcours.oriented.v1" ORIENTED, "\"id\": \"a-1\"" => "\"id\": 1": "invalid-attribute" "/id" "1, \"source\""
            "the number 1 is given here: expected a text that no other event" / "ici se trouve le nombre 1 : il faut un texte qu'aucun autre événement";
        "parcours.oriented.v1" ORIENTED, "\"id\": \"a-1\", " => "": "missing-attribute" "/id" "{\"specversion\""
            "missing: expected a text that no other event" / "manque : il faut un texte";
        "parcours.oriented.v1" ORIENTED, "\"id\"" => "\"id\": \"b\", \"id\"": "malformed-json" "/id" "\"id\": \"a-1\""
            "\"id\" is given twice" / "« id » est donné deux fois";
        "parcours.oriented.v1" ORIENTED, "2026-02-01T00:00:00+01:00" => "2026-02-28": "invalid-attribute" "/time" "\"2026-02-28\""
            "\"2026-02-28\" is not an instant: a day alone" / "« 2026-02-28 » n'est pas un instant : un jour seul";
        "parcours.oriented.v1" ORIENTED, "00:00:00+01:00" => "00:00:00": "invalid-attribute" "/time" "\"2026-02-01T00:00:00\""
            "\"2026-02-01T00:00:00\" is not an instant: the offset at its end is missing" / "« 2026-02-01T00:00:00 » n'est pas un instant : il y manque à la fin le décalage";
        "parcours.oriented.v1" ORIENTED, "00:00:00+01:00" => "25:00:00Z": "invalid-attribute" "/time" "\"2026-02-01T25"
            "\"2026-02-01T25:00:00Z\" is not an instant: after the T come hour" / "« 2026-02-01T25:00:00Z » n'est pas un instant : après le T";
        "parcours.oriented.v1" ORIENTED, "parcours/0000" => "parcours/000": "invalid-attribute" "/subject" "\"parcours/000"
            "\"0000000-0000-0000-0000-000000000001\" is not a UUID" / "« 0000000-0000-0000-0000-000000000001 » n'est pas un UUID";
        "parcours.oriented.v1" ORIENTED, "urn:siret:" => "siret:": "invalid-attribute" "/source" "\"siret:"
            "\"siret:19290076900014\" does not say who sends: expected" / "« siret:19290076900014 » ne dit pas qui envoie : il faut";
        "parcours.oriented.v1" ORIENTED, "parcours.oriented.v1" => "parcours.oriented": "unknown-type" "/type" "\"parcours.oriented\""
            "\"parcours.oriented\" is no type of event of a parcours stream: expected one that /schemas lists, such as" / "« parcours.oriented » n'est pas un type";
        "parcours.oriented.v1" ORIENTED, "\"1.0\"" => "\"0.3\"": "unknown-specversion" "/specversion" "\"0.3\""
            "\"0.3\" is not supported: expected \"1.0\"" / "« 0.3 » n'est pas admis : il faut \"1.0\"";
        "parcours.oriented.v1" "7", "7" => "7": "invalid-data" "/data" "7}"
            "the number 7 is given here: expected an object" / "ici se trouve le nombre 7 : il faut un objet";
    };
    for case in cases {
        let told = refused(&case.json);
        let Case {
            json,
            code,
            pointer,
            at,
            says,
            dit,
        } = case;
        assert_eq!(
            (told.code, told.pointer.as_deref()),
            (code, Some(pointer)),
            "{told}"
        );
        let found = &json[told.at.expect("a fault of a member has its place")..];
        assert!(found.starts_with(at), "{pointer} is told at {found}");
        assert!(told.detail.starts_with(says), "{} for {says}", told.detail);
        assert!(told.french.starts_with(dit), "{} for {dit}", told.french);
        for innards in [
            "at line",
            "struct",
            "sequence",
            "u8",
            "u16",
            "u32",
            "variant",
            "EOF",
            "premature",
        ] {
            assert!(!told.detail.contains(innards), "{}", told.detail);
        }
    }
}

#[test]
fn text_that_is_too_long_or_cannot_be_shown_is_told_in_both_languages() {
    for (text, says, dit) in [
        (
            "a".repeat(2_001),
            "2001 characters are too many: expected at most 2000",
            "2001 caractères, c'est trop : au plus 2000",
        ),
        (
            "\\u0007".to_owned(),
            "the character U+0007 is not allowed",
            "le caractère U+0007 n'est pas admis",
        ),
    ] {
        let data = format!(r#"{{"eligible": true, "reasons": ["ok", "{text}"]}}"#);
        let told = refused(&event("parcours.eligibility.checked.v1", &data));
        assert_eq!(told.pointer.as_deref(), Some("/data/reasons/1"));
        assert!(
            told.detail.starts_with(says) && told.french.starts_with(dit),
            "{told}"
        );
    }
}

#[test]
fn what_is_no_event_at_all_is_told_with_its_place() {
    let whole = event("parcours.oriented.v1", ORIENTED);
    let cut = &whole[..whole.len() - 20];
    for (json, place, says) in [
        (cut.to_owned(), (5, 64), "the JSON is cut off"),
        (
            "[]".to_owned(),
            (1, 1),
            "a list is given here: expected one event, an object",
        ),
        (
            " 12".to_owned(),
            (1, 2),
            "the number 12 is given here: expected one event",
        ),
        (
            "{\n  \"id\": x}".to_owned(),
            (2, 9),
            "this is no JSON at \"x\": expected a value",
        ),
        (String::new(), (1, 1), "nothing was sent"),
    ] {
        let told = refused(&json);
        assert_eq!(told.code, "malformed-json");
        assert!(told.detail.starts_with(says), "{json}: {told}");
        assert_ne!(*told.detail, *told.french);
        assert_eq!(
            faults::place(json.as_bytes(), told.at.unwrap()),
            place,
            "{json}: {told}"
        );
    }
}

#[test]
fn the_id_is_told_of_an_event_whose_other_attributes_are_wrong() {
    for (from, to) in [
        ("\"2026-02-01T00:00:00+01:00\"", "3"),
        ("\"1.0\"", "1.0"),
        ("\"type\"", "\"revision\": \"x\", \"type\""),
    ] {
        let told = refused(&changed("parcours.oriented.v1", ORIENTED, from, to));
        assert_eq!(told.id.as_deref(), Some("a-1"), "{told}");
    }
}

#[test]
fn all_that_is_wrong_with_an_event_is_told_at_once_what_is_told_alone_first() {
    let faulty = [
        (r#""1.0""#, r#""0.3""#),
        (r#""2026-02-01T00:00:00+01:00""#, r#""2026-02-30""#),
        (r#""76540""#, r#""Rouen""#),
        (r#""direct""#, r#""by chance""#),
        (r#""level": 3, "#, r#""levels": 3, "#),
        ("1990", "\"1990\""),
    ];
    let json = faulty
        .iter()
        .fold(event("parcours.oriented.v1", ORIENTED), |json, (from, to)| {
            assert!(json.contains(from), "{from}");
            json.replacen(from, to, 1)
        });
    let all = Submission::faults(json.as_bytes());
    assert_eq!(all[0], refused(&json));
    let mut pointers: Vec<_> = all.iter().filter_map(|fault| fault.pointer.as_deref()).collect();
    pointers.sort_unstable();
    let expected = [
        "/data/birth_year",
        "/data/channel",
        "/data/commune",
        "/data/level",
        "/data/levels",
        "/specversion",
        "/time",
    ];
    assert_eq!(pointers, expected);
    for fault in &all {
        assert!(
            fault.at.is_some() && fault.id.as_deref() == Some("a-1"),
            "{fault}"
        );
        assert_ne!(*fault.detail, *fault.french);
    }
}

#[test]
fn attributes_of_another_type_hide_no_other_fault() {
    let json = event("parcours.oriented.v1", ORIENTED)
        .replace("\"a-1\"", "1")
        .replace("\"1.0\"", "1.0")
        .replace("\"level\": 3", "\"level\": 9, \"level\": 3");
    let all = Submission::faults(json.as_bytes());
    assert_eq!(all[0], refused(&json));
    let pointers: Vec<_> = all.iter().filter_map(|fault| fault.pointer.as_deref()).collect();
    assert_eq!(pointers, ["/specversion", "/id", "/data/level"]);
}

#[test]
fn of_what_is_judged_field_by_field_every_field_is_told() {
    let long = "a".repeat(13_000);
    let data = format!(
        r#"{{"operator": "19290076900014", "title": "{long}", "objective": "{long}", "rome": ["K1304"], "formacode": [], "certifying": true, "minutes": 600, "mode": "on_site"}}"#
    );
    let all = Submission::faults(event("offer.published.v1", &data).as_bytes());
    let fields: Vec<_> = all.iter().filter_map(|fault| fault.field.as_deref()).collect();
    assert!(
        fields.contains(&"data.title") && fields.contains(&"data.objective"),
        "{fields:?}"
    );
    assert_eq!(
        Submission::faults(event("parcours.oriented.v1", ORIENTED).as_bytes()),
        []
    );
}
