//! Namespaces and encodings, as declared and as they are.

use super::*;

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
