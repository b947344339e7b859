//! Keeping views together: what is made for one then serves all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::feed::FULL;
use crate::view::View;

/// How far a view may run ahead of another. Views that drift apart would each have batches of their own made.
const AHEAD: u64 = FULL as u64;
/// Between two looks at whether a view that is waited for is still at work.
const LOOK: Duration = Duration::from_millis(250);

/// How long views wait for each other.
pub(super) struct Patience {
    /// A view that waits for a slower one waits no longer than this: it may have been stopped.
    wait: Duration,
    /// A view which has asked for nothing for this long is waited for by nobody.
    absent: Duration,
}

/// Of views that take batches.
pub(super) const OVER_BATCHES: Patience = Patience {
    wait: Duration::from_millis(250),
    absent: Duration::from_secs(1),
};
/// Of views that take strides: to write one takes seconds where the disk is busy.
pub(super) const OVER_STRIDES: Patience = Patience {
    wait: Duration::from_secs(20),
    absent: Duration::from_secs(20),
};

/// Where each view is.
#[derive(Default)]
pub(super) struct Company {
    places: Mutex<Vec<Place>>,
    moved: Notify,
}

/// Where a view asked for a batch or a stride last, and until when it is waited for.
struct Place {
    view: &'static View,
    from: u64,
    until: Instant,
}

impl Company {
    /// Notes where this view is, and waits a little if it runs ahead of others that are at work.
    pub async fn keep(&self, view: &'static View, from: u64, patience: &Patience) {
        let until = Instant::now() + patience.wait;
        loop {
            let moved = self.moved.notified();
            if self.slowest(view, from, patience.absent) + AHEAD >= from || Instant::now() >= until {
                return;
            }
            // Nobody says so when a view that was waited for is no longer at work.
            let _ = timeout_at(until.min(Instant::now() + LOOK), moved).await;
        }
    }

    /// This view and the others that wait at the same place, and the entries from there to the next place where one is: a
    /// stride ends there, so that they go on together.
    pub fn at(&self, view: &'static View, from: u64) -> (Vec<&'static View>, usize) {
        let now = Instant::now();
        let others = |place: &Place| {
            (place.from == from && place.until > now && place.view.name != view.name).then_some(place.view)
        };
        let mut views = vec![view];
        let places = self.places();
        views.extend(places.iter().filter_map(others));
        (views, room(&places, from))
    }

    /// Notes where this view is, and answers where the slowest of those at work is.
    fn slowest(&self, view: &'static View, from: u64, absent: Duration) -> u64 {
        let mut places = self.places();
        let now = Instant::now();
        let until = now + absent;
        match places.iter_mut().find(|place| place.view.name == view.name) {
            Some(place) if place.from == from => place.until = until,
            Some(place) => {
                *place = Place { view, from, until };
                self.moved.notify_waiters();
            }
            None => places.push(Place { view, from, until }),
        }
        let at_work = places.iter().filter(|place| place.until > now);
        at_work.map(|place| place.from).min().unwrap_or(from)
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The entries from `from` to the next place where a view is.
fn room(places: &[Place], from: u64) -> usize {
    let ahead = places.iter().map(|place| place.from);
    let next = ahead.filter(|place| *place > from).min();
    next.map_or(usize::MAX, |next| {
        usize::try_from(next - from).unwrap_or(usize::MAX)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue, outcomes, timeline};

    #[test]
    fn a_view_that_is_behind_goes_no_further_than_to_the_next_so_that_they_go_on_together() {
        let until = Instant::now();
        let place = |view, from| Place { view, from, until };
        let places = [
            place(&catalogue::VIEW, 70_000),
            place(&timeline::VIEW, 5_000),
            place(&outcomes::VIEW, 20_000),
        ];
        assert_eq!(room(&places, 5_000), 15_000);
        assert_eq!(room(&places, 20_000), 50_000);
        assert_eq!(room(&places, 70_000), usize::MAX);
    }
}
