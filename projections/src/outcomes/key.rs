//! Where a message stands in the list of outcomes.
//!
//! The list is in the order in which messages are told: by the instant, then by [`Key`]. A message is told when the entry
//! that caused it was recorded; or, where a fact was recorded ahead of its time, at the *moment* in which it begins to act:
//! the first whole second that is not before its time. When a message is told follows from its key, and from when the
//! entry at its position was recorded: so that a key, by which everybody names it for ever, leads to its place.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What names each message for ever: the position of the entry that caused it, and its ordinal among those that this
/// entry caused. Written `position-ordinal`.
///
/// What a moment caused bears the position of the stream's last entry before it. Its ordinal has the highest bit, then in
/// 17 bits the seconds from that of the entry to the moment, and in 14 the messages of this position and second from 0.
/// The messages of one stream are in the order of their keys; those of several, in that of their cursors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The position in the log.
    pub position: u64,
    /// From 0.
    pub ordinal: u32,
}

/// The bit of what a moment caused.
const MOMENT: u32 = 1 << 31;
/// Bits of the messages of one second.
const MESSAGES: u32 = 14;
/// Seconds from an entry to a moment, at most. Facts are dated a day ahead at most; what is beyond, in no log, would be
/// told so much later and not at its time. The greatest number of 17 bits is left to [`END`].
const LONGEST: u32 = (1 << 17) - 2;
/// After all messages of an entry.
const END: u32 = u32::MAX;

/// The first whole second that is not before `time`.
pub(crate) fn moment(time: DateTime<Utc>) -> DateTime<Utc> {
    let second = whole(time);
    if second < time {
        second + TimeDelta::seconds(1)
    } else {
        second
    }
}

/// The whole second in which `time` is.
fn whole(time: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(time.timestamp(), 0).unwrap_or(time)
}

impl Key {
    /// Of the first message that a moment causes, where the entry at `position` was recorded at `recorded`.
    pub(super) fn of_moment(position: u64, recorded: DateTime<Utc>, moment: DateTime<Utc>) -> Key {
        let seconds = moment.timestamp() - recorded.timestamp();
        let seconds = u32::try_from(seconds.max(0)).unwrap_or(LONGEST).min(LONGEST);
        Key {
            position,
            ordinal: MOMENT | seconds << MESSAGES,
        }
    }

    /// Whether a moment caused its message, and not a record.
    pub fn is_of_moment(self) -> bool {
        self.ordinal & MOMENT != 0 && self.ordinal != END
    }

    /// Where it stands, given when the entry at its position was recorded.
    pub fn cursor(self, recorded: DateTime<Utc>) -> Cursor {
        let told = if self.is_of_moment() {
            let seconds = (self.ordinal & !MOMENT) >> MESSAGES;
            whole(recorded) + TimeDelta::seconds(seconds.into())
        } else {
            recorded
        };
        Cursor { told, key: self }
    }
}

/// A place in the list of messages: that of the message of this key, or the one that it would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cursor {
    /// When what is there is told.
    pub told: DateTime<Utc>,
    /// Its name.
    pub key: Key,
}

impl Cursor {
    /// After all that is told of the entries up to `position` until `reached`; `recorded` is when that entry was recorded.
    /// `reached` is that, or a moment to which the log was taken since. Whatever is told of these entries later is told
    /// after `reached`, and whatever is told of others stands after this, too.
    pub fn end_of(position: u64, recorded: DateTime<Utc>, reached: DateTime<Utc>) -> Cursor {
        let ordinal = match whole(reached) {
            reached if reached <= recorded => END,
            reached => Key::of_moment(position, recorded, reached).ordinal | ((1 << MESSAGES) - 1),
        };
        Key { position, ordinal }.cursor(recorded)
    }

    /// The place of something of which no entry is known: after everything.
    pub fn beyond(key: Key) -> Cursor {
        Cursor {
            told: DateTime::<Utc>::MAX_UTC,
            key,
        }
    }

    /// A place before this one, such that what comes after it begins with this one; none before the first of all.
    pub fn before(self) -> Option<Cursor> {
        let Key { position, ordinal } = self.key;
        let key = match ordinal.checked_sub(1) {
            Some(ordinal) => Key { position, ordinal },
            None => Key {
                position: position.checked_sub(1)?,
                ordinal: END,
            },
        };
        Some(Cursor { key, ..self })
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

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn key(text: &str) -> Key {
        text.parse().unwrap()
    }

    #[test]
    fn keys_are_ordered_by_position_and_then_by_ordinal() {
        assert!(key("9-7") < key("10-0") && key("10-0") < key("10-1"));
    }

    #[test]
    fn when_a_message_is_told_follows_from_its_key_and_its_entry() {
        let recorded = at("2026-03-01T08:00:00.75Z");
        assert_eq!(key("7-3").cursor(recorded).told, recorded);
        for (time, told) in [
            ("2026-03-01T08:00:00.8Z", "2026-03-01T08:00:01Z"),
            ("2026-03-01T08:00:01Z", "2026-03-01T08:00:01Z"),
            ("2026-03-01T08:00:01.000001Z", "2026-03-01T08:00:02Z"),
            ("2026-03-02T08:00:00.75Z", "2026-03-02T08:00:01Z"),
        ] {
            let moment = moment(at(time));
            assert_eq!(moment, at(told), "{time}");
            let first = Key::of_moment(7, recorded, moment);
            assert_eq!(first.cursor(recorded).told, moment, "{time}");
            let last = Key {
                ordinal: first.ordinal + 16_383,
                ..first
            };
            assert_eq!(last.cursor(recorded).told, moment, "{time}");
            assert!(key("7-2147483647") < first && last < key("7-4294967295"));
        }
    }

    #[test]
    fn the_end_of_an_entry_is_after_what_is_told_of_it_and_before_what_is_told_later() {
        let recorded = at("2026-03-01T08:00:00.75Z");
        let moment = at("2026-03-01T09:00:00Z");
        let told = Key::of_moment(7, recorded, moment).cursor(recorded);
        let end = Cursor::end_of(7, recorded, recorded);
        assert_eq!(end.key, key("7-4294967295"), "as it always was");
        assert!(key("7-99").cursor(recorded) < end && end < told);
        assert!(end < key("8-0").cursor(recorded), "of the same instant");
        let reached = Cursor::end_of(7, recorded, moment);
        assert_eq!(reached.told, moment);
        assert!(told < reached && reached < key("8-0").cursor(moment));
        assert_eq!(reached.key.cursor(recorded), reached, "its key leads back to it");
        assert_eq!(end.key.cursor(recorded), end);
    }

    #[test]
    fn what_comes_after_the_place_before_a_message_begins_with_it() {
        let recorded = at("2026-03-01T08:00:00.75Z");
        for (name, earlier) in [("10-1", "10-0"), ("10-0", "9-99"), ("1-0", "0-99")] {
            let (message, earlier) = (key(name).cursor(recorded), key(earlier).cursor(recorded));
            let before = message.before().unwrap();
            assert!(earlier <= before && before < message, "{name}");
        }
        assert_eq!(key("0-0").cursor(recorded).before(), None);
        let moment = Key::of_moment(7, recorded, at("2026-03-01T09:00:00Z")).cursor(recorded);
        let other = Key::of_moment(6, recorded, at("2026-03-01T09:00:00Z")).cursor(recorded);
        assert!(Some(other) < moment.before() && moment.before() < Some(moment));
    }
}
