//! What there is to say of a formation, to whoever sent the catalogue.

use std::fmt;

use super::element::Element;

/// A sentence about one place of the catalogue: why an offer or a session was refused, or what was taken for granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line of the element it is about.
    pub line: u64,
    /// The formation's number, or its title where it has none.
    pub formation: String,
    /// The action's number, when it is about one.
    pub action: Option<String>,
    /// The session's number, when it is about one.
    pub session: Option<String>,
    /// What there is to say, naming the element.
    pub reason: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, formation {}", self.line, self.formation)?;
        if let Some(action) = &self.action {
            write!(f, ", action {action}")?;
        }
        if let Some(session) = &self.session {
            write!(f, ", session {session}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// A place in a formation.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub(super) line: u64,
    pub(super) action: Option<&'a str>,
    pub(super) session: Option<&'a str>,
}

impl<'a> Spot<'a> {
    pub(super) fn of(element: &Element) -> Self {
        Spot {
            line: element.line,
            action: None,
            session: None,
        }
    }

    pub(super) fn note(self, formation: &str, reason: String) -> Note {
        let owned = |number: Option<&str>| number.map(str::to_owned);
        let (action, session) = (owned(self.action), owned(self.session));
        Note {
            line: self.line,
            formation: formation.to_owned(),
            action,
            session,
            reason,
        }
    }
}
