//! Through a catalogue of any size, one `formation` at a time.

use std::collections::VecDeque;
use std::io::{self, Read};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use thiserror::Error;

use super::element::Element;
use super::input::Input;

/// Far above any real formation (the largest seen hold some thousand sessions, 5 MB): what bounds the memory.
pub(super) const LARGEST_FORMATION: usize = 16 * 1024 * 1024;

/// Deeper elements are left out: LHEO nests fewer than twenty.
const DEEPEST: usize = 64;

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

/// Why the reading of a catalogue stopped. What was read before stands.
#[derive(Debug, Error)]
pub enum Unreadable {
    /// The file could not be read, or names an encoding that does not exist.
    #[error("line {line}: {source}")]
    Input {
        /// Where.
        line: u64,
        /// Why.
        source: io::Error,
    },
    /// What stands there is not XML, or the file was cut short.
    #[error("line {line}: {detail}")]
    Xml {
        /// Where.
        line: u64,
        /// What is wrong.
        detail: String,
    },
    /// The file is XML, but not a catalogue in LHEO 2.
    #[error("line {line}: this is not a LHEO 2 catalogue: {detail}")]
    NotLheo {
        /// Where.
        line: u64,
        /// What was found.
        detail: String,
    },
    /// A formation so large that it would not fit the memory that this import may take.
    #[error("line {line}: this formation is larger than {} MiB", LARGEST_FORMATION / 1024 / 1024)]
    TooLarge {
        /// Where it begins.
        line: u64,
    },
}

/// A formation as it stands in the file.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) element: Element,
    /// Where its tags do not match, if they don't: what it says cannot be trusted then.
    pub(super) fault: Option<String>,
}

/// The formations of a catalogue, in the order of the file. After an error there is nothing more.
pub(super) struct Formations<R> {
    xml: Reader<Input<R>>,
    root: Option<Root>,
    /// How many elements around the formations are open.
    around: usize,
    open: Vec<Element>,
    /// Markup open inside a text field.
    markup: Vec<String>,
    /// How many elements are open that are left out: of another namespace, or too deep.
    left_out: usize,
    fault: Option<String>,
    complete: VecDeque<Raw>,
    finished: bool,
}

/// How the elements of this file's LHEO are told from others'.
struct Root {
    prefix: Option<String>,
    namespace: Option<String>,
}

impl<R: Read> Formations<R> {
    pub(super) fn new(source: R) -> Result<Self, Unreadable> {
        let input = Input::new(source).map_err(|source| Unreadable::Input { line: 1, source })?;
        let mut xml = Reader::from_reader(input);
        let config = xml.config_mut();
        // One ill-formed formation is refused by name; the others are read. So tags are matched here, not there.
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        Ok(Formations {
            xml,
            root: None,
            around: 0,
            open: Vec::new(),
            markup: Vec::new(),
            left_out: 0,
            fault: None,
            complete: VecDeque::new(),
            finished: false,
        })
    }

    fn advance(&mut self) -> Result<Option<Raw>, Unreadable> {
        let mut buffer = Vec::new();
        loop {
            if let Some(raw) = self.complete.pop_front() {
                return Ok(Some(raw));
            }
            buffer.clear();
            if self.open.is_empty() {
                self.xml.get_mut().allow(LARGEST_FORMATION);
            }
            let from = self.xml.get_ref().line();
            match self.xml.read_event_into(&mut buffer) {
                Ok(Event::Start(tag)) => self.start(&tag, false)?,
                Ok(Event::Empty(tag)) => self.start(&tag, true)?,
                Ok(Event::End(tag)) => self.end(tag.name().as_ref()),
                Ok(Event::Text(text)) => self.text(&text.xml10_content()),
                Ok(Event::CData(text)) => self.text(&text.xml10_content()),
                Ok(Event::GeneralRef(reference)) => self.text(&resolve(&reference)),
                Ok(Event::Eof) => return self.end_of_file().map(|()| None),
                Ok(_) => {}
                Err(error) => self.ill_formed(from, error)?,
            }
        }
    }

    /// What is wrong inside one formation is that formation's fault; the rest stops the reading.
    fn ill_formed(&mut self, line: u64, error: quick_xml::Error) -> Result<(), Unreadable> {
        match error {
            quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                Err(Unreadable::TooLarge {
                    line: self.open.first().map_or(line, |formation| formation.line),
                })
            }
            quick_xml::Error::Io(error) => Err(Unreadable::Input {
                line,
                source: io::Error::new(error.kind(), error.to_string()),
            }),
            quick_xml::Error::IllFormed(error) if !self.open.is_empty() => {
                self.fault(format!("line {line}: {error}"));
                Ok(())
            }
            quick_xml::Error::IllFormed(_) => Ok(()),
            error => Err(Unreadable::Xml {
                line,
                detail: error.to_string(),
            }),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), Unreadable> {
        let newlines = tag.bytes().filter(|&byte| byte == b'\n').count();
        let line = self
            .xml
            .get_ref()
            .line()
            .saturating_sub(u64::try_from(newlines).unwrap_or(0));
        let name = name_of(tag);
        let in_text = self.open.last().is_some_and(is_text);
        let owned = match &self.root {
            Some(root) => root.owns(tag),
            None => {
                self.root = Some(root(tag, line)?);
                true
            }
        };
        if self.left_out > 0 || !owned && !in_text || self.open.len() == DEEPEST {
            self.left_out += usize::from(!empty);
        } else if name == "formation" {
            if let Some(open) = self.open.first() {
                let before = open.line;
                self.fault(format!(
                    "line {line}: another formation begins before the end of that of line {before}"
                ));
                self.finish();
            }
            self.open(tag, line, empty);
        } else if in_text {
            self.markup(name, empty);
        } else if self.open.is_empty() {
            self.around += usize::from(!empty);
        } else {
            self.open(tag, line, empty);
        }
        Ok(())
    }

    fn open(&mut self, tag: &BytesStart<'_>, line: u64, empty: bool) {
        self.open.push(element(tag, line));
        if empty {
            self.fold();
        }
    }

    /// A tag in a text field is part of the text, as if it had been escaped.
    fn markup(&mut self, name: &str, empty: bool) {
        self.text(&format!("<{name}{}>", if empty { "/" } else { "" }));
        if !empty {
            self.markup.push(name.to_owned());
        }
    }

    fn end(&mut self, name: &str) {
        if self.left_out > 0 {
            self.left_out -= 1;
            return;
        }
        let name = local(name);
        if self.open.is_empty() {
            self.around = self.around.saturating_sub(1);
            return;
        }
        if self.open.last().is_some_and(is_text) && self.end_markup(name) {
            return;
        }
        let Some(opened) = self.open.iter().rposition(|element| element.name == name) else {
            self.fault(format!(
                "line {}: </{name}> closes nothing",
                self.xml.get_ref().line()
            ));
            return;
        };
        while self.open.len() > opened + 1 {
            let unclosed = &self.open[self.open.len() - 1];
            let fault = format!("line {}: <{}> is never closed", unclosed.line, unclosed.name);
            self.fault(fault);
            self.fold();
        }
        self.fold();
    }

    /// Whether that tag was of the markup in a text field. Markup left open there is nobody's loss.
    fn end_markup(&mut self, name: &str) -> bool {
        if let Some(at) = self.markup.iter().rposition(|open| open == name) {
            self.markup.truncate(at);
        } else if self.open.iter().any(|element| element.name == name) {
            self.markup.clear();
            return false;
        }
        self.text(&format!("</{name}>"));
        true
    }

    fn text(&mut self, text: &str) {
        if self.left_out == 0
            && let Some(element) = self.open.last_mut()
        {
            element.content.push_str(text);
        }
    }

    /// The innermost element is complete.
    fn fold(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => {
                self.markup.clear();
                self.complete.push_back(Raw {
                    element,
                    fault: self.fault.take(),
                });
            }
        }
    }

    /// The formation is complete, whatever is open in it.
    fn finish(&mut self) {
        while !self.open.is_empty() {
            self.fold();
        }
    }

    /// The first fault tells the most; the others follow from it.
    fn fault(&mut self, detail: String) {
        self.fault.get_or_insert(detail);
    }

    fn end_of_file(&self) -> Result<(), Unreadable> {
        let line = self.xml.get_ref().line();
        let cut = |detail| Err(Unreadable::Xml { line, detail });
        match (&self.root, self.open.first()) {
            (None, _) => Err(Unreadable::NotLheo {
                line,
                detail: "it holds no XML element".to_owned(),
            }),
            (_, Some(formation)) => cut(format!(
                "the file ends inside the formation that begins on line {}",
                formation.line
            )),
            _ if self.around > 0 => cut("the file ends before the end of the catalogue".to_owned()),
            _ => Ok(()),
        }
    }
}

impl<R: Read> Iterator for Formations<R> {
    type Item = Result<Raw, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.finished {
            return None;
        }
        let next = self.advance().transpose();
        self.finished = !matches!(next, Some(Ok(_)));
        next
    }
}

impl Root {
    /// By prefix, and by a default namespace declared anew.
    fn owns(&self, tag: &BytesStart<'_>) -> bool {
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

fn root(tag: &BytesStart<'_>, line: u64) -> Result<Root, Unreadable> {
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

fn element(tag: &BytesStart<'_>, line: u64) -> Element {
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

fn name_of<'a>(tag: &'a BytesStart<'_>) -> &'a str {
    let name = tag.name().into_inner();
    local(name)
}

fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn is_text(element: &Element) -> bool {
    TEXT_FIELDS.contains(&element.name.as_str())
}

/// A reference that XML does not know (`&eacute;`) stays as written: text fields are read as HTML afterwards.
fn resolve(reference: &BytesRef<'_>) -> String {
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn every_namespace_of_lheo_2_is_read_and_so_is_none() {
        for namespace in [
            "",
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
    }

    #[test]
    fn what_is_not_lheo_2_is_refused_with_what_was_found() {
        for (xml, found) in [
            ("<catalogue/>", "<catalogue>"),
            (
                "<lheo xmlns='http://www.lheo.org/1.3'/>",
                "http://www.lheo.org/1.3",
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
}
