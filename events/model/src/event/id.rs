//! A sender's name for an event, in as little memory as most of them need.

use crate::stream::usual_uuid;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use uuid::Uuid;

/// The CloudEvents `id`: any text. Most senders give a UUID, which is kept as one.
#[derive(Clone, PartialEq, Eq)]
pub struct EventId(Kept);

/// Invariant: a text that is a UUID in its usual form is never kept as a text, so equal ids are kept alike.
#[derive(Clone, PartialEq, Eq)]
enum Kept {
    Uuid(Uuid),
    Text(Arc<str>),
}

impl EventId {
    /// Reads it as its sender wrote it. Nothing is allocated for that.
    pub fn read<T>(&self, with: impl FnOnce(&str) -> T) -> T {
        match &self.0 {
            Kept::Uuid(uuid) => with(uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer())),
            Kept::Text(text) => with(text),
        }
    }

    /// The bytes that it has outside of itself.
    pub(crate) fn heap(&self) -> usize {
        match &self.0 {
            Kept::Uuid(_) => 0,
            Kept::Text(text) => text.len() + 2 * size_of::<usize>(),
        }
    }
}

impl From<&str> for EventId {
    fn from(id: &str) -> Self {
        Self(usual_uuid(id).map_or_else(|| Kept::Text(id.into()), Kept::Uuid))
    }
}

impl From<String> for EventId {
    fn from(id: String) -> Self {
        id.as_str().into()
    }
}

impl From<Uuid> for EventId {
    fn from(id: Uuid) -> Self {
        Self(Kept::Uuid(id))
    }
}

impl PartialEq<str> for EventId {
    fn eq(&self, other: &str) -> bool {
        self.read(|own| own == other)
    }
}

impl PartialEq<&str> for EventId {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl Hash for EventId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Kept::Uuid(uuid) => state.write_u128(uuid.as_u128()),
            Kept::Text(text) => text.hash(state),
        }
    }
}

/// As texts.
impl Ord for EventId {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            // Digits come before letters, and every UUID has its hyphens in the same places.
            (Kept::Uuid(one), Kept::Uuid(other)) => one.cmp(other),
            _ => self.read(|own| other.read(|other| own.cmp(other))),
        }
    }
}

impl PartialOrd for EventId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read(|id| f.write_str(id))
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.read(|id| fmt::Debug::fmt(id, f))
    }
}

impl Serialize for EventId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.read(|id| serializer.serialize_str(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> impl Strategy<Value = String> {
        let uuid = any::<u128>().prop_map(|bits| Uuid::from_u128(bits).to_string());
        prop_oneof![
            uuid.clone(),
            uuid.clone().prop_map(|uuid| uuid.to_uppercase()),
            uuid.clone().prop_map(|uuid| uuid.replace('-', "")),
            uuid.prop_map(|uuid| format!("{{{uuid}}}")),
            "[0-9a-f-]{0,40}",
            any::<String>(),
        ]
    }

    proptest! {
        #[test]
        fn an_id_is_the_text_that_its_sender_gave((one, other) in (id(), id())) {
            let kept = EventId::from(one.as_str());
            prop_assert_eq!(kept.to_string(), one.clone());
            prop_assert_eq!(serde_json::to_value(&kept).unwrap(), serde_json::Value::from(one.clone()));
            prop_assert!(kept == *one);
            let another = EventId::from(other.clone());
            prop_assert_eq!(kept.cmp(&another), one.cmp(&other));
            prop_assert_eq!(kept == another, one == other);
        }
    }
}
