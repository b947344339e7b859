//! Documents of sessions that no database has: how they are built, and what an import makes of them.

mod structure;

use chrono::{DateTime, Utc};
use parcours_import::lheo::{Catalogue, Formation};
use parcours_model::codes::{Commune, Level, Minutes};
use parcours_model::geography;
use parcours_projections::catalogue::{Held, Listed, OfferCard, OperatorCard, PlaceCard, Places};
use proptest::prelude::*;
use uuid::Uuid;

use super::sheet::Sheet;
use structure::{Element, must_be_valid, read};

fn now() -> DateTime<Utc> {
    "2026-11-28T12:00:00Z".parse().unwrap()
}

fn offer(number: u128) -> OfferCard {
    OfferCard {
        offer: Uuid::from_u128(number),
        title: "Vendre et conseiller".to_owned(),
        objective: "Devenir vendeur".to_owned(),
        rome: vec!["D1402".to_owned()],
        rncp: Some("RNCP34126".to_owned()),
        rs: None,
        formacode: vec!["34582".to_owned()],
        certifying: true,
        aim: Some("certification".to_owned()),
        level: Some(4),
        entry_level: None,
        minutes: 25_200,
        mode: "on_site".to_owned(),
    }
}

fn held(session: u128, offer: OfferCard, commune: &str) -> Held {
    let operator = OperatorCard {
        siret: "73000123400014".to_owned(),
        name: Some("École des fourneaux".to_owned()),
        commune: Some("14118".to_owned()),
        qualiopi_until: None,
    };
    let commune = PlaceCard {
        code: commune.to_owned(),
        name: "",
        epci: None,
        departement: None,
        region: None,
    };
    let listed = Listed {
        session: Uuid::from_u128(session),
        offer: Some(offer),
        operator: Some(operator),
        commune,
        distance_km: None,
        from: "2026-09-01".parse().unwrap(),
        to: "2027-06-30".parse().unwrap(),
        entry: "fixed".to_owned(),
        enrol_until: None,
        open: true,
        places: Places {
            capacity: 12,
            taken: 0,
            waiting: 0,
            offered: 0,
            left: 12,
        },
        results: Default::default(),
        reviews: Default::default(),
    };
    Held {
        listed,
        operator: Some(Uuid::from_u128(7)),
    }
}

fn document(sessions: &[Held]) -> Vec<u8> {
    let mut sheet = Sheet::begin(now());
    sessions.iter().for_each(|held| sheet.add(held));
    sheet.end();
    sheet.take()
}

fn imported(document: Vec<u8>) -> Vec<Formation> {
    let catalogue = Catalogue::open(std::io::Cursor::new(document), now()).unwrap();
    catalogue.collect::<Result<_, _>>().unwrap()
}

fn formations(document: &[u8]) -> Vec<Element> {
    let mut root = read(document);
    must_be_valid(&root);
    assert_eq!(root.attributes["xmlns"], "http://lheo.gouv.fr/2.3");
    root.children.remove(0).children
}

#[test]
fn sessions_of_one_training_are_one_formation_with_an_action_for_each_place_and_way_of_entry() {
    let mut permanent = held(3, offer(1), "14118");
    permanent.listed.entry = "permanent".to_owned();
    let document = document(&[
        held(1, offer(1), "14118"),
        held(2, offer(1), "14118"),
        permanent,
        held(4, offer(1), "76540"),
        held(5, offer(2), "76540"),
    ]);
    let formations = formations(&document);
    let sessions = |formation: &Element| -> Vec<usize> {
        let actions = formation.children.iter().filter(|child| child.name == "action");
        let counted = actions.map(|action| {
            action
                .children
                .iter()
                .filter(|child| child.name == "session")
                .count()
        });
        counted.collect()
    };
    let actions: Vec<_> = formations.iter().map(sessions).collect();
    assert_eq!(actions, [vec![2, 1, 1], vec![1]]);
    let read = imported(document);
    assert_eq!(
        read.iter()
            .map(|formation| formation.offers.len())
            .collect::<Vec<_>>(),
        [1, 1]
    );
    assert!(
        read.iter()
            .all(|formation| formation.refusals.is_empty() && formation.remarks.is_empty())
    );
}

#[test]
fn what_the_log_does_not_know_is_said_as_lheo_says_so() {
    let mut silent = held(1, offer(1), "14118");
    silent.operator = None;
    let card = silent.listed.operator.as_mut().unwrap();
    (card.name, card.commune) = (None, None);
    let offer = silent.listed.offer.as_mut().unwrap();
    (offer.objective, offer.minutes) = (String::new(), 0);
    (offer.aim, offer.level, offer.rncp) = (None, None, None);
    let document = document(&[silent]);
    let formation = formations(&document).remove(0);
    let text = |name: &str| {
        let found = formation.children.iter().find(|child| child.name == name);
        found.map(|child| child.text.clone())
    };
    assert_eq!(text("objectif-formation").as_deref(), Some("-"));
    assert_eq!(text("code-niveau-entree").as_deref(), Some("0"));
    assert_eq!(
        (text("objectif-general-formation"), text("certification")),
        (None, None)
    );
    let read = imported(document).remove(0);
    assert_eq!((&read.operator, read.refusals.len()), (&None, 0));
    assert_eq!((read.offers[0].minutes, &*read.offers[0].objective), (None, ""));
}

#[test]
fn a_session_that_is_full_is_said_to_be_and_stays_open_for_who_imports_it() {
    let mut full = held(1, offer(1), "14118");
    (full.listed.open, full.listed.places.left) = (false, 0);
    let document = document(&[full]);
    assert!(String::from_utf8_lossy(&document).contains("<etat-recrutement>2</etat-recrutement>"));
    assert!(!imported(document)[0].sessions[0].closed);
}

/// Of a region, and those that have no postcode.
#[test]
fn communes_are_found_again_by_their_addresses() {
    let communes = geography::communes()
        .iter()
        .filter(|commune| commune.region == "28" || geography::postcode_of(commune.code).is_none());
    let sessions: Vec<Held> = communes
        .zip(1..)
        .map(|(commune, number)| held(number, offer(number), commune.code))
        .collect();
    assert!(sessions.len() > 2_600);
    for (held, read) in sessions.iter().zip(imported(document(&sessions))) {
        let commune: Vec<String> = read
            .sessions
            .iter()
            .map(|session| session.commune.to_string())
            .collect();
        assert_eq!(
            commune,
            [held.listed.commune.code.as_str()],
            "{:?}",
            read.refusals
        );
    }
}

fn text(longest: usize) -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zé ]{0,9}",
        "[<>&;\"'\n\r\t -]{0,3}",
        Just("<p>".to_owned()),
        Just("&amp;".to_owned()),
        Just("]]>".to_owned()),
        Just("\u{a0}".to_owned()),
    ];
    prop::collection::vec(part, 0..longest / 9).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_offer_is_a_valid_formation_and_comes_back_as_it_was(
        title in text(400).prop_map(|text| format!("{text}.")),
        objective in text(7_000),
        name in text(400).prop_map(|text| format!("{text}.")),
        rome in prop::collection::vec(prop::sample::select(vec!["D1402", "D1403", "G1602", "G1603", "K1304", "N4105"]), 0..8),
        level in prop::option::of(0..9_i64),
        entry_level in prop::option::of(0..9_i64),
        minutes in 0..300_000_i64,
    ) {
        let mut held = held(1, offer(1), "14118");
        held.listed.operator.as_mut().unwrap().name = Some(name.clone());
        let rome: Vec<String> = rome.into_iter().map(str::to_owned).collect();
        held.listed.offer = Some(OfferCard { title, objective, rome, level, entry_level, minutes, ..offer(1) });
        let document = document(std::slice::from_ref(&held));
        formations(&document);
        let read = imported(document).remove(0);
        prop_assert!(read.refusals.is_empty() && read.remarks.is_empty(), "{:?} {:?}", read.refusals, read.remarks);
        let (was, is) = (held.listed.offer.unwrap(), &read.offers[0]);
        prop_assert_eq!((is.key, &is.title, &is.objective), (was.offer, &was.title, &was.objective));
        prop_assert_eq!(is.rome.iter().map(ToString::to_string).collect::<Vec<_>>(), was.rome);
        let number = |level: Option<Level>| level.map(|level| i64::from(level.get()));
        prop_assert_eq!((number(is.level), number(is.entry_level)), (was.level, was.entry_level));
        prop_assert_eq!(i64::from(is.minutes.map_or(0, Minutes::get)), was.minutes);
        let operator = read.operator.unwrap();
        prop_assert_eq!((operator.key, operator.name), (Uuid::from_u128(7), name));
        let session = &read.sessions[0];
        prop_assert_eq!((session.key, session.capacity, session.from), (Uuid::from_u128(1), Some(12), held.listed.from));
        prop_assert_eq!(session.commune, "14118".parse::<Commune>().unwrap());
    }
}
