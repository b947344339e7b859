//! Telling of what fails, in proportion: a line when it begins, one now and then with the number of times, one when it is
//! over; not one for everybody whom it concerns.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Between two lines about a trouble that lasts.
const LASTING: Duration = Duration::from_secs(60);
/// Between two lines that a trouble has begun: what comes and goes is counted meanwhile.
const BEGINNING: Duration = Duration::from_secs(10);

/// Something that may fail for a while.
#[derive(Debug)]
pub struct Trouble {
    /// Of what, in a word.
    of: &'static str,
    /// What it means.
    meaning: &'static str,
    /// Whether the last line said that it fails. Read first, so that success costs nothing.
    said: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    told: Option<Instant>,
    began: Option<Instant>,
    /// Failures since the last line.
    untold: u64,
}

impl Trouble {
    /// Nothing has failed yet.
    pub const fn new(of: &'static str, meaning: &'static str) -> Trouble {
        Trouble {
            of,
            meaning,
            said: AtomicBool::new(false),
            state: Mutex::new(State {
                told: None,
                began: None,
                untold: 0,
            }),
        }
    }

    /// It has failed.
    pub fn met(&self, cause: &dyn Display) {
        let Some(times) = self.count(Instant::now()) else {
            return;
        };
        let (of, meaning) = (self.of, self.meaning);
        tracing::warn!(of, times, error = %cause, "{meaning}");
    }

    /// It works.
    pub fn over(&self) {
        if !self.said.load(Ordering::Relaxed) {
            return;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if self.said.swap(false, Ordering::Relaxed) {
            let seconds = state.began.take().map_or(0, |began| began.elapsed().as_secs());
            let times = std::mem::take(&mut state.untold);
            let (of, meaning) = (self.of, self.meaning);
            tracing::info!(of, times, seconds, "no longer: {meaning}");
        }
    }

    /// Counts a failure; how many there were since the last line, if it is time for one.
    fn count(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.untold += 1;
        let pause = if self.said.load(Ordering::Relaxed) {
            LASTING
        } else {
            BEGINNING
        };
        if state.told.is_some_and(|told| now.duration_since(told) < pause) {
            return None;
        }
        state.told = Some(now);
        state.began.get_or_insert(now);
        self.said.store(true, Ordering::Relaxed);
        Some(std::mem::take(&mut state.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_that_lasts_is_told_once_and_then_summed_up() {
        let (trouble, start) = (Trouble::new("test", "it fails"), Instant::now());
        assert_eq!(trouble.count(start), Some(1));
        for second in 1..60 {
            assert_eq!(trouble.count(start + Duration::from_secs(second)), None);
        }
        assert_eq!(trouble.count(start + LASTING), Some(60));
    }

    #[test]
    fn a_trouble_that_comes_and_goes_is_told_now_and_then() {
        let (trouble, start) = (Trouble::new("test", "it fails"), Instant::now());
        assert_eq!(trouble.count(start), Some(1));
        for _ in 0..100 {
            trouble.over();
            assert_eq!(trouble.count(start + Duration::from_secs(1)), None);
        }
        assert_eq!(trouble.count(start + BEGINNING), Some(101));
    }
}
