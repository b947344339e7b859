//! What is said and taken otherwise, or not at all.

use super::*;
use parcours_model::codes::Level;
use parcours_model::streams::offer::Aim;

#[test]
fn codes_that_are_none_are_left_out_by_name_and_the_rest_is_taken() {
    let read = changed(&[
        (
            "<code-FORMACODE>42752</code-FORMACODE><code-ROME>G1602</code-ROME>",
            "<code-FORMACODE>4275</code-FORMACODE><code-ROME>13212</code-ROME><code-ROME>g1602</code-ROME><code-ROME>-</code-ROME><code-ROME/>",
        ),
        (
            "<certifiante>0</certifiante>",
            "<certification><code-RNCP>-1</code-RNCP></certification>\
        <certification><code-RNCP>rncp 0653</code-RNCP></certification><certification><code-RNCP>474</code-RNCP></certification>",
        ),
    ]);
    let offer = &read.offers[0];
    assert_eq!((offer.rome.len(), offer.formacode.len()), (1, 0));
    assert_eq!(
        offer.rncp.map(|code| code.to_string()).as_deref(),
        Some("RNCP653")
    );
    assert!(
        offer.certifying,
        "an offer with a certification certifies, unless it says otherwise"
    );
    let said = reasons(&read.remarks);
    assert!(said[0].contains("code-RNCP 474 left out"), "{said:?}");
    assert!(said[1].contains("code-ROME left out: \"13212\""), "{said:?}");
    assert!(said[2].contains("code-FORMACODE left out: \"4275\""), "{said:?}");
}

#[test]
fn numbers_that_a_spreadsheet_or_a_person_changed_are_read_as_what_they_were() {
    let certifications = "<certifiante>1</certifiante><certification><code-RNCP>RS 5616</code-RNCP></certification>\
                          <certification><code-RS>RNCP37859.0</code-RS></certification>";
    let read = changed(&[
        (
            "<SIRET>73000123400014</SIRET>",
            "<SIRET>730 001 234 00014.0</SIRET>",
        ),
        ("<code-INSEE-commune>14118</code-INSEE-commune>", ""),
        (
            "<codepostal>14000</codepostal>",
            "<codepostal>14 000.0</codepostal>",
        ),
        (
            "<code-FORMACODE>42752</code-FORMACODE>",
            "<code-FORMACODE>42752.0</code-FORMACODE>",
        ),
        ("<code-ROME>G1602</code-ROME>", "<code-ROME>g 1602</code-ROME>"),
        ("<debut>20270104</debut>", "<debut>20270104.0</debut>"),
        (
            "</periode>",
            "</periode><cycle><capacite-simultanee>12.0</capacite-simultanee></cycle>",
        ),
        ("<certifiante>0</certifiante>", certifications),
    ]);
    assert_eq!(reasons(&read.remarks), Vec::<String>::new());
    let (offer, session) = (&read.offers[0], &read.sessions[0]);
    assert_eq!(
        (offer.operator.to_string().as_str(), session.commune.as_str()),
        (OPERATOR, "14118")
    );
    assert_eq!((offer.rome.len(), offer.formacode.len()), (1, 1));
    assert_eq!(
        (session.from.to_string().as_str(), session.capacity),
        ("2027-01-04", Some(12))
    );
    let certification = (
        offer.rncp.map(|code| code.to_string()),
        offer.rs.map(|code| code.to_string()),
    );
    assert_eq!(
        certification,
        (Some("RNCP37859".to_owned()), Some("RS5616".to_owned()))
    );
}

#[test]
fn the_places_of_cycles_add_up_over_kinds_and_not_over_years() {
    let cycle = |kind, places| {
        format!(
            "<cycle><type-cycle>{kind}</type-cycle><capacite-simultanee>{places}</capacite-simultanee></cycle>"
        )
    };
    let of = |cycles: &[String]| {
        let read = changed(&[("</periode>", &format!("</periode>{}", cycles.concat()))]);
        (read.sessions[0].capacity, reasons(&read.remarks))
    };
    assert_eq!(of(&[cycle(0, 12)]), (Some(12), vec![]));
    assert_eq!(of(&[cycle(0, 12), cycle(0, 10)]), (Some(12), vec![]));
    let (places, remarks) = of(&[cycle(0, 12), cycle(1, 8), cycle(1, 9)]);
    assert_eq!(places, Some(21));
    assert!(
        remarks[0].ends_with("2 cycles: their places are added up"),
        "{remarks:?}"
    );
}

#[test]
fn what_is_said_and_in_no_event_is_counted_by_element() {
    let read = one(include_str!("complete.xml"));
    let counted: Vec<_> = read
        .not_taken
        .iter()
        .map(|(name, times)| format!("{name} {times}"))
        .collect();
    assert_eq!(
        counted,
        [
            "adresse-inscription 1",
            "capacite-cumulee 1",
            "code-CERTIFINFO 1",
            "code-NSF 1",
            "code-financeur 1",
            "code-public-vise 1",
            "extra 1",
            "geolocalisation 1",
            "ligne 1",
            "numero-activite 1",
            "parcours-de-formation 1",
            "resultats-attendus 1",
            "rythme-formation 1",
            "url-formation 1",
        ]
    );
}

#[test]
fn a_level_or_an_aim_that_is_in_no_table_is_remarked() {
    let of = |level: &str, aim: &str| {
        let said = format!(
            "<certifiante>1</certifiante><code-niveau-sortie>{level}</code-niveau-sortie>\
             <objectif-general-formation>{aim}</objectif-general-formation>"
        );
        reasons(&changed(&[("<certifiante>0</certifiante>", &said)]).remarks)
    };
    for level in (0..=8).chain(11..=18) {
        assert_eq!(of(&level.to_string(), "9"), Vec::<String>::new(), "{level}");
    }
    assert_eq!(of("9", "10").len(), 2);
}

#[test]
fn levels_and_aims_are_those_of_the_framework_whatever_table_they_are_of() {
    let of = |name: &str, code: u8| {
        let said = format!("<certifiante>1</certifiante><{name}>{code}</{name}>");
        changed(&[("<certifiante>0</certifiante>", &said)]).offers[0].clone()
    };
    let level = |code| of("code-niveau-sortie", code).level.map(Level::get);
    assert_eq!(
        [0, 1, 2, 3].map(level),
        [None; 4],
        "of before 2019, without one of today"
    );
    assert_eq!(
        [4, 5, 6, 7, 8].map(level),
        [3, 4, 5, 6, 7].map(Some),
        "a CAP is level 3"
    );
    assert_eq!([11, 13, 18].map(level), [1, 3, 8].map(Some));
    assert_eq!(of("code-niveau-entree", 13).entry_level.map(Level::get), Some(3));
    let aim = |code| of("objectif-general-formation", code).aim;
    assert_eq!(
        [6, 9, 1].map(aim),
        [Some(Aim::Certification), Some(Aim::Mobilisation), None]
    );
}

#[test]
fn a_formation_certifies_if_it_says_so_or_its_aim_or_a_certification_does() {
    let certifies =
        |instead: &str| changed(&[("<certifiante>0</certifiante>", instead)]).offers[0].certifying;
    let aim = |code| format!("<objectif-general-formation>{code}</objectif-general-formation>");
    assert!(certifies("<certifiante>1</certifiante>"));
    assert!(certifies(&aim(6)));
    for other in [1, 2, 3, 4, 5, 7, 8, 9] {
        assert!(!certifies(&aim(other)), "{other}");
    }
    assert!(certifies(
        "<certification><code-CERTIFINFO>84561</code-CERTIFINFO></certification>"
    ));
    assert!(!certifies(
        "<certification><code-CERTIFINFO>-1</code-CERTIFINFO></certification>"
    ));
    assert!(!certifies(&format!("<certifiante>0</certifiante>{}", aim(6))));
}
