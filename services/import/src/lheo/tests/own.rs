//! Formations that Parcours wrote. What `services/export` writes is read again in its own tests.

use super::log::Log;
use super::*;
use parcours_model::codes::{Level, Minutes};

const OFFER: &str = "0190b7a4-6a3e-7cc0-9d2e-000000000001";
const SESSION: &str = "0190b7a4-6a3e-7cc0-9d2e-000000000002";
const BODY: &str = "0190b7a4-6a3e-7cc0-9d2e-000000000003";

/// A formation of ours, `change`d.
fn own_xml(change: &[(&str, &str)]) -> String {
    let (offer, session, body) = (
        format!("'offer/{OFFER}'"),
        format!("'session/{SESSION}'"),
        format!("<organisme-formation-responsable numero='operator/{BODY}'>"),
    );
    let numbered = [
        ("'F1'", offer.as_str()),
        (" numero='A1'", ""),
        ("'S1'", &session),
        ("<organisme-formation-responsable>", &body),
    ];
    changed_xml(&[&numbered[..], change].concat())
}

#[test]
fn streams_are_those_that_the_numbers_name() {
    let read = one(&own_xml(&[]));
    assert_eq!(
        [
            read.offers[0].key,
            read.sessions[0].key,
            read.operator.unwrap().key
        ]
        .map(|key| key.to_string()),
        [OFFER, SESSION, BODY]
    );
    assert_eq!(read.named[0].to_string(), SESSION);
    assert_eq!((read.not_taken.len(), read.remarks.len()), (0, 0));
}

#[test]
fn a_session_that_somebody_added_is_made_and_goes_by_its_own_number() {
    let second = "<session numero='S2'><periode><debut>20270301</debut><fin>20270625</fin></periode>\
                  <adresse-inscription><adresse/></adresse-inscription></session><nombre-heures-total>";
    let xml = own_xml(&[("<nombre-heures-total>", second)]);
    let mut log = Log::default();
    let (added, _) = log.import_all(&xml);
    assert_eq!(
        added,
        [
            "operator.registered.v1",
            "offer.published.v1",
            "session.opened.v1",
            "session.opened.v1"
        ]
    );
    let (added, left) = log.import_all(&xml);
    assert_eq!((added.len(), left.len()), (0, 0));
}

#[test]
fn a_body_without_a_number_is_not_registered() {
    let read = one(&own_xml(&[(&format!(" numero='operator/{BODY}'"), "")]));
    assert_eq!((read.operator, read.refusals.len()), (None, 0));
}

#[test]
fn exact_values_count_and_what_is_none_is_remarked() {
    let beside = |json: &str| {
        let extra = format!("<extras><extra info='parcours'>{json}</extra></extras></formation>");
        one(&own_xml(&[("</formation>", &extra)]))
    };
    let read = beside(r#"{"title": "Commis  &amp;amp; chef", "minutes": 25201, "entry_level": 0}"#);
    let offer = &read.offers[0];
    assert_eq!(
        (
            &*offer.title,
            offer.minutes.map(Minutes::get),
            offer.entry_level.map(Level::get)
        ),
        ("Commis  &amp; chef", Some(25_201), Some(0))
    );
    let read = beside(r#"{"minute": 25201}"#);
    assert_eq!(read.offers[0].minutes.map(Minutes::get), Some(25_200));
    let said = reasons(&read.remarks);
    assert!(
        said[0].contains("extra \"parcours\" left out") && said[0].contains("minute"),
        "{said:?}"
    );
}

#[test]
fn numbers_of_others_are_numbers_as_ever() {
    let numbered = "numero='urn:uuid:0190b7a4-6a3e-7cc0-9d2e-000000000001'";
    let read = changed(&[("numero='F1'", numbered)]);
    assert_ne!(read.offers[0].key.to_string(), OFFER);
    // A session that calls itself one of ours, in a formation that does not.
    let read = changed(&[("'S1'", &format!("'session/{SESSION}'"))]);
    assert_ne!(read.sessions[0].key.to_string(), SESSION);
}
