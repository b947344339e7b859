//! Which tags are LHEO's, and what they hold.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

use super::element::Element;
use super::unreadable::Unreadable;

/// Every namespace that LHEO 2 has had begins so (2.0 to 2.2 were of lheo.org, 2.3 is of lheo.gouv.fr), and that of Mon
/// compte formation, whose catalogues are LHEO 2 in other clothes.
const NAMESPACES: [&str; 3] = [
    "www.lheo.org/2.",
    "lheo.gouv.fr/2.",
    "www.of.moncompteformation.gouv.fr",
];

/// Fields whose text may hold markup that was not escaped.
const TEXT_FIELDS: [&str; 7] = [
    "intitule-formation",
    "objectif-formation",
    "resultats-attendus",
    "contenu-formation",
    "nom-organisme",
    "raison-sociale",
    "raison-sociale-formateur",
];

/// How the elements of this file's LHEO are told from others'.
pub(super) struct Root {
    prefix: Option<String>,
    namespace: Option<String>,
}

impl Root {
    /// From the first element of the file.
    ///
    /// # Errors
    /// When it is not that of a catalogue in LHEO 2.
    pub(super) fn of(tag: &BytesStart<'_>, line: u64) -> Result<Self, Unreadable> {
        let name = name_of(tag);
        if !["lheo", "lheo-plus", "offres", "formation"].contains(&name) {
            return Err(Unreadable::NotLheo {
                line,
                detail: format!("its first element is <{name}>"),
            });
        }
        let prefix = tag
            .name()
            .as_ref()
            .split_once(':')
            .map(|(prefix, _)| prefix.to_owned());
        let namespace = attribute(
            tag,
            &prefix
                .as_ref()
                .map_or("xmlns".to_owned(), |prefix| format!("xmlns:{prefix}")),
        );
        if let Some(namespace) = &namespace {
            let address = namespace
                .trim_start_matches("http://")
                .trim_start_matches("https://");
            if !NAMESPACES.iter().any(|known| address.starts_with(known)) {
                return Err(Unreadable::NotLheo {
                    line,
                    detail: format!("its namespace is {namespace}"),
                });
            }
        }
        Ok(Root { prefix, namespace })
    }

    /// By prefix, and by a default namespace declared anew.
    pub(super) fn owns(&self, tag: &BytesStart<'_>) -> bool {
        let prefix = tag
            .name()
            .as_ref()
            .split_once(':')
            .map(|(prefix, _)| prefix.to_owned());
        if prefix != self.prefix {
            return false;
        }
        prefix.is_some() || attribute(tag, "xmlns").is_none_or(|namespace| Some(namespace) == self.namespace)
    }
}

pub(super) fn element(tag: &BytesStart<'_>, line: u64) -> Element {
    let mut attributes = tag.attributes();
    let attributes = attributes.with_checks(false).flatten().map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Explicit1_0);
        (
            local(attribute.key.as_ref()).to_owned(),
            value.map_or_else(|_| attribute.value.to_string(), Into::into),
        )
    });
    Element {
        name: name_of(tag).to_owned(),
        line,
        attributes: attributes.collect(),
        ..Element::default()
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    tag.try_get_attribute(name)
        .ok()
        .flatten()
        .map(|attribute| attribute.value.trim().to_owned())
}

pub(super) fn name_of<'a>(tag: &'a BytesStart<'_>) -> &'a str {
    let name = tag.name().into_inner();
    local(name)
}

pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

/// Whether its text may hold markup.
pub(super) fn is_text(element: &Element) -> bool {
    TEXT_FIELDS.contains(&element.name.as_str())
}

/// A reference that XML does not know (`&eacute;`) stays as written: text fields are read as HTML afterwards.
pub(super) fn resolve(reference: &BytesRef<'_>) -> String {
    match &**reference {
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "amp" => "&".to_owned(),
        "apos" => "'".to_owned(),
        "quot" => "\"".to_owned(),
        name => match reference.resolve_char_ref() {
            Ok(Some(character)) => character.to_string(),
            _ => format!("&{name};"),
        },
    }
}
