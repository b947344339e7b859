//! Keeping views together: what is made for one then serves all.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::feed::FULL;
use crate::store::Mark;
use crate::view::View;

/// Between two looks at whether a view that is waited for is still at work.
const LOOK: Duration = Duration::from_millis(250);

/// How long views wait for each other.
pub(super) struct Patience {
    /// How many entries a view may run ahead of another. Views that drift apart would each have batches of their own made.
    ahead: u64,
    /// A view that waits for a slower one waits no longer than this: it may have been stopped.
    wait: Duration,
    /// A view which has asked for nothing for this long is waited for by nobody.
    absent: Duration,
}

/// Of views that take batches.
pub(super) const OVER_BATCHES: Patience = Patience {
    ahead: FULL as u64,
    wait: Duration::from_millis(250),
    absent: Duration::from_secs(1),
};
/// Of views that take strides: to write one takes seconds where the disk is busy.
pub(super) const OVER_STRIDES: Patience = Patience {
    ahead: 0,
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
    mark: Mark,
    until: Instant,
}

impl Company {
    /// Notes where this view is, and waits a little if it runs ahead of others that are at work.
    pub async fn keep(&self, view: &'static View, mark: Mark, patience: &Patience) {
        let until = Instant::now() + patience.wait;
        loop {
            let moved = self.moved.notified();
            let slowest = self.slowest(view, mark, patience.absent);
            let together = slowest >= mark || slowest.checkpoint() + patience.ahead > mark.checkpoint();
            if together || Instant::now() >= until {
                return;
            }
            // Nobody says so when a view that was waited for is no longer at work.
            let _ = timeout_at(until.min(Instant::now() + LOOK), moved).await;
        }
    }

    /// This view and the others that wait at the same place, and the next place where one is: a stride ends there, so that
    /// they go on together.
    pub fn at(&self, view: &'static View, mark: Mark) -> (Vec<&'static View>, Option<Mark>) {
        let now = Instant::now();
        let others = |place: &Place| {
            (place.mark == mark && place.until > now && place.view.name != view.name).then_some(place.view)
        };
        let mut views = vec![view];
        let places = self.places();
        views.extend(places.iter().filter_map(others));
        let marks = places.iter().map(|place| place.mark);
        (views, marks.filter(|other| *other > mark).min())
    }

    /// Notes where this view is, and answers where the slowest of those at work is.
    fn slowest(&self, view: &'static View, mark: Mark, absent: Duration) -> Mark {
        let mut places = self.places();
        let now = Instant::now();
        let until = now + absent;
        match places.iter_mut().find(|place| place.view.name == view.name) {
            Some(place) if place.mark == mark => place.until = until,
            Some(place) => {
                *place = Place { view, mark, until };
                self.moved.notify_waiters();
            }
            None => places.push(Place { view, mark, until }),
        }
        let at_work = places.iter().filter(|place| place.until > now);
        at_work.map(|place| place.mark).min().unwrap_or(mark)
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parcours_log::Anchor;

    use crate::store::Crossing;
    use crate::{catalogue, outcomes, timeline};

    #[tokio::test]
    async fn views_that_have_drifted_apart_go_on_together_from_where_the_next_one_is() {
        let company = Company::default();
        let alone = Patience {
            wait: Duration::ZERO,
            ..OVER_STRIDES
        };
        let place = |size| Anchor {
            size,
            ..Anchor::start()
        };
        let at = |size| Mark::at(place(size));
        let across = |done| Mark {
            at: place(5_000),
            crossing: Some(Crossing {
                to: place(70_000),
                done,
            }),
        };
        for (view, mark) in [
            (&catalogue::VIEW, at(70_000)),
            (&timeline::VIEW, across(300)),
            (&outcomes::VIEW, at(5_000)),
        ] {
            company.keep(view, mark, &alone).await;
        }
        let next = |view, mark| {
            let (views, next) = company.at(view, mark);
            (views.len(), next)
        };
        assert_eq!(next(&outcomes::VIEW, at(5_000)), (1, Some(across(300))));
        company.keep(&outcomes::VIEW, across(300), &alone).await;
        assert_eq!(next(&outcomes::VIEW, across(300)), (2, Some(at(70_000))));
        assert_eq!(next(&catalogue::VIEW, at(70_000)), (1, None));
    }
}
