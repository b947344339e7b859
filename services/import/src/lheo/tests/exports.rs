//! The next export of a catalogue, in which things go by other names, or are gone; and formations written more than once.

use parcours_model::StreamId;
use parcours_model::streams::{Fact, StreamKind, offer, session};

use super::log::{Log, options};
use super::*;
use crate::lheo::{Left, Seen, additions};

const NEW: [&str; 3] = [
    "operator.registered.v1",
    "offer.published.v1",
    "session.opened.v1",
];

/// The formation with a session of these months of 2027.
fn held(session: &str, from: u32, to: u32) -> String {
    changed_xml(&[
        ("<session numero='S1'>", session),
        ("20270104", &format!("2027{from:02}04")),
        ("20270625", &format!("2027{to:02}25")),
    ])
}

#[test]
fn a_formation_that_is_written_once_for_each_session_has_them_all() {
    for session in ["<session numero='S1'>", "<session>"] {
        let copies = [held(session, 1, 2), held(session, 3, 4), held(session, 5, 6)].concat();
        let mut log = Log::default();
        let (added, left) = log.import_all(&copies);
        assert_eq!(added, [&NEW[..], &NEW[2..], &NEW[2..]].concat(), "{session}");
        assert_eq!(left, []);
        let (again, left) = log.import_all(&copies);
        assert_eq!((again, left), (vec![], vec![]), "{session}");
        let other_order = [held(session, 5, 6), held(session, 1, 2), held(session, 3, 4)].concat();
        assert_eq!(log.import_all(&other_order), (vec![], vec![]), "{session}");
    }
    let numbered = [
        held("<session numero='S1'>", 1, 2),
        held("<session numero='S2'>", 3, 4),
    ]
    .concat();
    let read = Log::default().read(&numbered);
    assert_eq!(reasons(&read[1].refusals), Vec::<String>::new());
    assert_eq!(
        reasons(&read[1].remarks),
        ["line 21, formation F1: goes on from line 1: 1 session is added"]
    );
}

#[test]
fn actions_that_are_written_apart_are_added() {
    let second = changed_xml(&[("action numero='A1'", "action numero='A2'")]);
    let mut log = Log::default();
    let (added, _) = log.import_all(&[changed_xml(&[]), second].concat());
    assert_eq!(added, [&NEW[..], &NEW[1..]].concat());
}

#[test]
fn of_two_descriptions_of_one_formation_the_first_counts_at_each_import() {
    let other = held("<session numero='S2'>", 3, 4).replace("Commis de cuisine", "COMMIS");
    let both = [changed_xml(&[]), other].concat();
    let mut log = Log::default();
    assert_eq!(log.import_all(&both).0, [&NEW[..], &NEW[2..]].concat());
    assert_eq!(log.import_all(&both).0, Vec::<&str>::new());
    let remarks = reasons(&log.read(&both)[1].remarks);
    assert!(
        remarks[0].ends_with("described otherwise on line 1: that description counts"),
        "{remarks:?}"
    );
}

#[test]
fn an_action_without_a_number_keeps_its_name_when_another_comes_before_it() {
    let action = |session: &str, hours: u32| {
        let xml = changed_xml(&[("S1", session), ("420", &hours.to_string()), (" numero='A1'", "")]);
        let begin = xml.find("<action").unwrap();
        xml[begin..xml.find("<organisme-formation-responsable").unwrap()].to_owned()
    };
    let formation = |actions: &[String]| {
        let xml = changed_xml(&[]);
        let (begin, end) = (
            xml.find("<action").unwrap(),
            xml.find("<organisme-formation-responsable").unwrap(),
        );
        format!("{}{}{}", &xml[..begin], actions.concat(), &xml[end..])
    };
    let (first, second, new) = (action("S1", 420), action("S2", 210), action("S3", 70));
    let mut log = Log::default();
    log.import_all(&formation(&[first.clone(), second.clone()]));
    let (added, left) = log.import_all(&formation(&[new, second.clone(), first]));
    assert_eq!(added, NEW[1..], "the new one alone");
    assert_eq!(left, []);
    assert_eq!(log.import_all(&formation(&[second])).0, Vec::<&str>::new());
}

#[test]
fn another_establishment_of_the_same_company_goes_on_with_what_was() {
    let mut log = Log::default();
    let before = changed(&[]);
    log.import(&before);
    let (added, left) = log.import_all(&changed_xml(&[(OPERATOR, "73000123400022")]));
    assert_eq!(added, ["operator.registered.v1", "offer.revised.v1"]);
    assert_eq!(left, []);
    let offer = StreamId::new(StreamKind::Offer, before.offers[0].key);
    let Fact::Offer(offer::Fact::Revised(offer)) = log.last(offer) else {
        panic!()
    };
    assert_eq!(offer.operator.to_string(), "73000123400022");
}

#[test]
fn another_company_with_the_same_formation_is_told_beside_the_one_that_left() {
    let mut log = Log::default();
    log.import_all(&changed_xml(&[]));
    let mut seen = Seen::default();
    for formation in log.read(&changed_xml(&[(OPERATOR, "19290076900014")])) {
        seen.add(&formation, &additions(&formation, &|_| None, &options()));
    }
    let left = seen.left(&log.known, as_of().date_naive(), false);
    assert_eq!(left.len(), 1);
    assert_eq!(
        (formation(&left[0]), left[0].operator.to_string().as_str()),
        (Some("F1"), OPERATOR)
    );
}

#[test]
fn a_formation_without_a_number_is_known_by_those_of_its_parts_whatever_its_title() {
    let titled = |title: &str| changed_xml(&[(" numero='F1'", ""), ("Commis de cuisine", title)]);
    let mut log = Log::default();
    assert_eq!(log.import_all(&titled("Commis de cuisine")).0, NEW);
    let (added, left) = log.import_all(&titled("Commis"));
    assert_eq!((added, left), (vec!["offer.revised.v1"], vec![]));
}

fn formation(left: &Left) -> Option<&str> {
    left.likely.as_ref().map(|likely| likely.formation.as_str())
}

#[test]
fn a_session_that_left_is_told_with_the_most_alike_of_its_own_formation() {
    let second = "<session numero='S2'><periode><debut>20270701</debut><fin>20271201</fin></periode><adresse-inscription><adresse><codepostal>76000</codepostal><ville>Rouen</ville></adresse></adresse-inscription></session></action>";
    let renumbered = |first: &str, other: &str| {
        changed_xml(&[
            ("</action>", &second.replace("S2", other)),
            ("<session numero='S1'", &format!("<session numero='{first}'")),
        ])
    };
    let mut log = Log::default();
    log.import_all(&renumbered("S1", "S2"));
    let (_, left) = log.import_all(&renumbered("S8", "S9"));
    let mut likely: Vec<_> = left
        .iter()
        .filter_map(|left| Some((left.from.to_string(), left.likely.as_ref()?.session.as_str())))
        .collect();
    likely.sort();
    let (first, second) = (&likely[0], &likely[1]);
    assert_ne!(first.1, second.1, "{likely:?}");
    assert_eq!(second, &("2027-07-01".to_owned(), "S9"));
}

#[test]
fn a_session_that_left_is_told_with_the_one_that_is_likely_the_same() {
    let mut log = Log::default();
    log.import_all(
        &[
            changed_xml(&[]),
            changed_xml(&[("'F1'", "'F2'"), ("Caen", "Caen")]),
        ]
        .concat(),
    );
    let renamed = changed_xml(&[("'F1'", "'F9'")]);
    let (added, left) = log.import_all(&renamed);
    assert_eq!(added, NEW[1..]);
    assert_eq!(left.len(), 2);
    assert!(
        left.iter()
            .all(|left| formation(left) == Some("F9") && left.title == "Commis de cuisine")
    );
    let (_, left) = log.import_all(&renamed);
    assert_eq!(left.len(), 2, "told until they are withdrawn");
}

#[test]
fn what_has_begun_or_is_over_or_could_not_be_read_has_not_left() {
    let mut log = Log::default();
    log.import_all(
        &[
            held("<session numero='S1'>", 1, 2),
            held("<session numero='S2'>", 3, 4),
        ]
        .concat(),
    );
    let begun = changed_xml(&[("'F1'", "'F2'"), ("20270104", "20261004")]);
    log.import_all(
        &[
            held("<session numero='S1'>", 1, 2),
            held("<session numero='S2'>", 3, 4),
            begun,
        ]
        .concat(),
    );
    let refused = held("<session numero='S1'>", 1, 2).replace("<fin>20270225</fin>", "<fin>?</fin>");
    let (_, left) = log.import_all(&refused);
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0].from.to_string(), "2027-03-04");
    let (_, left) = log.import_all(&changed_xml(&[("Commis de cuisine", "")]));
    assert_eq!(left, [], "a formation that could not be read is still listed");
}

#[test]
fn a_session_that_is_withdrawn_is_cancelled_and_one_that_comes_back_is_another() {
    let mut log = Log::default();
    let (one, two) = (
        held("<session numero='S1'>", 1, 2),
        held("<session numero='S2'>", 3, 4),
    );
    let both = [one.clone(), two].concat();
    log.import_all(&both);
    let (_, left) = log.import_all(&one);
    let [left] = &left[..] else { panic!("{left:?}") };
    assert_eq!(log.withdraw(left), Some(("session.cancelled.v1", 0)));
    assert_eq!(log.withdraw(left), None);
    assert_eq!(log.import_all(&one), (vec![], vec![]));
    assert_eq!(log.import_all(&both), (vec!["session.opened.v1"], vec![]));
    assert_eq!(log.import_all(&both), (vec![], vec![]));
}

#[test]
fn a_session_in_which_somebody_holds_a_place_is_closed_and_not_cancelled() {
    let mut log = Log::default();
    let formation = changed(&[]);
    log.import(&formation);
    let stream = StreamId::new(StreamKind::Session, formation.sessions[0].key);
    let place = session::Place {
        parcours: uuid::Uuid::from_u128(7),
    };
    log.keep(stream, "2026-11-20T09:00:00Z", session::Fact::PlaceTaken(place));
    let (_, left) = log.import_all(&changed_xml(&[("'F1'", "'F2'"), ("'S1'", "'S9'")]));
    assert_eq!(log.withdraw(&left[0]), Some(("session.rescheduled.v1", 1)));
    let Fact::Session(session::Fact::Rescheduled(dates)) = log.last(stream) else {
        panic!()
    };
    assert_eq!(dates.enrol_until, "2026-11-23".parse().ok());
    assert_eq!(log.withdraw(&left[0]), None);
}
