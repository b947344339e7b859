//! What is read of whole catalogues.

use parcours_model::codes::Minutes;

use super::*;

#[test]
fn a_formation_gives_its_operator_its_offers_and_their_sessions() {
    let read = one(include_str!("complete.xml"));
    assert_eq!(reasons(&read.refusals), Vec::<String>::new());
    assert_eq!(reasons(&read.remarks), Vec::<String>::new());
    let operator = read.operator.unwrap();
    assert_eq!(
        (
            operator.siret.to_string().as_str(),
            operator.name.as_str(),
            operator.commune.as_str()
        ),
        (OPERATOR, "École des fourneaux", "50502")
    );
    let [on_site, mixed] = &read.offers[..] else {
        panic!("{:?}", read.offers)
    };
    assert_eq!(on_site.title, "Commis de cuisine : produits de la mer");
    assert_eq!(
        on_site.objective,
        "Préparer :\n- poissons & coquillages,\n- sauces."
    );
    assert_eq!(
        on_site.rome.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["G1602", "G1604"]
    );
    assert_eq!(
        on_site
            .formacode
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>(),
        ["42752", "21547"]
    );
    assert_eq!(
        on_site.rncp.map(|code| code.to_string()).as_deref(),
        Some("RNCP37859")
    );
    assert_eq!(on_site.rs.map(|code| code.to_string()).as_deref(), Some("RS5550"));
    assert!(on_site.certifying);
    assert_eq!(on_site.minutes.map(Minutes::get), Some(25_200));
    assert_eq!(mixed.minutes.map(Minutes::get), Some(12_600));
    let modes: Vec<_> = read
        .offers
        .iter()
        .map(|offer| format!("{:?}", offer.mode))
        .collect();
    assert_eq!(modes, ["OnSite", "Mixed"]);
    assert_ne!(on_site.key, mixed.key);

    let said: Vec<_> = read
        .sessions
        .iter()
        .map(|session| {
            let dates = format!(
                "{} {} {:?}",
                session.from,
                session.to,
                session.enrol_until.map(|day| day.to_string())
            );
            (
                session.number.as_str(),
                session.commune.as_str(),
                dates,
                format!("{:?}", session.entry),
                session.capacity,
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (
                "S1",
                "14118",
                "2027-01-04 2027-06-25 Some(\"2026-12-11\")".to_owned(),
                "Fixed".to_owned(),
                Some(14)
            ),
            (
                "S2",
                "14118",
                "2027-09-01 2027-12-31 None".to_owned(),
                "Fixed".to_owned(),
                Some(8)
            ),
            (
                "S1",
                "76540",
                "2027-01-01 2027-12-31 None".to_owned(),
                "Permanent".to_owned(),
                Some(15)
            ),
        ]
    );
    assert_eq!(read.sessions[0].offer, on_site.key);
    assert_eq!(read.sessions[2].offer, mixed.key);
    assert_eq!(
        read.sessions[0].dated.updated.unwrap().to_rfc3339(),
        "2026-10-02T07:15:00+00:00"
    );
    assert_eq!(
        read.sessions[2].dated.created.unwrap().to_rfc3339(),
        "2026-02-28T23:00:00+00:00"
    );
}

#[test]
fn the_same_formation_is_read_the_same_in_every_namespace_and_encoding() {
    let formation = include_str!("complete.xml");
    let plain = one(formation);
    for namespace in [
        "http://www.lheo.org/2.0",
        "http://www.lheo.org/2.1",
        "http://www.lheo.org/2.3",
        "http://lheo.gouv.fr/2.3",
    ] {
        let read = &read(&format!(
            "<lheo xmlns='{namespace}'><offres>{formation}</offres></lheo>"
        ))[0];
        assert_eq!(
            (&read.offers, &read.sessions),
            (&plain.offers, &plain.sessions),
            "{namespace}"
        );
    }
    let latin =
        format!("<?xml version='1.0' encoding='ISO-8859-1'?><lheo><offres>{formation}</offres></lheo>");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    let marked = format!("\u{feff}<lheo><offres>{formation}</offres></lheo>").into_bytes();
    for bytes in [latin, marked] {
        let read = Catalogue::open(&bytes[..], as_of())
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        assert_eq!((&read.operator, &read.offers), (&plain.operator, &plain.offers));
    }
}

#[test]
fn a_formation_without_a_title_an_operator_or_an_action_is_refused_by_name() {
    for (change, reason) in [
        (
            ("Commis de cuisine", " - "),
            "line 1, formation F1: intitule-formation is empty or missing",
        ),
        (
            ("<intitule-formation>Commis de cuisine</intitule-formation>", ""),
            "line 1, formation F1: intitule-formation is empty or missing",
        ),
        (
            ("<SIRET>73000123400014</SIRET>", "<SIRET>73000123400015</SIRET>"),
            "line 1, formation F1: SIRET-organisme-formation: \"73000123400015\" is not a SIRET: expected 14 digits with a valid key",
        ),
        (
            ("<SIRET>73000123400014</SIRET>", "<SIRET/>"),
            "line 1, formation F1: SIRET-organisme-formation is empty",
        ),
        (
            ("organisme-formation-responsable>", "organisme>"),
            "line 1, formation F1: organisme-formation-responsable has no SIRET-organisme-formation",
        ),
        (
            ("action", "x-action"),
            "line 1, formation F1: it has no action: nothing says how and when it is given",
        ),
        (
            ("</periode>", "</date>"),
            "line 1, formation F1: it is not well-formed XML: line 11: </date> closes nothing",
        ),
    ] {
        let read = changed(&[change]);
        assert_eq!(reasons(&read.refusals), [reason]);
        assert!(read.offers.is_empty() && read.sessions.is_empty() && read.operator.is_none());
    }
    let untitled = one("<formation><action/></formation>");
    assert_eq!(
        reasons(&untitled.refusals),
        ["line 1, formation at line 1: intitule-formation is empty or missing"]
    );
}

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
fn a_session_that_is_entered_at_any_time_may_have_open_dates() {
    let permanent = ("<modalites-entrees-sorties>0", "<modalites-entrees-sorties>1");
    let period = "<periode><debut>20270104</debut><fin>20270625</fin></periode>";
    let dates = |change: &[(&str, &str)]| {
        let read = changed(&[&[permanent], change].concat());
        (
            read.sessions[0].from.to_string(),
            read.sessions[0].to.to_string(),
            read.remarks.len(),
        )
    };
    assert_eq!(dates(&[]), ("2027-01-04".into(), "2027-06-25".into(), 0));
    assert_eq!(
        dates(&[("20270625", "99999999")]),
        ("2027-01-04".into(), "2028-12-31".into(), 1)
    );
    assert_eq!(
        dates(&[(period, "")]),
        ("2026-11-24".into(), "2027-12-31".into(), 1)
    );
    let dated = (
        "<session numero='S1'>",
        "<session numero='S1' datecrea='20211001' datemaj='20251215'>",
    );
    assert_eq!(
        dates(&[(period, ""), dated]),
        ("2021-10-01".into(), "2026-12-31".into(), 1)
    );
    assert_eq!(
        dates(&[("20270104", "00000000"), dated]),
        ("2021-10-01".into(), "2027-06-25".into(), 1)
    );
}

#[test]
fn a_month_or_a_year_is_taken_whole() {
    let read = changed(&[("20270104", "20270900"), ("20270625", "20280000")]);
    assert_eq!(
        (read.sessions[0].from.to_string(), read.sessions[0].to.to_string()),
        ("2027-09-01".into(), "2028-12-31".into())
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
fn where_nobody_states_the_objective_the_results_the_content_or_the_title_do() {
    let objective = "<objectif-formation>Travailler en brigade</objectif-formation>";
    let of = |instead: &str| changed(&[(objective, instead)]).offers[0].objective.clone();
    assert_eq!(
        of("<objectif-formation>-</objectif-formation><resultats-attendus>CAP</resultats-attendus>"),
        "CAP"
    );
    assert_eq!(
        of(
            "<objectif-formation><p>&nbsp;</p></objectif-formation><contenu-formation>Sauces</contenu-formation>"
        ),
        "Sauces"
    );
    assert_eq!(of(""), "Commis de cuisine");
    let long = format!(
        "<objectif-formation>{}</objectif-formation>",
        "é".repeat(crate::lheo::LONGEST_OBJECTIVE + 1)
    );
    let read = changed(&[(objective, &long)]);
    assert_eq!(
        read.offers[0].objective.chars().count(),
        crate::lheo::LONGEST_OBJECTIVE
    );
    assert!(read.remarks[0].reason.starts_with("objectif-formation cut"));
}

#[test]
fn sessions_that_share_a_number_are_told_apart_by_their_dates() {
    let second = "</session><session numero='S1'><periode><debut>20270901</debut><fin>20271217</fin></periode></session>";
    let both = changed(&[("</session>", second)]);
    let numbers: Vec<_> = both
        .sessions
        .iter()
        .map(|session| session.number.as_str())
        .collect();
    assert_eq!(numbers, ["S1 20270104/20270625//76000", "S1 20270901/20271217//"]);
    let third = format!(
        "{second}<session numero='S1'><periode><debut>20270901</debut><fin>20271217</fin></periode></session>"
    );
    let read = changed(&[("</session>", &third)]);
    assert_eq!(
        read.sessions
            .iter()
            .map(|session| session.key)
            .collect::<Vec<_>>(),
        both.sessions
            .iter()
            .map(|session| session.key)
            .collect::<Vec<_>>()
    );
    assert!(
        read.refusals[0].reason.starts_with("it is given twice"),
        "{:?}",
        read.refusals
    );
}

#[test]
fn a_number_given_twice_in_a_catalogue_counts_once() {
    let formation = include_str!("complete.xml");
    let read = read(&format!("<lheo>{formation}{formation}</lheo>"));
    assert!(read[1].offers.is_empty() && read[1].sessions.is_empty());
    assert_eq!(
        read[1].refusals[0].reason,
        "line 1 has a formation of that number and operator already"
    );
}

#[test]
fn an_operator_comes_with_the_first_of_its_formations_only() {
    let formation = include_str!("complete.xml");
    let other = formation
        .replace("numero=\"CUIS-7\"", "numero=\"CUIS-8\"")
        .replace("École des fourneaux", "ECOLE FOURNEAUX");
    let read = read(&format!("<lheo>{formation}{other}</lheo>"));
    assert!(read[0].operator.is_some());
    assert!(read[1].operator.is_none());
    assert_eq!(read[1].offers.len(), 2);
}

#[test]
fn the_places_that_the_financers_pay_for_are_those_of_an_only_session() {
    let payers = "<organisme-financeur><nb-places-financees>10</nb-places-financees></organisme-financeur>\
                  <organisme-financeur><nb-places-financees>2</nb-places-financees></organisme-financeur></action>";
    assert_eq!(changed(&[("</action>", payers)]).sessions[0].capacity, Some(12));
    let second = "</session><session numero='S2'><periode><debut>20270901</debut><fin>20271217</fin></periode></session>";
    let read = changed(&[("</action>", payers), ("</session>", second)]);
    assert_eq!(
        read.sessions
            .iter()
            .map(|session| session.capacity)
            .collect::<Vec<_>>(),
        [None, None]
    );
}

#[test]
fn a_catalogue_for_the_personal_training_account_is_read_though_it_lacks_half_of_lheo() {
    let read = read(include_str!("account.xml"));
    assert_eq!(reasons(&read[0].refusals), Vec::<String>::new());
    let offer = &read[0].offers[0];
    assert_eq!(
        (offer.title.as_str(), offer.minutes.map(Minutes::get)),
        ("Anglais professionnel", Some(1_200))
    );
    assert_eq!(offer.rs.map(|code| code.to_string()).as_deref(), Some("RS6438"));
    assert!(offer.certifying && offer.rome.is_empty());
    let session = &read[0].sessions[0];
    assert_eq!(
        (
            session.commune.as_str(),
            session.from.to_string(),
            session.to.to_string()
        ),
        ("14118", "2025-09-01".to_owned(), "2027-12-31".to_owned())
    );
    assert_eq!(read[0].operator.as_ref().unwrap().commune.as_str(), "14118");
}

#[test]
fn a_file_that_is_not_in_the_encoding_it_says_is_read_as_what_it_is() {
    let says = |encoding: &str| {
        format!(
            "<?xml version='1.0' encoding='{encoding}'?><lheo>{}</lheo>",
            changed_xml(&[])
        )
    };
    let latin: Vec<u8> = says("UTF-8")
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    for (bytes, remark) in [
        (says("UTF-8").into_bytes(), None),
        (
            latin,
            Some("line 1, formation F1: the file is not in UTF-8: read as windows-1252"),
        ),
        (
            says("ISO-8859-1").into_bytes(),
            Some("line 1, formation F1: the file says windows-1252, and is in UTF-8: read as UTF-8"),
        ),
    ] {
        let read = Catalogue::open(&bytes[..], as_of())
            .unwrap()
            .next()
            .unwrap()
            .unwrap();
        assert_eq!(read.operator.unwrap().name, "École des fourneaux");
        assert_eq!(read.sessions.len(), 1);
        assert_eq!(reasons(&read.remarks), remark.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn characters_that_were_lost_before_are_remarked() {
    let read = changed(&[("Commis de cuisine", "Commis d\u{fffd}coupe")]);
    assert!(read.remarks[0].reason.contains("lost"), "{:?}", read.remarks);
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
            "code-niveau-entree 1",
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
