//! What the writer last did, and who waits for it: the truth about whether a log takes appends.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::LogError;
use crate::trouble::Trouble;

/// How the writing of this process goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// When it last wrote something that is on disk; none before the first time.
    pub committed: Option<DateTime<Utc>>,
    /// When it failed to, and why, if that was later.
    pub failure: Option<(DateTime<Utc>, String)>,
    /// For how long the oldest append that has no answer yet has been waiting, as far as is known: none was answered since.
    pub waiting: Option<Duration>,
}

/// Where it is noted. Clones are the same.
#[derive(Clone)]
pub(crate) struct Notes(Arc<Inner>);

struct Inner {
    noted: Mutex<Noted>,
    /// Tells whoever runs the service, in proportion.
    trouble: Trouble,
}

impl Default for Notes {
    fn default() -> Self {
        Notes(Arc::new(Inner {
            noted: Mutex::default(),
            trouble: Trouble::new("log", "events cannot be appended"),
        }))
    }
}

#[derive(Default)]
struct Noted {
    committed: Option<DateTime<Utc>>,
    failure: Option<(DateTime<Utc>, String)>,
    /// How many wait.
    waiting: usize,
    /// When the last one was answered, or the first one came.
    since: Option<Instant>,
}

/// Held by whoever waits.
pub(crate) struct Wait(Notes);

impl Notes {
    /// Something is on disk.
    pub fn committed(&self) {
        let mut noted = self.lock();
        noted.committed = Some(Utc::now());
        noted.failure = None;
        drop(noted);
        self.0.trouble.over();
    }

    /// Something could not be written, or not be decided.
    pub fn failed(&self, error: &LogError) {
        self.lock().failure = Some((Utc::now(), error.to_string()));
        self.0.trouble.met(error);
    }

    /// Somebody begins to wait.
    pub fn wait(&self) -> Wait {
        let mut noted = self.lock();
        noted.waiting += 1;
        if noted.waiting == 1 {
            noted.since = Some(Instant::now());
        }
        drop(noted);
        Wait(self.clone())
    }

    /// How it goes.
    pub fn told(&self) -> Writing {
        let noted = self.lock();
        Writing {
            committed: noted.committed,
            failure: noted.failure.clone(),
            waiting: noted
                .since
                .filter(|_| noted.waiting > 0)
                .map(|since| since.elapsed()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        self.0.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        let mut noted = self.0.lock();
        noted.waiting -= 1;
        noted.since = Some(Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_until_something_is_written() {
        let notes = Notes::default();
        assert_eq!(notes.told(), Writing::default());
        notes.failed(&LogError::Unavailable("no space left".into()));
        let (_, why) = notes.told().failure.unwrap();
        assert!(why.contains("no space left"), "{why}");
        notes.committed();
        let told = notes.told();
        assert!(told.committed.is_some() && told.failure.is_none(), "{told:?}");
    }

    #[test]
    fn who_waits_is_told_while_somebody_does() {
        let notes = Notes::default();
        let (first, second) = (notes.wait(), notes.wait());
        drop(first);
        assert!(notes.told().waiting.is_some());
        drop(second);
        assert_eq!(notes.told().waiting, None);
    }
}
