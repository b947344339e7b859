//! Room for the bodies of events and lists: taken as their bytes come, given back to the byte.
//!
//! **What is short is taken from the slow.** Where a body needs room and there is none, another that is still being read
//! gives way: the slowest of whoever holds most, so that a client's share is what is left when all have as much. One that
//! comes briskly is waited for by large bodies, and gives way to small ones. The last quarter is for small bodies: an
//! event alone never waits for lists.
//!
//! **Nobody waits for ever.** Invariant: as long as anybody waits for room, some body that holds room does not wait for
//! any. It is whole, and is decided on in a bounded time; or it was told to give way, and does so at once; or it comes
//! briskly, and is told to give way when it no longer does. Whoever would be the last to wait does not: the slowest of
//! all is refused instead. So room is always on its way back, however bodies are cut and whoever sends them.

use super::pace::Pace;
use crate::limits::Limits;
use parcours_http::{Client, cut_off};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// What an event takes, with some air: an entry of the log has fewer bytes.
const SMALL: usize = 64 << 10;

/// All bodies in memory together. Clones are the same.
#[derive(Clone)]
pub(crate) struct Room(Arc<Shared>);

struct Shared {
    size: usize,
    brisk: Pace,
    /// The longest wait for room.
    wait: Duration,
    held: Mutex<Held>,
    given_back: Notify,
}

#[derive(Default)]
struct Held {
    /// Invariant: the sum of what all shares hold, those of whole bodies included.
    bytes: usize,
    /// The bodies that are still being read.
    reading: HashMap<u64, Reading>,
    next: u64,
}

struct Reading {
    client: Client,
    bytes: usize,
    /// When more has to have come for it to be brisk.
    due: Instant,
    state: State,
    give_way: Arc<Notify>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It waits for its client.
    Coming,
    /// It waits for room.
    Waiting,
    /// It was told to give way.
    Leaving,
}

/// What a body is told that asks for room.
enum Told {
    Taken,
    /// To wait until something is given back, or until then.
    Wait(Option<Instant>),
    Refused,
}

/// There is no room for this body: it is to be sent again.
#[derive(Debug)]
pub(super) struct NoRoom;

/// The room that one body holds. Given back when dropped.
pub(super) struct Share {
    room: Room,
    number: u64,
    bytes: usize,
    give_way: Arc<Notify>,
}

impl Room {
    /// As much as the limits say.
    pub fn new(limits: &Limits) -> Self {
        Room(Arc::new(Shared {
            // Without its last quarter, too, it has room for the largest body.
            size: limits.bodies.max(limits.body + limits.body.div_ceil(3)),
            brisk: limits.brisk,
            wait: limits.stall,
            held: Mutex::default(),
            given_back: Notify::new(),
        }))
    }

    /// For a body of which nothing has come yet.
    pub(super) fn share(&self, client: Client) -> Share {
        let give_way = Arc::new(Notify::new());
        let mut held = self.0.held();
        let number = held.next;
        held.next += 1;
        let reading = Reading {
            client,
            bytes: 0,
            due: Instant::now() + self.0.brisk.pause,
            state: State::Coming,
            give_way: give_way.clone(),
        };
        held.reading.insert(number, reading);
        Share {
            room: self.clone(),
            number,
            bytes: 0,
            give_way,
        }
    }
}

impl Share {
    /// Completes when the body has to give way.
    pub async fn called_off(&self) {
        self.give_way.notified().await;
    }

    /// Notes that so many bytes have come, and takes room until it holds `bytes` in all.
    pub async fn grow(&mut self, came: usize, bytes: usize) -> Result<(), NoRoom> {
        let shared = self.room.0.clone();
        let until = Instant::now() + shared.wait;
        loop {
            let mut given_back = std::pin::pin!(shared.given_back.notified());
            // Before it is asked, so that nothing is missed in between.
            given_back.as_mut().enable();
            let told = shared.held().ask(&shared, self.number, came, bytes);
            let next = match told {
                Told::Taken => {
                    self.bytes = self.bytes.max(bytes);
                    return Ok(());
                }
                Told::Refused => return Err(NoRoom),
                Told::Wait(next) => next.map_or(until, |next| next.min(until)),
            };
            tokio::select! {
                biased;
                () = self.give_way.notified() => return Err(NoRoom),
                () = given_back => {}
                () = sleep_until(next) => if next == until { return Err(NoRoom) },
            }
        }
    }

    /// All has come: what is held is held until the body is decided on.
    pub fn is_whole(&mut self) {
        self.room.0.held().reading.remove(&self.number);
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut held = self.room.0.held();
        held.reading.remove(&self.number);
        held.bytes -= self.bytes;
        drop(held);
        self.room.0.given_back.notify_waiters();
    }
}

impl Shared {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Answers a body of which `came` bytes have come and that needs `bytes` in all.
    fn ask(&mut self, shared: &Shared, number: u64, came: usize, bytes: usize) -> Told {
        let now = Instant::now();
        let Some(asking) = self.reading.get_mut(&number) else {
            return Told::Refused;
        };
        if asking.state == State::Leaving {
            return Told::Refused;
        }
        let more = bytes.saturating_sub(asking.bytes);
        let size = match bytes <= SMALL {
            true => shared.size,
            false => shared.size - shared.size / 4,
        };
        loop {
            if self.bytes + more <= size {
                self.take(shared.brisk, number, came, more, now);
                return Told::Taken;
            }
            let leaving = self
                .those(State::Leaving)
                .map(|(_, body)| body.bytes)
                .sum::<usize>();
            if self.bytes - leaving + more <= size {
                return self.wait(number, None);
            }
            match self.who_gives_way(number, bytes <= SMALL, now) {
                Ok(slowest) if slowest == number => return Told::Refused,
                Ok(slowest) => self.call_off(slowest),
                Err(next) => return self.wait(number, next),
            }
        }
    }

    /// The body that gives way to the one that asks, maybe itself; or until when it waits instead.
    fn who_gives_way(&self, number: u64, small: bool, now: Instant) -> Result<u64, Option<Instant>> {
        let others_hold = |(other, body): (&u64, &Reading)| *other != number && body.bytes > 0;
        let coming = || {
            self.those(State::Coming)
                .filter(move |(other, body)| others_hold((other, body)))
        };
        let waiting = || {
            self.those(State::Waiting)
                .filter(move |(other, body)| others_hold((other, body)))
        };
        let own = || {
            self.reading
                .get_key_value(&number)
                .filter(|(_, body)| body.bytes > 0)
        };
        if small {
            if coming().chain(waiting()).next().is_none() {
                // Whole bodies hold all there is.
                return Err(None);
            }
            let slowest = self.slowest(coming().chain(waiting()).chain(own()));
            return slowest.ok_or(None);
        }
        if let Some(slow) = self.slowest(coming().filter(|(_, body)| body.due <= now)) {
            return Ok(slow);
        }
        let in_reading: usize = self.reading.values().map(|body| body.bytes).sum();
        if self.bytes > in_reading || coming().next().is_some() {
            return Err(coming().map(|(_, body)| body.due).min());
        }
        // All who hold room would wait.
        self.slowest(waiting().chain(own())).ok_or(None)
    }

    /// The slowest of whoever holds most.
    fn slowest<'a>(&self, among: impl Iterator<Item = (&'a u64, &'a Reading)>) -> Option<u64> {
        let mut held: HashMap<Client, usize> = HashMap::new();
        for body in self.reading.values().filter(|body| body.state != State::Leaving) {
            *held.entry(body.client).or_default() += body.bytes;
        }
        let slowest = among.min_by_key(|(_, body)| (Reverse(held.get(&body.client)), body.due));
        slowest.map(|(number, _)| *number)
    }

    fn those(&self, state: State) -> impl Iterator<Item = (&u64, &Reading)> {
        self.reading.iter().filter(move |(_, body)| body.state == state)
    }

    fn take(&mut self, brisk: Pace, number: u64, came: usize, more: usize, now: Instant) {
        let Some(body) = self.reading.get_mut(&number) else {
            return;
        };
        // What it waited for room is not its client's doing.
        let left = match body.state {
            State::Waiting => brisk.pause,
            _ => body.due.saturating_duration_since(now),
        };
        body.due = now + brisk.earned(left, came);
        body.state = State::Coming;
        body.bytes += more;
        self.bytes += more;
    }

    fn wait(&mut self, number: u64, next: Option<Instant>) -> Told {
        if let Some(body) = self.reading.get_mut(&number) {
            body.state = State::Waiting;
        }
        Told::Wait(next)
    }

    fn call_off(&mut self, number: u64) {
        if let Some(body) = self.reading.get_mut(&number) {
            cut_off("room");
            body.state = State::Leaving;
            body.give_way.notify_one();
        }
    }
}

#[cfg(test)]
mod tests;
