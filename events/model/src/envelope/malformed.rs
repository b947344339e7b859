//! What is wrong with an event that is not one.

use super::{Attributes, JSON_FORMAT};
use crate::faults::{self, A_NUMBER, Fault, Member, Path, given, twice};
use crate::words::Words;
use std::collections::HashSet;

/// Bytes that are no JSON, or no object of members that each are there once.
const UNREADABLE: &str = "malformed-json";

/// An event that could not be read, with what its sender needs to mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{detail}", field.as_ref().map(|field| format!("{field}: ")).unwrap_or_default())]
pub struct Malformed {
    /// The event's `id`, where it could be read.
    pub id: Option<Box<str>>,
    /// The attribute, or the path inside `data`; of a member that is missing, its own.
    pub field: Option<Box<str>>,
    /// The same as a JSON pointer (RFC 6901), from the event.
    pub pointer: Option<Box<str>>,
    /// Where it stands in what was read, in bytes from 0; of a member that is missing, the object that lacks it.
    pub at: Option<usize>,
    /// A stable word for programs.
    pub code: &'static str,
    /// What is wrong and what is expected.
    pub detail: String,
    /// The same in French.
    pub french: Box<str>,
}

impl Malformed {
    /// Something is wrong with all of it.
    pub fn new(code: &'static str, words: Words) -> Self {
        Self {
            id: None,
            field: None,
            pointer: None,
            at: None,
            code,
            detail: words.english.into_owned(),
            french: words.french.into(),
        }
    }

    /// Something is wrong with the value at `path`.
    pub(super) fn at(code: &'static str, path: &Path, words: Words) -> Self {
        Self {
            field: Some(path.to_string().into()),
            pointer: Some(path.pointer().into()),
            ..Self::new(code, words)
        }
    }

    /// Something is wrong with an attribute.
    pub(super) fn of(code: &'static str, attribute: &str, words: Words) -> Self {
        Self::at(code, &Path::to(attribute), words)
    }

    /// Says where in `json` it stands.
    pub(super) fn found_in(self, json: &[u8]) -> Self {
        let text = std::str::from_utf8(json).unwrap_or_default();
        let at = self.pointer.as_deref().map(|pointer| faults::find(text, pointer));
        Self {
            at: self.at.or(at),
            ..self
        }
    }

    /// What is wrong with bytes of which not even the attributes could be read.
    pub(super) fn unread(json: &[u8]) -> Self {
        if let Some(Fault { at, words }) = faults::unreadable(json) {
            return Self {
                at: Some(at),
                ..Self::new(UNREADABLE, words)
            };
        }
        let text = std::str::from_utf8(json).unwrap_or_default();
        let Some(members) = faults::members(text) else {
            let start = text.trim_ascii_start();
            return Self {
                at: Some(faults::offset(text, start)),
                ..Self::new(UNREADABLE, given(start.trim_ascii_end(), &JSON_FORMAT))
            };
        };
        let first = Self::in_members(text, &members).into_iter().next();
        let malformed =
            first.unwrap_or_else(|| Self::new(UNREADABLE, given(text.trim_ascii(), &JSON_FORMAT)));
        let id = members.iter().find(|member| member.name == "id");
        Self {
            id: id.and_then(|id| serde_json::from_str(id.value.get()).ok()),
            ..malformed.found_in(json)
        }
    }

    /// What is wrong with members as such: those given again, those of another type than the attribute has.
    pub(super) fn in_members(text: &str, members: &[Member<'_>]) -> Vec<Self> {
        let mut names = HashSet::new();
        let repeated = members.iter().filter(|member| !names.insert(&member.name));
        let repeated = repeated.map(|member| Self {
            at: Some(faults::offset(text, member.key)),
            ..Self::of(UNREADABLE, &member.name, twice(&member.name))
        });
        let unlike = members.iter().filter_map(|member| {
            let value = member.value.get();
            let expected = Attributes::unlike(&member.name, value)?;
            Some(Self::of(
                "invalid-attribute",
                &member.name,
                given(value, &expected),
            ))
        });
        repeated.collect::<Vec<_>>().into_iter().chain(unlike).collect()
    }
}

impl Attributes<'_> {
    /// What is expected of this attribute, if `value` is of no type that it may have.
    fn unlike(name: &str, value: &str) -> Option<Words> {
        let expected = super::expected(name)?;
        let number = value.parse::<u64>().is_ok();
        let text = value.starts_with('"');
        let fits = value == "null" || if name == "revision" { number } else { text };
        (!fits).then_some(if name == "revision" { A_NUMBER } else { expected })
    }
}
