//! Where a message stands in the list of outcomes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What orders messages and names each for ever: the position of the entry that caused it, and its ordinal among
/// those that this entry caused. Written `position-ordinal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The position in the log.
    pub position: u64,
    /// From 0.
    pub ordinal: u32,
}

impl Key {
    /// The place just before this one: what comes after it begins with this one.
    pub fn before(self) -> Option<Key> {
        match self.ordinal.checked_sub(1) {
            Some(ordinal) => Some(Key { ordinal, ..self }),
            None => Key::end_of(self.position),
        }
    }

    /// After every message of the first `entries` entries of the log; `None` for none of them.
    pub fn end_of(entries: u64) -> Option<Key> {
        Some(Key {
            position: entries.checked_sub(1)?,
            ordinal: u32::MAX,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.position, self.ordinal)
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (position, ordinal) = text.split_once('-')?;
            let key = Key {
                position: position.parse().ok()?,
                ordinal: ordinal.parse().ok()?,
            };
            // The databases' integers are signed.
            (i64::try_from(key.position).is_ok() && key.to_string() == text).then_some(key)
        };
        parse().ok_or_else(|| format!("{text:?} is not position-ordinal, such as 1204-0"))
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_spelling() {
        let key = Key {
            position: 1204,
            ordinal: 3,
        };
        assert_eq!("1204-3".parse(), Ok(key));
        for wrong in [
            "",
            "1204",
            "01204-3",
            "1204-03",
            "-1-0",
            "1204-3-1",
            "+1-0",
            "18446744073709551615-0",
        ] {
            assert!(wrong.parse::<Key>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn keys_are_ordered_by_position_and_then_by_ordinal() {
        let key = |text: &str| text.parse::<Key>().unwrap();
        assert!(key("9-7") < key("10-0") && key("10-0") < key("10-1"));
        assert!(Key::end_of(11).is_some_and(|end| key("10-99") < end && end < key("11-0")));
        assert_eq!(Key::end_of(0), None);
        assert_eq!(key("10-1").before(), Some(key("10-0")));
        assert!(
            key("10-0")
                .before()
                .is_some_and(|before| key("9-99") < before && before < key("10-0"))
        );
        assert_eq!(key("0-0").before(), None);
    }
}
