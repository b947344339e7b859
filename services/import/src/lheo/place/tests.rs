use super::*;
use parcours_model::geography::CommuneRecord;

fn address(parts: &[(&str, &str)]) -> Element {
    let child = |(name, content): &(&str, &str)| Element {
        name: (*name).to_owned(),
        content: (*content).to_owned(),
        ..Element::default()
    };
    Element {
        children: parts.iter().map(child).collect(),
        ..Element::default()
    }
}

/// An address of a code, a postcode and a town; each may be empty.
fn found(code: &str, postcode: &str, town: &str) -> Result<Found, Unplaced> {
    Places::of_france().commune(&address(&[
        ("code-INSEE-commune", code),
        ("codepostal", postcode),
        ("ville", town),
    ]))
}

fn plain(code: &str, postcode: &str, town: &str) -> String {
    let found = found(code, postcode, town).unwrap();
    assert_eq!(found.remark, None, "{code}, {postcode}, {town}");
    found.commune.to_string()
}

fn remarked(code: &str, postcode: &str, town: &str) -> (String, String) {
    let found = found(code, postcode, town).unwrap();
    let remark = found
        .remark
        .unwrap_or_else(|| panic!("{code}, {postcode}, {town}: nothing is said"));
    assert!(
        remark.contains(&format!("taken as {}", found.commune)),
        "{remark}"
    );
    (found.commune.to_string(), remark)
}

fn doubt(code: &str, postcode: &str, town: &str) -> String {
    match found(code, postcode, town) {
        Err(Unplaced::Doubt { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_agrees_is_taken_without_a_word() {
    for (code, postcode, town, commune) in [
        ("14118", "14000", "Caen", "14118"),
        ("76351", "76600", "LE HAVRE", "76351"),
        ("1004", "01500", "Ambérieu-en-Bugey", "01004"),
        ("75115", "75015", "Paris 15e Arrondissement", "75115"),
        ("75115", "", "", "75115"),
        ("29233", "29391", "QUIMPERLÉ CEDEX", "29233"),
        ("61196", "61360", "La Perrière", "61196"),
        ("", "50010", "ST LO CEDEX 2", "50502"),
        ("", "50000", "Saint-Lô", "50502"),
        ("", "14000", "CAEN", "14118"),
        ("", "75015", "PARIS 15", "75056"),
        ("", "75015", "Paris 15e", "75056"),
        ("", "75015", "Paris 15e Arrondissement", "75056"),
        ("", "69003", "LYON 3EME", "69123"),
        ("", "20000", "Ajaccio", "2A004"),
        ("", "20200", "BASTIA CEDEX", "2B033"),
        ("", "97400", "SAINT DENIS", "97411"),
        ("", "", "76600 Le Havre", "76351"),
        ("", "76 600", "Havre", "76351"),
        ("", "1000.0", "Bourg en Bresse", "01053"),
    ] {
        assert_eq!(plain(code, postcode, town), commune, "{code}, {postcode}, {town}");
    }
}

#[test]
fn a_postcode_in_the_place_of_the_code_is_told_by_the_town() {
    for (code, postcode, town, commune) in [
        ("76600", "76600", "Le Havre", "76351"),
        ("76600", "", "Le Havre", "76351"),
        ("76600", "76600", "", "76351"),
        ("76610", "76600", "LE HAVRE", "76351"),
        ("14000", "14000", "Caen", "14118"),
        ("14000", "", "", "14118"),
        ("50100", "50100", "Cherbourg-en-Cotentin", "50129"),
    ] {
        assert_eq!(
            remarked(code, postcode, town).0,
            commune,
            "{code}, {postcode}, {town}"
        );
    }
    let (_, remark) = remarked("76600", "76600", "Le Havre");
    assert_eq!(
        remark,
        "code-INSEE-commune 76600 is that of Saint-Léonard, and a postcode: taken as 76351 Le Havre"
    );
}

#[test]
fn no_postcode_of_a_town_in_the_place_of_its_code_leads_to_another_town() {
    for record in geography::communes()
        .iter()
        .filter(|commune| commune.region == "28")
    {
        let own = (76_000..77_000)
            .chain(14_000..15_000)
            .chain(27_000..28_000)
            .chain(50_000..51_000)
            .chain(61_000..62_000)
            .map(|postcode: u32| postcode.to_string())
            .find(|postcode| geography::communes_of_postcode(postcode).contains(&record.code));
        let Some(postcode) = own else { continue };
        let found = found(&postcode, &postcode, record.name);
        assert_eq!(
            found.unwrap().commune.as_str(),
            record.code,
            "{postcode} {}",
            record.name
        );
    }
}

#[test]
fn codes_and_names_of_yesterday_lead_to_the_commune_of_today() {
    for (code, postcode, town, commune) in [
        ("61325", "61360", "La Perrière", "61196"),
        ("61325", "", "", "61196"),
        ("", "61360", "La Perrière", "61196"),
        ("14011", "", "", "14581"),
        ("", "50100", "Cherbourg-Octeville", "50129"),
        ("", "50100", "CHERBOURG", "50129"),
        ("", "50130", "Octeville", "50129"),
        ("", "14500", "Vire", "14762"),
        ("", "14503", "VIRE CEDEX", "14762"),
        ("", "51000", "Châlons-sur-Marne", "51108"),
    ] {
        assert_eq!(
            remarked(code, postcode, town).0,
            commune,
            "{code}, {postcode}, {town}"
        );
    }
}

#[test]
fn two_that_agree_outweigh_a_third() {
    for (code, postcode, town, commune) in [
        ("76540", "14000", "Caen", "14118"),
        ("14118", "76000", "Caen", "14118"),
        ("14118", "14000", "Quartier de la Pointe", "14118"),
        ("14118", "14000", "Lisieux", "14118"),
        ("76999", "76000", "ROUEN", "76540"),
        ("14118", "76037", "ROUEN CEDEX", "76540"),
    ] {
        assert_eq!(
            remarked(code, postcode, town).0,
            commune,
            "{code}, {postcode}, {town}"
        );
    }
}

#[test]
fn what_says_little_is_taken_where_it_leaves_one() {
    for (code, postcode, town, commune) in [
        ("", "76000", "", "76540"),
        ("", "76000", "Atlantis", "76540"),
        ("", "", "Rouen", "76540"),
        ("", "14000", "Hérouville-Saint-Clair", "14327"),
        ("", "76800", "SAINT ETIENNE DU ROUVRAY - TECHNOPOLE", "76575"),
    ] {
        assert_eq!(
            remarked(code, postcode, town).0,
            commune,
            "{code}, {postcode}, {town}"
        );
    }
}

#[test]
fn what_leaves_several_or_none_is_in_doubt_and_says_why() {
    for (code, postcode, town, said) in [
        ("", "14100", "", "several communes, and nothing tells which"),
        ("", "", "Saint-Denis", "comes without codepostal"),
        ("", "76037", "Caen", "no commune of the département"),
        ("", "", "Atlantis", "is no commune's name"),
        ("76999", "", "", "\"76999\" is no commune's"),
        ("", "99999", "", "\"99999\" is no commune's"),
    ] {
        let reason = doubt(code, postcode, town);
        assert!(reason.contains(said), "{reason}");
    }
    assert_eq!(found("", "", ""), Err(Unplaced::Silent));
    assert_eq!(found("-", "", "-"), Err(Unplaced::Silent));
}

#[test]
fn an_address_abroad_is_in_no_commune() {
    let abroad = |country| {
        let parts = [("codepostal", "1000"), ("ville", "Bruxelles"), ("pays", country)];
        Places::of_france().commune(&address(&parts))
    };
    for country in ["BE", "Belgique"] {
        let Err(Unplaced::Doubt { reason, .. }) = abroad(country) else {
            panic!("{country}")
        };
        assert!(reason.contains("abroad"), "{reason}");
    }
    for country in ["FR", "France", "RE", "La Réunion", "100"] {
        assert!(!is_abroad(country), "{country}");
    }
}

#[test]
fn two_communes_of_one_name_leave_doubt() {
    let named = |code: &'static str| CommuneRecord {
        code,
        name: "Le Mesnil",
        ..*geography::commune("14118").unwrap()
    };
    let communes = Box::leak(Box::new([named("14118"), named("14366")]));
    let places = Places(Box::leak(Box::new(Names::new(communes, &[]))));
    let Err(Unplaced::Doubt { reason, candidates }) =
        places.commune(&address(&[("ville", "Le Mesnil"), ("codepostal", "14700")]))
    else {
        panic!("it is known which")
    };
    assert!(reason.contains("several communes"), "{reason}");
    assert_eq!(candidates.len(), 2);
}
