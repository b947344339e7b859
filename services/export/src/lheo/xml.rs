//! Text as XML, in memory.

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An element is on a line of its own, as far from the margin as it lies deep.
pub(super) struct Xml(Writer<Vec<u8>>);

impl Xml {
    pub(super) fn begin() -> Self {
        let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 1));
        xml.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml
    }

    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        let start = BytesStart::new(name).with_attributes(attributes.iter().copied());
        self.event(Event::Start(start));
    }

    pub(super) fn close(&mut self, name: &str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// An element that holds nothing but text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    pub(super) fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.open(name, attributes);
        let text = allowed(text);
        self.event(Event::Text(BytesText::from_escaped(partial_escape(&*text))));
        self.close(name);
    }

    /// Elements around what `inside` writes.
    pub(super) fn around(&mut self, names: &[&str], inside: impl FnOnce(&mut Xml)) {
        names.iter().for_each(|name| self.open(name, &[]));
        inside(self);
        names.iter().rev().for_each(|name| self.close(name));
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(self.0.get_mut())
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.write_event(event).expect("memory takes what is written");
    }
}

/// The text without what no XML document may hold, escaped or not; the log took such characters once.
fn allowed(text: &str) -> std::borrow::Cow<'_, str> {
    let forbidden = |character: char| match character {
        '\t' | '\n' | '\r' => false,
        '\u{fffe}' | '\u{ffff}' => true,
        _ => character < ' ',
    };
    match text.contains(forbidden) {
        true => text.replace(forbidden, "\u{fffd}").into(),
        false => text.into(),
    }
}
