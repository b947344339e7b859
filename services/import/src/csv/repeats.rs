//! Facts that a file says again: in the same words, which is nothing new, or otherwise, which only a person can settle.

use super::columns::Columns;
use super::convert::Fault;
use super::line::Line;
use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash, Hasher};
use uuid::Uuid;

/// Of each fact the line that said it first, and a hash of its words: as little as will do, since there may be millions.
#[derive(Default)]
pub(super) struct Repeats(HashMap<Uuid, (u32, u32)>);

/// Whether a fact was said before.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Again {
    No,
    Same,
    Otherwise(Fault),
}

impl Repeats {
    pub(super) fn again(&mut self, line: &Line) -> Again {
        // A derived id is a hash of all that makes the fact; one that is given is the sender's alone.
        let name = line.id.parse().unwrap_or_else(|_| {
            let named = format!("{}\0{}", line.source, line.id);
            Uuid::new_v5(&Uuid::NAMESPACE_OID, named.as_bytes())
        });
        let mut hasher = DefaultHasher::new();
        (line.time, &line.data, line.stream).hash(&mut hasher);
        // The lower half of it.
        let words = hasher.finish() as u32;
        let number = u32::try_from(line.number).unwrap_or(u32::MAX);
        match self.0.entry(name) {
            Entry::Vacant(free) => {
                free.insert((number, words));
                Again::No
            }
            Entry::Occupied(before) if before.get().1 == words => Again::Same,
            Entry::Occupied(before) => Again::Otherwise(contradiction(before.get().0, line.place)),
        }
    }
}

fn contradiction(first: u32, place: usize) -> Fault {
    let by = match Columns::all()[place].identity {
        [] => "which happens once to its stream".to_owned(),
        parts => format!("which is known by {}", parts.join(", ")),
    };
    Fault {
        column: None,
        detail: format!(
            "line {first} says the same fact, {by}, otherwise: expected one of the two, or a number for each in a column `fact`"
        ),
    }
}
