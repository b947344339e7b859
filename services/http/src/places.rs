//! Places for what clients keep open, and how they pass from those who only wait to those who come.
//!
//! Nobody waits for a place. Where there is none left, whoever has waited longest gives way: one of the newcomer's own
//! when it has its share already, otherwise one of whoever has most. What is at work keeps its place.

use crate::Client;
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// In the place of a time: it does not wait.
const AT_WORK: u64 = u64::MAX;

/// So many places, of which one client has at most half. Clones are the same.
#[derive(Clone)]
pub struct Places(Arc<Shared>);

struct Shared {
    limit: usize,
    share: usize,
    began: Instant,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    next: u64,
    seats: HashMap<u64, Arc<Seat>>,
    /// Invariant: how many of `seats` each client has; nobody with none.
    held: HashMap<Client, usize>,
}

struct Seat {
    client: Client,
    /// Since when it waits, in nanoseconds from the beginning; or [`AT_WORK`].
    waiting: AtomicU64,
    /// How often it began to work.
    turns: AtomicU64,
    leave: CancellationToken,
}

/// A place, at first of somebody who waits. Given back when dropped.
pub struct Place {
    shared: Arc<Shared>,
    number: u64,
    seat: Arc<Seat>,
}

impl Places {
    /// So many.
    pub fn new(limit: usize) -> Self {
        Places(Arc::new(Shared {
            limit,
            share: limit.div_ceil(2),
            began: Instant::now(),
            taken: Mutex::default(),
        }))
    }

    /// How many one client may have.
    pub fn share(&self) -> usize {
        self.0.share
    }

    /// A place for this client, another's if need be; `None` where everybody who could give way is at work.
    pub fn take(&self, client: Client) -> Option<Place> {
        let mut taken = self.0.taken();
        let held = taken.held.get(&client).copied().unwrap_or_default();
        if held >= self.0.share {
            taken.give_way(|seat| seat.client == client)?;
        } else if taken.seats.len() >= self.0.limit {
            taken.give_way(|_| true)?;
        }
        let seat = Arc::new(Seat {
            client,
            waiting: AtomicU64::new(self.0.now()),
            turns: AtomicU64::new(0),
            leave: CancellationToken::new(),
        });
        let number = taken.next;
        taken.next += 1;
        taken.seats.insert(number, seat.clone());
        *taken.held.entry(client).or_default() += 1;
        Some(Place {
            shared: self.0.clone(),
            number,
            seat,
        })
    }

    /// Has whoever has waited longest give way although nobody takes the place: something else has run out.
    pub fn make_room(&self) {
        self.0.taken().give_way(|_| true);
    }
}

impl Place {
    /// It is at work from now on: the place is its own.
    pub fn works(&self) {
        self.seat.turns.fetch_add(1, Ordering::Relaxed);
        self.seat.waiting.store(AT_WORK, Ordering::Relaxed);
    }

    /// It waits, from now on if it did not before.
    pub fn waits(&self) {
        let now = self.shared.now();
        let waiting = &self.seat.waiting;
        let _ = waiting.compare_exchange(AT_WORK, now, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether it is at work.
    pub fn is_at_work(&self) -> bool {
        !self.seat.is_waiting()
    }

    /// How often it began to work so far.
    pub(crate) fn turns(&self) -> u64 {
        self.seat.turns.load(Ordering::Relaxed)
    }

    /// Completes when the place has gone to somebody else.
    pub async fn given_away(&self) {
        self.seat.leave.cancelled().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.taken().remove(self.number);
    }
}

impl Seat {
    fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) != AT_WORK
    }
}

impl Shared {
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(AT_WORK - 1)
    }
}

impl Taken {
    /// Takes the place of the one that has waited longest, of whoever has most among these.
    fn give_way(&mut self, among: impl Fn(&Seat) -> bool) -> Option<()> {
        let waiting = self
            .seats
            .iter()
            .filter(|(_, seat)| seat.is_waiting() && among(seat));
        let (number, _) = waiting.min_by_key(|(_, seat)| {
            let since = seat.waiting.load(Ordering::Relaxed);
            (Reverse(self.held.get(&seat.client)), since)
        })?;
        let seat = self.remove(*number)?;
        seat.leave.cancel();
        Some(())
    }

    fn remove(&mut self, number: u64) -> Option<Arc<Seat>> {
        let seat = self.seats.remove(&number)?;
        if let Some(held) = self.held.get_mut(&seat.client) {
            *held -= 1;
            if *held == 0 {
                self.held.remove(&seat.client);
            }
        }
        Some(seat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;

    fn client(last: u8) -> Client {
        Client::from(SocketAddr::from(([192, 0, 2, last], 1)))
    }

    fn has_gone(place: &Place) -> bool {
        place.seat.leave.is_cancelled()
    }

    #[test]
    fn a_newcomer_takes_the_place_of_its_own_that_has_waited_longest_once_it_has_its_share() {
        let places = Places::new(4);
        let other = places.take(client(2)).unwrap();
        let first = places.take(client(1)).unwrap();
        let second = places.take(client(1)).unwrap();
        first.works();
        first.waits();
        let third = places.take(client(1)).unwrap();
        assert_eq!(
            [&other, &first, &second, &third].map(has_gone),
            [false, false, true, false]
        );
    }

    #[test]
    fn where_all_places_are_taken_whoever_has_most_gives_way() {
        let places = Places::new(4);
        let rare = places.take(client(2)).unwrap();
        let many = [(); 2].map(|()| places.take(client(1)).unwrap());
        let third = places.take(client(3)).unwrap();
        let newcomer = places.take(client(4)).unwrap();
        assert_eq!(
            [&rare, &many[0], &many[1], &third, &newcomer].map(has_gone),
            [false, true, false, false, false]
        );
    }

    #[test]
    fn what_is_at_work_keeps_its_place() {
        let places = Places::new(2);
        let own = places.take(client(1)).unwrap();
        own.works();
        assert!(places.take(client(1)).is_none(), "it has its share");
        let other = places.take(client(2)).unwrap();
        other.works();
        assert!(places.take(client(3)).is_none(), "all are taken");
        assert!(!has_gone(&own) && !has_gone(&other));
        drop(own);
        assert!(places.take(client(1)).is_some());
    }

    #[test]
    fn a_place_given_away_is_given_back_once() {
        let places = Places::new(2);
        let before = places.take(client(1)).unwrap();
        let now = places.take(client(1)).unwrap();
        assert!(has_gone(&before));
        now.works();
        drop(before);
        assert!(places.take(client(1)).is_none(), "the place is that of another");
    }
}
