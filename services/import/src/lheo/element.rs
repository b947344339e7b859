//! A part of a catalogue in memory: one `formation` and what it holds.

use crate::lheo::text;

/// What LHEO producers write for "nothing to say here".
const NOTHING: &str = "-";

/// An XML element, with only what a catalogue needs of it. Names are without prefix.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    /// The line its opening tag begins on.
    pub(super) line: u64,
    pub(super) attributes: Vec<(String, String)>,
    /// Its own text. In a text field, markup that was not escaped stands in it as written.
    pub(super) content: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    pub(super) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    pub(super) fn children<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> + Clone {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element at the end of the path.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Element> {
        match path {
            [] => Some(self),
            [name, rest @ ..] => self
                .children
                .iter()
                .filter(|c| c.name == *name)
                .find_map(|child| child.at(rest)),
        }
    }

    /// Every element at the end of the path, in the order of the file.
    pub(super) fn all<'a>(&'a self, path: &[&str]) -> Vec<&'a Element> {
        let mut found = vec![self];
        for name in path {
            let children = |element: &'a Element| element.children.iter().filter(|child| child.name == *name);
            found = found.into_iter().flat_map(children).collect();
        }
        found
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        let value = self.attributes.iter().find(|(key, _)| key == name)?.1.trim();
        (!value.is_empty() && value != NOTHING).then_some(value)
    }

    /// The value of a code, a number or a date; `None` when it is empty or says nothing.
    pub(super) fn value(&self) -> Option<&str> {
        let value = self.content.trim();
        (!value.is_empty() && value != NOTHING).then_some(value)
    }

    /// The value of the first child of that name that has one.
    pub(super) fn value_of(&self, name: &str) -> Option<&str> {
        self.children
            .iter()
            .filter(|child| child.name == name)
            .find_map(Element::value)
    }

    /// The plain text of a text field, on one line.
    pub(super) fn title_of(&self, name: &str) -> Option<String> {
        self.text_of(name, text::title)
    }

    /// The plain text of a text field, with its lines.
    pub(super) fn lines_of(&self, name: &str) -> Option<String> {
        self.text_of(name, text::plain)
    }

    fn text_of(&self, name: &str, plain: fn(&str) -> String) -> Option<String> {
        self.children
            .iter()
            .filter(|child| child.name == name)
            .map(|child| plain(&child.content))
            .find(|text| !text.is_empty() && text != NOTHING)
    }
}
