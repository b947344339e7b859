//! What waits to be told, by whom or what it is about.
//!
//! The messages about one trainee or one session are a lane: they are told in their order, one at a time, and a lane
//! that waits holds up no other. A waiting lane is one entry however many messages it has: which one is tried next, and
//! when. The others are read again from the view.

use std::collections::{BTreeSet, HashMap};

use parcours_model::StreamId;
use parcours_projections::outcomes::{Cursor, Key};

/// The state of a lane that waits. Invariant: nothing of the lane before `key` is left to tell, and all of it from `key`
/// on that the partner's cursor has passed is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub key: Key,
    /// Attempts that failed.
    pub attempts: u32,
    /// When it is tried next, in milliseconds since 1970.
    pub due: i64,
    /// Why the last attempt failed.
    pub why: Option<String>,
    /// Whether it failed for want of somebody who answers.
    pub unreachable: bool,
}

impl Waiting {
    /// Nothing failed: the message is the next of its lane.
    pub fn for_its_turn(key: Key, now: i64) -> Self {
        Self {
            key,
            attempts: 0,
            due: now,
            why: None,
            unreachable: false,
        }
    }
}

/// Where a message under way was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The list, at the partner's cursor.
    List,
    /// Its lane, which waits.
    Lane,
    /// The dead letters.
    Letters,
}

/// The lanes of one partner.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    waiting: HashMap<StreamId, Waiting>,
    /// Those of `waiting` that are not under way.
    by_due: BTreeSet<(i64, StreamId)>,
    under_way: HashMap<StreamId, (Cursor, Origin)>,
}

impl Lanes {
    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a message of this lane is under way.
    pub fn is_under_way(&self, lane: StreamId) -> bool {
        self.under_way.contains_key(&lane)
    }

    /// Whether this lane waits.
    pub fn waits(&self, lane: StreamId) -> bool {
        self.waiting.contains_key(&lane)
    }

    /// Has a lane wait, or wait otherwise.
    pub fn wait(&mut self, lane: StreamId, waiting: Waiting) {
        let due = waiting.due;
        if let Some(before) = self.waiting.insert(lane, waiting) {
            self.by_due.remove(&(before.due, lane));
        }
        if !self.is_under_way(lane) {
            self.by_due.insert((due, lane));
        }
    }

    /// A lane of which nothing is left waits no more.
    pub fn clear(&mut self, lane: StreamId) {
        if let Some(waiting) = self.waiting.remove(&lane) {
            self.by_due.remove(&(waiting.due, lane));
        }
    }

    /// The lane that has been due longest.
    pub fn due(&self, now: i64) -> Option<(StreamId, Waiting)> {
        let (due, lane) = self.by_due.first()?;
        (*due <= now).then(|| (*lane, self.waiting[lane].clone()))
    }

    /// When the next lane is due.
    pub fn next_due(&self) -> Option<i64> {
        self.by_due.first().map(|(due, _)| *due)
    }

    /// Everybody who waits for somebody to answer, or everybody at all, is due at once.
    pub fn hasten(&mut self, now: i64, all: bool) {
        for (lane, waiting) in &mut self.waiting {
            if waiting.due > now && (all || waiting.unreachable) {
                if self.by_due.remove(&(waiting.due, *lane)) {
                    self.by_due.insert((now, *lane));
                }
                waiting.due = now;
            }
        }
    }

    /// A message of this lane is under way: the others have to wait for it.
    pub fn leave(&mut self, lane: StreamId, message: Cursor, origin: Origin) {
        if let Some(waiting) = self.waiting.get(&lane) {
            self.by_due.remove(&(waiting.due, lane));
        }
        self.under_way.insert(lane, (message, origin));
    }

    /// It is no longer.
    pub fn land(&mut self, lane: StreamId) {
        self.under_way.remove(&lane);
        if let Some(waiting) = self.waiting.get(&lane) {
            self.by_due.insert((waiting.due, lane));
        }
    }

    /// Up to where everything is told, waits in a lane, or is a dead letter, when all has been taken up to `taken`: the
    /// cursor that is safe to begin from again.
    pub fn settled(&self, taken: Option<Cursor>) -> Option<Cursor> {
        let first = self
            .under_way
            .values()
            .filter(|(_, origin)| *origin == Origin::List)
            .map(|(message, _)| *message)
            .min();
        match first {
            Some(first) => first.before(),
            None => taken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parcours_model::StreamKind;
    use uuid::Uuid;

    fn lane(number: u128) -> StreamId {
        StreamId::new(StreamKind::Trainee, Uuid::from_u128(number))
    }

    fn key(position: u64) -> Key {
        Key { position, ordinal: 0 }
    }

    fn place(position: u64) -> Cursor {
        key(position).cursor(chrono::DateTime::UNIX_EPOCH)
    }

    fn waiting(position: u64, due: i64) -> Waiting {
        Waiting {
            key: key(position),
            attempts: 1,
            due,
            why: None,
            unreachable: due % 2 == 1,
        }
    }

    #[test]
    fn the_lane_due_longest_is_next_and_none_before_its_time() {
        let mut lanes = Lanes::default();
        lanes.wait(lane(1), waiting(1, 30));
        lanes.wait(lane(2), waiting(2, 20));
        assert_eq!(lanes.due(19), None);
        assert_eq!(lanes.due(40).unwrap().0, lane(2));
        assert_eq!(lanes.next_due(), Some(20));
        lanes.wait(lane(2), waiting(2, 50));
        assert_eq!(lanes.due(60).unwrap().0, lane(1));
        lanes.clear(lane(1));
        lanes.clear(lane(2));
        assert_eq!((lanes.due(100), lanes.len()), (None, 0));
    }

    #[test]
    fn of_a_lane_one_message_is_under_way_and_the_next_one_waits_for_it() {
        let mut lanes = Lanes::default();
        lanes.leave(lane(1), place(1), Origin::List);
        lanes.wait(lane(1), waiting(5, 0));
        assert_eq!(lanes.due(100), None);
        lanes.land(lane(1));
        assert_eq!(lanes.due(100).unwrap().1.key, key(5));
        lanes.leave(lane(1), place(5), Origin::Lane);
        assert_eq!(lanes.due(100), None);
        lanes.wait(lane(1), waiting(5, 200));
        lanes.land(lane(1));
        assert_eq!(lanes.next_due(), Some(200));
    }

    #[test]
    fn the_cursor_stays_before_what_is_under_way_from_the_list() {
        let mut lanes = Lanes::default();
        assert_eq!(lanes.settled(Some(place(9))), Some(place(9)));
        lanes.leave(lane(1), place(7), Origin::List);
        lanes.leave(lane(2), place(4), Origin::List);
        lanes.leave(lane(3), place(1), Origin::Lane);
        lanes.leave(lane(4), place(2), Origin::Letters);
        assert!(lanes.settled(Some(place(9))) < Some(place(4)));
        assert!(lanes.settled(Some(place(9))) > Some(place(3)));
        lanes.land(lane(2));
        assert!(lanes.settled(Some(place(9))) > Some(place(6)));
        lanes.land(lane(1));
        assert_eq!(lanes.settled(Some(place(9))), Some(place(9)));
        lanes.leave(lane(5), place(0), Origin::List);
        assert_eq!(lanes.settled(Some(place(9))), None);
    }

    #[test]
    fn when_somebody_answers_again_those_who_waited_for_that_are_due() {
        let mut lanes = Lanes::default();
        lanes.wait(lane(1), waiting(1, 1_001));
        lanes.wait(lane(2), waiting(2, 1_000));
        lanes.hasten(10, false);
        assert_eq!(lanes.due(10).unwrap().0, lane(1));
        assert_eq!(lanes.next_due(), Some(10));
        lanes.clear(lane(1));
        assert_eq!(lanes.due(10), None);
        lanes.hasten(10, true);
        assert_eq!(lanes.due(10).unwrap().0, lane(2));
    }
}
