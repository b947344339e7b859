//! Where sessions and operators are placed, by what the file says of it.

use super::*;

#[test]
fn a_session_without_its_dates_or_its_place_is_refused_and_its_offer_stands() {
    for (change, reason) in [
        (
            vec![("20270104", "00000000")],
            "periode/debut is unknown, and dates are fixed",
        ),
        (
            vec![("20270625", "99999999")],
            "periode/fin is unknown, and dates are fixed",
        ),
        (
            vec![("20270625", "20270230")],
            "periode/fin: \"20270230\" is not a date: expected AAAAMMJJ",
        ),
        (
            vec![("20270625", "20260625")],
            "periode ends (2026-06-25) before it begins (2027-01-04)",
        ),
        (
            vec![("<adresse>", "<adr>"), ("</adresse>", "</adr>")],
            "lieu-de-formation: it names no commune; neither adresse-inscription nor an address of the operator does",
        ),
    ] {
        let read = changed(&change);
        let session = read.refusals.iter().find(|note| note.session.is_some()).unwrap();
        assert_eq!(
            session.to_string(),
            format!("line 10, formation F1, action A1, session S1: {reason}")
        );
        assert_eq!((read.offers.len(), read.sessions.len()), (1, 0));
    }
}

#[test]
fn a_session_is_placed_by_the_next_best_address_and_it_is_said() {
    let lieu = "<code-INSEE-commune>14118</code-INSEE-commune>";
    let town = "<codepostal>14000</codepostal><ville>Caen</ville>";
    assert_eq!(changed(&[(lieu, "")]).sessions[0].commune.as_str(), "14118");
    assert_eq!(
        changed(&[
            (lieu, ""),
            (town, "<codepostal>14004</codepostal><ville>CAEN CEDEX 4</ville>")
        ])
        .sessions[0]
            .commune
            .as_str(),
        "14118"
    );

    let by_enrolment = changed(&[(lieu, ""), (town, "")]);
    assert_eq!(by_enrolment.sessions[0].commune.as_str(), "76540");
    assert_eq!(
        reasons(&by_enrolment.remarks),
        [
            "line 10, formation F1, action A1, session S1: lieu-de-formation: it names no commune; placed by adresse-inscription, in 76540"
        ]
    );
    let by_operator = changed(&[
        ("lieu-de-formation>", "lieu>"),
        ("<codepostal>76000</codepostal><ville>Rouen</ville>", ""),
    ]);
    assert_eq!(by_operator.sessions[0].commune.as_str(), "50502");
    assert!(
        by_operator.remarks[0]
            .reason
            .ends_with("placed by organisme-formation-responsable, in 50502")
    );
}

#[test]
fn another_address_stands_in_only_where_the_place_says_nothing_or_leaves_a_choice() {
    let code = "<code-INSEE-commune>14118</code-INSEE-commune>";
    let town = "<codepostal>14000</codepostal><ville>Caen</ville>";
    let abroad = changed(&[
        (code, ""),
        (
            town,
            "<codepostal>1000</codepostal><ville>Bruxelles</ville><pays>BE</pays>",
        ),
    ]);
    assert!(abroad.sessions.is_empty());
    assert_eq!(
        reasons(&abroad.refusals),
        ["line 10, formation F1, action A1, session S1: lieu-de-formation: pays \"BE\" is abroad"]
    );
    let several = (town, "<codepostal>14100</codepostal>");
    let enrolment = "<codepostal>76000</codepostal><ville>Rouen</ville>";
    assert!(changed(&[(code, ""), several]).sessions.is_empty());
    let lisieux = "<codepostal>14100</codepostal><ville>Lisieux</ville>";
    let chosen = changed(&[(code, ""), several, (enrolment, lisieux)]);
    assert_eq!(chosen.sessions[0].commune.as_str(), "14366");
    let retired = changed(&[
        (code, "<code-INSEE-commune>61325</code-INSEE-commune>"),
        (town, ""),
    ]);
    assert_eq!(retired.sessions[0].commune.as_str(), "61196");
    assert_eq!(
        reasons(&retired.remarks),
        [
            "line 6, formation F1, action A1: lieu-de-formation: code-INSEE-commune 61325 is no commune's any more: \
             taken as 61196 Belforêt-en-Perche"
        ]
    );
}

#[test]
fn an_operator_without_name_or_address_is_known_by_its_siret_and_placed_where_it_trains() {
    let name = "<nom-organisme>École des fourneaux</nom-organisme>";
    let trainer = "<organisme-formateur><SIRET-formateur><SIRET>730 001 234 00014</SIRET></SIRET-formateur>\
                   <raison-sociale-formateur>FOURNEAUX SAS</raison-sociale-formateur></organisme-formateur></action>";
    let read = changed(&[("École des fourneaux", "-"), ("<ville>Saint-Lô</ville>", "")]);
    let operator = read.operator.unwrap();
    assert_eq!(
        (operator.name.as_str(), operator.commune.as_str()),
        ("SIRET 73000123400014", "14118")
    );
    assert_eq!(read.remarks.len(), 2);
    let read = changed(&[(name, "<nom-organisme/><raison-sociale>FOURNEAUX</raison-sociale>")]);
    assert_eq!(read.operator.unwrap().name, "FOURNEAUX");
    let read = changed(&[(name, ""), ("</action>", trainer)]);
    assert_eq!(read.operator.unwrap().name, "FOURNEAUX SAS");
    let read = changed(&[
        ("<SIRET>73000123400014</SIRET>", "<SIRET>0</SIRET>"),
        ("</action>", trainer),
    ]);
    assert_eq!(read.offers[0].operator.to_string(), OPERATOR);
    assert!(
        read.remarks[0]
            .reason
            .ends_with("taken from SIRET-formateur, 73000123400014")
    );
}

#[test]
fn an_operator_that_cannot_be_placed_is_refused_once_and_its_offers_stand() {
    let nowhere = "<formation numero='N'><intitule-formation>Lire</intitule-formation><action/>\
                   <organisme-formation-responsable><SIRET-organisme-formation>73000123400014</SIRET-organisme-formation>\
                   </organisme-formation-responsable></formation>";
    let twice = format!("<lheo>{nowhere}{}</lheo>", nowhere.replace("'N'", "'M'"));
    let read = read(&twice);
    assert_eq!(
        reasons(&read[0].refusals),
        [
            "line 1, formation N: operator 73000123400014: no address of organisme-formation-responsable, nor any other, names a commune"
        ]
    );
    assert!(read[1].refusals.is_empty());
    assert_eq!(
        read.iter().map(|formation| formation.offers.len()).sum::<usize>(),
        2
    );
}
