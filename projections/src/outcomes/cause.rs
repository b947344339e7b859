//! What has messages told.

use chrono::{DateTime, Utc};
use parcours_model::Record;

use super::Key;

/// A record, as it becomes known; or a moment after it, at which facts begin to act that were recorded ahead of their time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    position: u64,
    recorded: DateTime<Utc>,
    moment: Option<DateTime<Utc>>,
}

impl Cause {
    /// The record.
    pub fn of(record: &Record) -> Self {
        Self {
            position: record.position,
            recorded: record.recorded,
            moment: None,
        }
    }

    /// A moment; this is the stream's last record before it.
    pub fn at(self, moment: DateTime<Utc>) -> Self {
        Self {
            moment: Some(moment),
            ..self
        }
    }

    /// When: what is dated later does not act yet.
    pub fn instant(self) -> DateTime<Utc> {
        self.moment.unwrap_or(self.recorded)
    }

    /// Whether it is a moment.
    pub fn is_moment(self) -> bool {
        self.moment.is_some()
    }

    /// The key of the next message that it causes; `last` is that of the stream's last message before.
    pub fn next(self, last: Option<Key>) -> Key {
        let first = match self.moment {
            Some(moment) => Key::of_moment(self.position, self.recorded, moment),
            None => Key {
                position: self.position,
                ordinal: 0,
            },
        };
        match last.filter(|last| last.position == self.position && *last >= first) {
            Some(last) => Key {
                ordinal: last.ordinal.saturating_add(1),
                ..last
            },
            None => first,
        }
    }

    /// When the message of this key is told, which it causes.
    pub fn told(self, key: Key) -> DateTime<Utc> {
        key.cursor(self.recorded).told
    }
}
