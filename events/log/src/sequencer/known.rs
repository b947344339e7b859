//! What the sequencer knows of streams, in memory up to a weight: the histories of those that few write to, and of those
//! that everybody writes to (sessions, envelopes, communities) what decisions need, which does not hold their entries.
//!
//! The two are kept apart, so that a million parcours do not drive out the session that all of them enter. Histories not
//! used for some time are put to rest, in which they take half the memory: to wake one costs a fraction of what it costs to
//! ask the database for it.

use parcours_model::{AtRest, EventKey, Gathered, History, Knowledge, Record, StreamId};
use std::sync::Arc;

use super::shelf::Shelf;
use super::story::Story;
use crate::{Entry, LogError};

/// Streams as they stand once everything drafted so far is committed. Whoever drafts and does not commit
/// must take back or forget the streams it touched.
pub(super) struct Known {
    stories: Shelf<Story>,
    /// No stream is among the stories, too.
    resting: Shelf<AtRest>,
    gathered: Shelf<Gathered>,
}

/// Of the memory for histories, one part in so many is for those that are awake.
const AWAKE: usize = 2;

impl Known {
    /// Keeps about `histories` bytes of histories and `gathered` bytes of the others.
    pub fn new(histories: usize, gathered: usize) -> Known {
        let awake = histories / AWAKE;
        Known {
            stories: Shelf::new(awake),
            resting: Shelf::new(histories - awake),
            gathered: Shelf::new(gathered),
        }
    }

    /// Another process has added to a stream. What is gathered is brought up to date when it is needed; histories are read
    /// anew.
    pub fn outdated(&mut self, stream: StreamId) {
        if stream.kind.is_gathered() {
            self.gathered.outdated(stream);
        } else {
            self.forget(stream);
        }
    }

    /// Takes out what is known of a gathered stream, to be brought up to date; nothing of one that is not known.
    pub fn take_gathered(&mut self, stream: StreamId) -> Gathered {
        let known = self.gathered.take(stream);
        known.map_or_else(|| Gathered::new(stream), |(_, gathered)| gathered)
    }

    /// Whether a stream is known; one that is at rest is awake then.
    pub fn wake(&mut self, stream: StreamId) -> bool {
        if stream.kind.is_gathered() {
            return self.gathered.contains(stream);
        }
        if self.stories.contains(stream) {
            return true;
        }
        let Some((number, rested)) = self.resting.take(stream) else {
            return false;
        };
        self.stories.put(stream, number, Story::wake(rested));
        true
    }

    /// Takes in a stream as the database holds it. `number` is `None` if it has no entry.
    pub fn load(&mut self, stream: StreamId, number: Option<u64>, entries: &[Entry]) -> Result<(), LogError> {
        let mut story = Story::new(stream);
        for entry in entries {
            story.push(next(stream, story.history().revision(), entry)?)?;
        }
        self.stories.put(stream, number, story);
        Ok(())
    }

    /// Takes in what was gathered from the pages of a stream.
    pub fn put_gathered(&mut self, stream: StreamId, number: Option<u64>, gathered: Gathered) {
        self.gathered.put(stream, number, gathered);
    }

    /// Where an event stands in its stream, which must be known: its position and its revision. Of a gathered stream that is
    /// not known.
    pub fn find(&self, stream: StreamId, key: &EventKey) -> Option<(u64, u64)> {
        self.stories.peek(stream)?.find(key)
    }

    /// The revision of a stream, which must be known.
    pub fn revision(&self, stream: StreamId) -> u64 {
        if stream.kind.is_gathered() {
            self.gathered.peek(stream).map_or(0, Gathered::revision)
        } else {
            let story = self.stories.peek(stream);
            story.map_or(0, |story| story.history().revision())
        }
    }

    /// The correction in whose stead an event of a stream, which must be known, stood when it was recorded.
    pub fn superseded_by(&self, stream: StreamId, key: &EventKey) -> Option<EventKey> {
        self.stories.peek(stream)?.history().superseded_by(key).cloned()
    }

    /// Adds a record at the end of its stream, which must be known.
    pub fn push(&mut self, record: &Arc<Record>) -> Result<(), LogError> {
        let stream = record.event.stream;
        let known = "the rules looked at the stream just now";
        if stream.kind.is_gathered() {
            let push = |gathered: &mut Gathered| gathered.push(record);
            self.gathered.change(stream, push).expect(known);
            Ok(())
        } else {
            let push = |story: &mut Story| story.push(record.clone());
            self.stories.change(stream, push).expect(known)
        }
    }

    /// Takes the last record of a stream back.
    pub fn pop(&mut self, record: &Record) {
        let stream = record.event.stream;
        if stream.kind.is_gathered() {
            self.gathered.change(stream, |gathered| gathered.pop(record));
        } else {
            self.stories.change(stream, Story::pop);
        }
    }

    /// The number of a known stream; `next` if it has none yet, and then true.
    pub fn number(&mut self, stream: StreamId, next: u64) -> (u64, bool) {
        let number = if stream.kind.is_gathered() {
            self.gathered.number(stream)
        } else {
            self.stories.number(stream)
        };
        let number = number.expect("a stream with drafted entries is known");
        (*number.get_or_insert(next), *number == Some(next))
    }

    /// Forgets a stream, to be loaded again when needed.
    pub fn forget(&mut self, stream: StreamId) {
        self.stories.forget(stream);
        self.resting.forget(stream);
        self.gathered.forget(stream);
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.stories.clear();
        self.resting.clear();
        self.gathered.clear();
    }

    /// Puts to rest, and then forgets, the streams that were not used for longest until the limits hold. Not while a
    /// draft is open; and what a batch under way brings, at positions from `written` on, stays, since the database does
    /// not know it yet.
    pub fn trim(&mut self, written: u64) {
        let resting = &mut self.resting;
        self.stories.trim(written, |stream, number, story| {
            resting.put(stream, number, story.rest());
        });
        self.resting.trim(written, |_, _, _| {});
        self.gathered.trim(written, |_, _, _| {});
    }
}

impl Knowledge for Known {
    fn history(&mut self, stream: StreamId) -> Option<&mut History> {
        self.wake(stream);
        self.stories.get(stream).map(Story::history_mut)
    }

    fn gathered(&mut self, stream: StreamId) -> Option<&mut Gathered> {
        self.gathered.get(stream)
    }
}

/// The record of an entry that must be the next of its stream.
pub(super) fn next(stream: StreamId, revision: u64, entry: &Entry) -> Result<Arc<Record>, LogError> {
    let record = entry.record()?;
    if record.revision != revision + 1 || record.event.stream != stream {
        let place = entry.position;
        return Err(LogError::Damaged(format!(
            "the entry at {place} is not the next of {stream}"
        )));
    }
    Ok(record)
}
