use super::*;
use crate::csv::columns::Columns;

fn read(type_name: &str, column: &str, text: &str) -> Result<(String, Vec<Restored>), String> {
    let kind = &Columns::of(type_name).unwrap().find(column).unwrap().kind;
    let mut reading = Reading {
        source: "urn:siret:19290076900014".to_owned(),
        restored: Vec::new(),
    };
    let mut out = String::new();
    let written = reading.write(column, kind, text, &mut out);
    written
        .map(|()| (out, reading.restored))
        .map_err(|Wrong(told)| told)
}

fn oriented(column: &str, text: &str) -> Result<(String, Vec<Restored>), String> {
    read("parcours.oriented.v1", column, text)
}

fn plain(read: Result<(String, Vec<Restored>), String>) -> String {
    let (value, restored) = read.unwrap();
    assert_eq!(restored, []);
    value
}

#[test]
fn nothing_is_said_in_several_ways() {
    for nothing in ["", " ", "-", "NULL", "null", "\u{a0}", "–", "=\"\""] {
        assert_eq!(said(nothing), None, "{nothing:?}");
    }
    assert_eq!(said(" 12\u{a0}"), Some("12"));
    assert_eq!(said("=\"0012\""), Some("0012"));
}

#[test]
fn words_of_closed_lists_are_taken_in_french_and_without_accents() {
    assert_eq!(plain(oriented("channel", "Conseiller")), "\"counsellor\"");
    assert_eq!(plain(oriented("gender", "femme")), "\"female\"");
    assert_eq!(
        plain(oriented("needs", "skills | Élargir ses choix")),
        "[\"skills\",\"widen_choices\"]"
    );
    let told = oriented("channel", "pigeon").unwrap_err();
    assert!(
        told.contains("\"pigeon\"") && told.contains("counsellor, partner, direct"),
        "{told}"
    );
}

#[test]
fn yes_and_no_have_many_spellings() {
    let eligible = |text| read("parcours.eligibility.checked.v1", "eligible", text);
    for (text, value) in [
        ("oui", "true"),
        ("VRAI", "true"),
        ("1", "true"),
        ("Non", "false"),
        ("faux", "false"),
        ("0", "false"),
    ] {
        assert_eq!(plain(eligible(text)), value);
    }
    assert!(eligible("peut-être").unwrap_err().contains("expected oui or non"));
}

#[test]
fn a_number_of_the_sender_s_own_is_a_uuid_for_ever_and_a_damaged_uuid_is_none() {
    let one = plain(oriented("trainee", "2026-17"));
    assert_eq!(one, plain(oriented("trainee", "2026-17")));
    assert_ne!(one, plain(oriented("trainee", "2026-18")));
    assert_ne!(one, plain(oriented("convention", "2026-17")));
    let uuid = "0190B7A4-6A3E-7CC0-9D2E-1F4B5A6C7D8E";
    assert_eq!(
        plain(oriented("trainee", uuid)),
        format!("\"{}\"", uuid.to_lowercase())
    );
    for damaged in [
        "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8",
        "0190b7a4-6a3e-7cc0-9d2e-1f4b5a6c7d8z",
        "1,9E+11",
    ] {
        assert!(oriented("trainee", damaged).is_err(), "{damaged}");
    }
    let (number, restored) = oriented("trainee", "17.0").unwrap();
    assert_eq!(
        (number, restored),
        (plain(oriented("trainee", "17")), vec![Restored::Point])
    );
}

#[test]
fn codes_that_a_spreadsheet_damaged_are_brought_back_with_a_remark_or_refused() {
    assert_eq!(
        plain(oriented("prescriber", "730 001 234 00014")),
        "\"73000123400014\""
    );
    let (siret, restored) = oriented("prescriber", "7,3000123400014E+13").unwrap();
    assert_eq!(
        (siret.as_str(), restored),
        ("\"73000123400014\"", vec![Restored::Exponent])
    );
    let told = oriented("prescriber", "7,3E+13").unwrap_err();
    assert!(told.contains("cut short") && told.contains("14 digits"), "{told}");
    let (commune, restored) = oriented("commune", "1004").unwrap();
    assert_eq!((commune.as_str(), restored), ("\"01004\"", vec![Restored::Zeros]));
    assert_eq!(plain(oriented("commune", "76540")), "\"76540\"");
    assert!(oriented("commune", "99999").unwrap_err().contains("99999"));
}

#[test]
fn numbers_have_the_bounds_of_the_schema_and_are_no_shares() {
    assert_eq!(plain(oriented("level", "3")), "3");
    assert_eq!(plain(oriented("level", "3,0")), "3");
    for (text, told) in [
        ("9", "from 0 to 8"),
        ("80 %", "share"),
        ("2,5", "fraction"),
        ("trois", "whole number"),
    ] {
        let refused = oriented("level", text).unwrap_err();
        assert!(refused.contains(told), "{text}: {refused}");
    }
}

#[test]
fn hours_and_euros_are_only_taken_in_columns_that_say_so() {
    let attendance = |column, text| read("parcours.attendance.recorded.v1", column, text);
    assert_eq!(plain(attendance("planned_hours", "140,5")), "8430");
    assert!(attendance("planned_minutes", "140,5").is_err());
    assert_eq!(
        plain(read("parcours.pay.granted.v1", "monthly_euros", "1 234,50 €")),
        "123450"
    );
    assert!(read("parcours.pay.granted.v1", "monthly_cents", "1 234,50").is_err());
}

#[test]
fn what_has_names_within_a_cell_is_written_with_them() {
    let learning = |text| read("parcours.bilan.completed.v1", "learning", text);
    assert_eq!(
        plain(learning("lecture=3|calcul = 2")),
        "{\"lecture\":3,\"calcul\":2}"
    );
    assert!(learning("lecture").is_err());
    assert!(
        learning("lecture=3|lecture=2")
            .unwrap_err()
            .contains("named twice")
    );
}

#[test]
fn a_repertory_s_number_may_stand_alone() {
    let obtained = |column, text| read("parcours.certification.obtained.v1", column, text);
    for text in ["RNCP34126", "rncp 34126", "34126"] {
        assert_eq!(plain(obtained("rncp", text)), "\"RNCP34126\"");
    }
    assert_eq!(
        plain(read("parcours.trade.discovered.v1", "rome", "e1104")),
        "\"E1104\""
    );
}

#[test]
fn what_a_spreadsheet_shows_of_an_error_is_no_text() {
    for error in ["#N/A", "#REF!", "#VALEUR!", "########"] {
        let refused = read("parcours.suspended.v1", "reason", error).unwrap_err();
        assert!(refused.contains("went wrong"), "{refused}");
    }
    assert_eq!(
        plain(read("parcours.suspended.v1", "reason", "#1 malade")),
        "\"#1 malade\""
    );
}
