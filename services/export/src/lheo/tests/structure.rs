//! What LHEO 2.3 asks of the elements that are written here: which they hold, in which order and how often, and how long
//! their texts are. The schema itself is not ours to keep: `tests/lheo` fetches it and validates documents against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::Event;

/// A line an element. Either what it holds, in this order: `?` at most once, `*` any number, `+` one at least, a number at
/// most so many; or how many characters its text has; or the codes it may be.
const ELEMENTS: &str = "
lheo: offres
offres: formation+
formation: domaine-formation intitule-formation objectif-formation resultats-attendus contenu-formation certifiante contact-formation+ parcours-de-formation code-niveau-entree objectif-general-formation? certification5 code-niveau-sortie? action+ organisme-formation-responsable extras*
domaine-formation: code-FORMACODE5 code-ROME5
code-FORMACODE: 5..5
code-ROME: 5..5
intitule-formation: 1..255
objectif-formation: 1..3000
resultats-attendus: 1..3000
contenu-formation: 1..3000
certifiante: 0 1
contact-formation: coordonnees
parcours-de-formation: 1 2 3 4
code-niveau-entree: 0 1 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18
objectif-general-formation: 1 2 3 4 5 6 7 8 9
certification: code-RNCP? code-RS?
code-RNCP: 1..10
code-RS: 3..10
code-niveau-sortie: 0 1 2 3 4 5 6 7 8 11 12 13 14 15 16 17 18
action: rythme-formation code-public-vise+ niveau-entree-obligatoire modalites-alternance modalites-enseignement conditions-specifiques prise-en-charge-frais-possible lieu-de-formation* modalites-entrees-sorties session+ nombre-heures-total?
rythme-formation: 1..3000
code-public-vise: 5..5
niveau-entree-obligatoire: 0 1
modalites-alternance: 1..3000
modalites-enseignement: 0 1 2
conditions-specifiques: 1..3000
prise-en-charge-frais-possible: 0 1
lieu-de-formation: coordonnees
modalites-entrees-sorties: 0 1
session: periode adresse-inscription periode-inscription? etat-recrutement? extras*
periode: debut fin
debut: 8..8
fin: 8..8
adresse-inscription: adresse
periode-inscription: periode
etat-recrutement: 1 2 3
nombre-heures-total: 1..5
organisme-formation-responsable: numero-activite SIRET-organisme-formation nom-organisme raison-sociale coordonnees-organisme contact-organisme+ extras*
numero-activite: 11..11
SIRET-organisme-formation: SIRET
SIRET: 14..14
nom-organisme: 1..250
raison-sociale: 1..250
coordonnees-organisme: coordonnees
contact-organisme: coordonnees
coordonnees: adresse?
adresse: denomination? ligne4 codepostal ville departement? code-INSEE-commune? region?
denomination: 1..255
ligne: 1..50
codepostal: 5..5
ville: 1..50
departement: 2..3
code-INSEE-commune: 5..5
region: 2..2
extras: extra*
extra: 0..1000000
";

static MODEL: LazyLock<BTreeMap<&str, &str>> = LazyLock::new(|| {
    let lines = ELEMENTS.lines().filter_map(|line| line.split_once(": "));
    lines.collect()
});

/// An element of a document.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
    pub children: Vec<Element>,
}

/// The root of a well-formed document.
pub(super) fn read(document: &[u8]) -> Element {
    let mut reader = Reader::from_reader(document);
    let (mut open, mut buffer) = (vec![Element::default()], Vec::new());
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).unwrap() {
            Event::Start(tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.unwrap();
                    let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
                    (attribute.key.as_ref().to_owned(), value.into_owned())
                });
                open.push(Element {
                    name: tag.name().as_ref().to_owned(),
                    attributes: attributes.collect(),
                    ..Element::default()
                });
            }
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text.push_str(&text.xml10_content()),
            Event::GeneralRef(reference) => {
                let meant = match &*reference {
                    "lt" => '<',
                    "gt" => '>',
                    "amp" => '&',
                    _ => reference.resolve_char_ref().unwrap().unwrap(),
                };
                open.last_mut().unwrap().text.push(meant);
            }
            Event::Eof => return open.remove(0).children.remove(0),
            _ => {}
        }
    }
}

/// Fails the test where an element is not as LHEO has it.
pub(super) fn must_be_valid(element: &Element) {
    let name = element.name.as_str();
    let asked = MODEL.get(name).unwrap_or_else(|| panic!("{name} is not written"));
    if let Some((least, most)) = asked.split_once("..") {
        let bounds = least.parse::<usize>().unwrap()..=most.parse().unwrap();
        let length = element.text.chars().count();
        assert!(bounds.contains(&length), "{name} has {length} characters");
        return assert!(element.children.is_empty(), "{name} holds elements");
    }
    if asked.starts_with(|first: char| first.is_ascii_digit()) {
        let known = asked.split(' ').any(|code| code == element.text);
        return assert!(known, "{name} is {:?}", element.text);
    }
    let mut children = element.children.iter().peekable();
    for particle in asked.split(' ') {
        let child = particle.trim_end_matches(['?', '*', '+', '4', '5']);
        let (least, most) = match &particle[child.len()..] {
            "" => (1, 1),
            "?" => (0, 1),
            "*" => (0, usize::MAX),
            "+" => (1, usize::MAX),
            // A line is asked of an address.
            "4" => (1, 4),
            number => (0, number.parse().unwrap()),
        };
        let mut count = 0;
        while count < most && children.next_if(|next| next.name == child).is_some() {
            count += 1;
        }
        assert!(count >= least, "{name} has {count} {child}");
    }
    let left = children.next().map(|left| &left.name);
    assert_eq!(left, None, "{name} has it in the wrong place, or too often");
    assert!(element.text.trim().is_empty(), "{name} has text");
    element.children.iter().for_each(must_be_valid);
}
