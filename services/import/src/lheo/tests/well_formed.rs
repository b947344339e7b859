//! Files that are XML, or nearly.

use std::io::{self, Read};

use crate::lheo::reader::{Formations, Raw};
use crate::lheo::unreadable::Unreadable;

fn read(xml: &str) -> (Vec<Raw>, Option<Unreadable>) {
    let mut formations = Formations::new(xml.as_bytes()).unwrap();
    let mut read = Vec::new();
    for formation in &mut formations {
        match formation {
            Ok(raw) => read.push(raw),
            Err(error) => return (read, Some(error)),
        }
    }
    (read, None)
}

fn titles(read: &[Raw]) -> Vec<Option<String>> {
    read.iter()
        .map(|raw| raw.element.title_of("intitule-formation"))
        .collect()
}

#[test]
fn every_namespace_of_lheo_is_read_and_so_is_none() {
    for namespace in [
        "",
        " xmlns=''",
        " xmlns='http://www.lheo.org/1.3'",
        " xmlns='https://LHEO.gouv.fr/3.0'",
        " xmlns='urn:lheo'",
        " xmlns='http://www.lheo.org/2.0'",
        " xmlns='http://www.lheo.org/2.1'",
        " xmlns='http://www.lheo.org/2.2'",
        " xmlns='http://www.lheo.org/2.3'",
        " xmlns='http://lheo.gouv.fr/2.3'",
        " xmlns='https://www.of.moncompteformation.gouv.fr'",
    ] {
        let xml = format!(
            "<lheo{namespace}><offres><formation numero='1'/><formation numero='2'/></offres></lheo>"
        );
        let (read, error) = read(&xml);
        assert_eq!((read.len(), error.is_none()), (2, true), "{namespace}");
    }
    let prefixed = "<l:lheo-plus xmlns:l='http://www.lheo.org/2.2'><l:lheo><l:offres><l:formation>\
                    <l:intitule-formation>Soudure</l:intitule-formation></l:formation></l:offres></l:lheo></l:lheo-plus>";
    assert_eq!(titles(&read(prefixed).0), [Some("Soudure".to_owned())]);
    for changing in [
        "<lheo><offres xmlns='http://www.lheo.org/2.2'><formation><intitule-formation>Soudure</intitule-formation></formation></offres></lheo>",
        "<lheo xmlns='http://lheo.gouv.fr/2.3'><offres><formation xmlns=''><intitule-formation>Soudure</intitule-formation></formation></offres></lheo>",
        "<l:lheo xmlns:l='http://www.lheo.org/2.2'><offres><formation><l:intitule-formation>Soudure</l:intitule-formation></formation></offres></l:lheo>",
        "<lheo xmlns='http://www.lheo.org/2.2' xmlns:v='http://lheo.gouv.fr/2.3'><v:offres><v:formation><v:intitule-formation>Soudure</v:intitule-formation></v:formation></v:offres></lheo>",
    ] {
        assert_eq!(
            titles(&read(changing).0),
            [Some("Soudure".to_owned())],
            "{changing}"
        );
    }
}

#[test]
fn what_is_no_catalogue_is_refused_with_what_was_found() {
    for (xml, found) in [
        ("<catalogue/>", "<catalogue>"),
        (
            "<lheo xmlns='http://example.org/offers'/>",
            "http://example.org/offers",
        ),
        (
            "<lheo><offres><x:formation xmlns:x='urn:x'/></offres></lheo>",
            "elements of the namespace urn:x are passed over",
        ),
        ("<lheo><offres/></lheo>", "it holds no formation"),
        ("<formations><formation/></formations>", "<formations>"),
        (
            "<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'><lheo/></e:Envelope>",
            "<Envelope>",
        ),
        ("", "no XML element"),
        ("{\"id\": 1}", "no XML element"),
    ] {
        let error = read(xml).1.unwrap();
        assert!(
            matches!(error, Unreadable::NotLheo { .. }) && error.to_string().contains(found),
            "{error}"
        );
    }
}

#[test]
fn elements_of_other_vocabularies_are_left_out() {
    let (read, _) = read(
        "<lheo xmlns='http://www.lheo.org/2.2' xmlns:x='urn:x'><offres><formation>\
         <x:intitule-formation>non</x:intitule-formation>\
         <note xmlns='urn:y'><intitule-formation>non</intitule-formation></note>\
         <intitule-formation xmlns='http://www.lheo.org/2.2'>oui</intitule-formation></formation></offres></lheo>",
    );
    assert_eq!(titles(&read), [Some("oui".to_owned())]);
    assert_eq!(read[0].element.children.len(), 1);
    assert_eq!(read[0].foreign, ["x:intitule-formation", "note"]);
}

#[test]
fn a_formation_is_named_by_the_line_it_begins_on() {
    let (read, _) = read(
        "<?xml version='1.0'?>\n<lheo>\n<offres>\n\n<formation\n numero='7'\n>\n<action>\n</action></formation><formation/></offres></lheo>",
    );
    assert_eq!(
        read.iter().map(|raw| raw.element.line).collect::<Vec<_>>(),
        [5, 9]
    );
    assert_eq!(read[0].element.attribute("numero"), Some("7"));
    assert_eq!(read[0].element.children[0].line, 8);
}

#[test]
fn markup_in_a_text_field_is_text_however_it_was_written() {
    for field in [
        "<p>Un &amp; <b>deux</b></p><br/>trois",
        "&lt;p&gt;Un &amp;amp; &lt;b&gt;deux&lt;/b&gt;&lt;/p&gt;trois",
        "<![CDATA[<p>Un &amp; deux</p>trois]]>",
        "<p>Un & deux<br>trois",
        "&lt;p&gt;Un & deux&lt;/p&gt;<!-- rien --><![CDATA[trois]]>",
    ] {
        let xml = format!(
            "<lheo><formation><objectif-formation>{field}</objectif-formation><certifiante>1</certifiante></formation></lheo>"
        );
        let (read, _) = read(&xml);
        assert_eq!(read[0].fault, None, "{field}");
        assert_eq!(
            read[0].element.lines_of("objectif-formation").unwrap(),
            "Un & deux\ntrois",
            "{field}"
        );
        assert_eq!(read[0].element.value_of("certifiante"), Some("1"));
    }
    let (read, _) = read(
        "<lheo><formation><intitule-formation>Caf&eacute; &#233;t&#xE9;</intitule-formation></formation></lheo>",
    );
    assert_eq!(titles(&read), [Some("Café été".to_owned())]);
}

#[test]
fn one_ill_formed_formation_does_not_cost_the_others() {
    let (read, error) = read(
        "<lheo><offres>\n<formation numero='1'><action></session></action></formation>\n\
         <formation numero='2'><action></formation>\n<formation numero='3'><action></action>\n\
         <formation numero='4'/></offres></lheo>",
    );
    assert!(error.is_none());
    let faults: Vec<_> = read.iter().map(|raw| raw.fault.as_deref()).collect();
    assert_eq!(
        faults,
        [
            Some("line 2: </session> closes nothing"),
            Some("line 3: <action> is never closed"),
            Some("line 5: another formation begins before the end of that of line 4"),
            None
        ]
    );
}

#[test]
fn a_file_that_was_cut_short_says_where() {
    let (read_before, error) = read("<lheo><offres><formation/>\n<formation><action>");
    assert_eq!(read_before.len(), 1);
    assert_eq!(
        error.unwrap().to_string(),
        "line 2: the file ends inside the formation that begins on line 2"
    );
    let (read_before, error) = read("<lheo><offres><formation/>\n");
    assert_eq!(read_before.len(), 1);
    assert_eq!(
        error.unwrap().to_string(),
        "line 2: the file ends before the end of the catalogue"
    );
    assert!(matches!(
        read("<lheo><formation><action nume").1,
        Some(Unreadable::Xml { .. })
    ));
}

#[test]
fn a_formation_without_end_stops_at_the_bound_and_not_at_the_end_of_memory() {
    let endless = b"<lheo><formation><contenu-formation>".chain(io::repeat(b'x'));
    let mut formations = Formations::new(endless).unwrap();
    assert!(matches!(
        formations.next(),
        Some(Err(Unreadable::TooLarge { line: 1 }))
    ));
    assert!(formations.next().is_none());
}

#[test]
fn nesting_without_end_is_cut_off() {
    let deep = format!(
        "<lheo><formation>{}<x/>{}<certifiante>1</certifiante></formation></lheo>",
        "<a>".repeat(100_000),
        "</a>".repeat(100_000)
    );
    let (read, _) = read(&deep);
    assert_eq!(read[0].element.value_of("certifiante"), Some("1"));
}
