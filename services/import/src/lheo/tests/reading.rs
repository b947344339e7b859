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
            "line 1, formation F1: SIRET-organisme-formation: \"73000123400015\" is not a SIRET: expected 14 digits with a valid key, such as 20005340300016",
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
fn sessions_and_actions_of_one_number_are_taken_apart_and_remarked() {
    let again = "</session><session numero='S1'><periode><debut>20270701</debut><fin>20271201</fin></periode></session>";
    let read = changed(&[("</session>", again)]);
    assert_eq!((read.sessions.len(), read.refusals.len()), (2, 0));
    let remarks = reasons(&read.remarks);
    assert!(
        remarks
            .iter()
            .any(|remark| remark
                .ends_with("that of line 10 has its number, too: told apart by dates and address")),
        "{remarks:?}"
    );
    assert_eq!(reasons(&changed(&[]).remarks).len(), remarks.len() - 1);
}

#[test]
fn an_entity_that_nobody_knows_stays_as_it_is_written_and_is_remarked() {
    let read = changed(&[(
        "Commis de cuisine",
        "Commis &agrave; la &societe; &amp; &societe; &#233;",
    )]);
    assert_eq!(read.offers[0].title, "Commis à la &societe; & &societe; é");
    let told: Vec<_> = reasons(&read.remarks)
        .into_iter()
        .filter(|remark| remark.contains("entity"))
        .collect();
    assert_eq!(
        told,
        [
            "line 1, formation F1: &societe; is an entity of the file's own, which is not read: it stays as it is written"
        ]
    );
    let local = std::env::current_dir().unwrap();
    let external = format!(
        "<!DOCTYPE lheo [ <!ENTITY societe SYSTEM 'file://{}/Cargo.toml'> ]><lheo>{}</lheo>",
        local.display(),
        changed_xml(&[("Commis de cuisine", "Commis &societe;")])
    );
    assert_eq!(super::read(&external)[0].offers[0].title, "Commis &societe;");
}
