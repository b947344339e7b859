//! What is wrong with what was sent, in words: the one place where the error of a reader becomes a sentence.
//!
//! Readers are quick and say little: that something was expected, somewhere. What they refuse is looked at again here,
//! member by member beside its schema, for the one sender who has to mend it: what was found, what is expected with an
//! example, and where.

mod expected;
mod json;
mod path;
mod raw;
mod shape;

pub(crate) use expected::{A_NUMBER, AN_OBJECT, given};
pub use json::{Fault, place, unreadable};
pub(crate) use path::{Path, Step};
pub(crate) use raw::{Member, find, members, offset};
pub(crate) use shape::{Misplaced, of_data};

use crate::words::{self, Words};
use serde_json::Value;

/// A member that is not there.
pub(crate) fn missing(expected: &Words) -> Words {
    Words::new(
        format!("missing: expected {expected}"),
        format!("manque : il faut {expected:#}"),
    )
}

/// A member that is given more than once: which of them holds, nobody could say.
pub(crate) fn twice(name: &str) -> Words {
    let name = words::quoted(name);
    Words::new(
        format!("{name} is given twice: expected once"),
        format!("{name:#} est donné deux fois : il le faut une seule fois"),
    )
}

/// A body that is JSON and no list of events.
pub fn no_list(body: &[u8]) -> Words {
    let body = std::str::from_utf8(body).unwrap_or_default();
    given(body.trim_ascii(), &A_LIST)
}

const A_LIST: Words = Words::fixed(
    "a list of events, such as [{\"specversion\": \"1.0\", …}]",
    "une liste d'événements, par exemple [{\"specversion\": \"1.0\", …}]",
);

/// Data that are none.
pub(crate) fn not_data(data: &Value) -> Words {
    given(&data.to_string(), &AN_OBJECT)
}
