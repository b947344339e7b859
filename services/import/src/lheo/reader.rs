//! Through a catalogue of any size, one `formation` at a time.

use std::collections::VecDeque;
use std::io::{self, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::element::Element;
use super::input::Input;
use super::tags::{Names, element, is_text, local, name_of, resolve};
use super::text::plain;
use super::unreadable::{LARGEST_FORMATION, Unreadable};

/// Deeper elements are left out: LHEO nests fewer than twenty.
const DEEPEST: usize = 64;

/// A formation as it stands in the file.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) element: Element,
    /// Where its tags do not match, if they don't: what it says cannot be trusted then.
    pub(super) fault: Option<String>,
    /// The elements of other vocabularies in it, by their whole name.
    pub(super) foreign: Vec<String>,
    /// The entities in it that neither XML nor HTML knows, each once.
    pub(super) unresolved: Vec<String>,
}

/// The formations of a catalogue, in the order of the file. After an error there is nothing more.
pub(super) struct Formations<R> {
    xml: Reader<Input<R>>,
    names: Names,
    begun: bool,
    /// Whether there was a formation.
    any: bool,
    /// Elements of other vocabularies in the open formation, by their whole name.
    foreign: Vec<String>,
    /// The entities in the open formation that nobody knows.
    unresolved: Vec<String>,
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
            names: Names::default(),
            begun: false,
            any: false,
            foreign: Vec::new(),
            unresolved: Vec::new(),
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
                Ok(Event::GeneralRef(reference)) => self.reference(&reference),
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
        if !self.begun {
            self.names.begin(tag, line)?;
            self.begun = true;
        }
        if self.left_out > 0 {
            self.left_out += usize::from(!empty);
            return Ok(());
        }
        let owned = self.names.owns(tag);
        if !owned && !in_text || self.open.len() == DEEPEST {
            if !self.open.is_empty() {
                self.foreign.push(tag.name().as_ref().to_owned());
            }
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

    /// An entity of the file's own stays as it is written: what it stands for may be anything, in any other file.
    fn reference(&mut self, reference: &BytesRef<'_>) {
        let text = resolve(reference);
        if self.left_out == 0 && !self.open.is_empty() && text.starts_with('&') && plain(&text) == text {
            let name = text.trim_start_matches('&').trim_end_matches(';').to_owned();
            if !name.is_empty() && !self.unresolved.contains(&name) {
                self.unresolved.push(name);
            }
        }
        self.text(&text);
    }

    /// The innermost element is complete.
    fn fold(&mut self) {
        let Some(element) = self.open.pop() else { return };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(element),
            None => {
                self.markup.clear();
                self.any = true;
                self.complete.push_back(Raw {
                    element,
                    fault: self.fault.take(),
                    foreign: std::mem::take(&mut self.foreign),
                    unresolved: std::mem::take(&mut self.unresolved),
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
        match (self.begun, self.open.first()) {
            (false, _) => Err(Unreadable::NotLheo {
                line,
                detail: "it holds no XML element".to_owned(),
            }),
            (_, Some(formation)) => cut(format!(
                "the file ends inside the formation that begins on line {}",
                formation.line
            )),
            _ if self.around > 0 => cut("the file ends before the end of the catalogue".to_owned()),
            _ if !self.any => Err(Unreadable::NotLheo {
                line,
                detail: self.names.instead(),
            }),
            _ => Ok(()),
        }
    }

    /// Once, when the file proves not to be in the encoding it says: a sentence.
    pub(super) fn surprise(&mut self) -> Option<String> {
        self.xml.get_mut().surprise()
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
