//! Which tags are LHEO's, and what they hold.

use std::collections::HashMap;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

use super::element::Element;
use super::unreadable::Unreadable;

/// Mon compte formation's catalogues are LHEO in other clothes. All other namespaces of LHEO, of every version, say so.
const ACCOUNT: &str = "www.of.moncompteformation.gouv.fr";

/// No file has more; beyond, they are forgotten.
const MOST_PREFIXES: usize = 1_000;

/// Elements that a catalogue, or a part of one, may begin with.
const ROOTS: [&str; 4] = ["lheo", "lheo-plus", "offres", "formation"];

fn is_lheo(namespace: &str) -> bool {
    namespace.is_empty() || namespace.to_ascii_lowercase().contains("lheo") || namespace.contains(ACCOUNT)
}

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

/// How the elements of this file's LHEO are told from others': by their namespace, any of LHEO's or none.
#[derive(Default)]
pub(super) struct Names {
    /// What prefixes stand for. Files that give one of them two meanings at once are not met.
    prefixes: HashMap<String, String>,
    /// A namespace of another vocabulary that was passed over.
    passed_over: Option<String>,
}

impl Names {
    /// Reads the first element of the file.
    ///
    /// # Errors
    /// When it is not that of a catalogue.
    pub(super) fn begin(&mut self, tag: &BytesStart<'_>, line: u64) -> Result<(), Unreadable> {
        let name = name_of(tag);
        let detail = if !ROOTS.contains(&name) {
            format!("its first element is <{name}>")
        } else if !self.owns(tag) {
            format!(
                "its namespace is {}",
                self.passed_over.as_deref().unwrap_or_default()
            )
        } else {
            return Ok(());
        };
        Err(Unreadable::NotLheo { line, detail })
    }

    /// Whether it is an element of LHEO. Asked only of elements inside such, so that one without prefix or declaration is.
    pub(super) fn owns(&mut self, tag: &BytesStart<'_>) -> bool {
        let mut default = None;
        for attribute in tag.attributes().with_checks(false).flatten() {
            let namespace = || attribute.value.trim().to_owned();
            match attribute.key.as_ref().strip_prefix("xmlns") {
                Some("") => default = Some(namespace()),
                Some(prefix) if prefix.starts_with(':') && self.prefixes.len() < MOST_PREFIXES => {
                    self.prefixes.insert(prefix[1..].to_owned(), namespace());
                }
                _ => {}
            }
        }
        let name = tag.name();
        let namespace = match name.as_ref().split_once(':') {
            Some((prefix, _)) => self.prefixes.get(prefix).cloned(),
            None => default,
        };
        let owned = namespace.as_deref().is_none_or(is_lheo);
        if !owned {
            self.passed_over = namespace.or(self.passed_over.take());
        }
        owned
    }

    /// What a file without a formation holds instead.
    pub(super) fn instead(&self) -> String {
        match &self.passed_over {
            Some(namespace) => {
                format!("it holds no formation; elements of the namespace {namespace} are passed over")
            }
            None => "it holds no formation".to_owned(),
        }
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
