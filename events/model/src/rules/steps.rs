//! Net changes by instant, of one holder: of a place, of an aid. Nearly all have one or two.

use chrono::{DateTime, Utc};

#[derive(Clone, Debug)]
pub(super) enum Steps {
    One((DateTime<Utc>, i64)),
    More(Vec<(DateTime<Utc>, i64)>),
}

impl Default for Steps {
    fn default() -> Self {
        Steps::More(Vec::new())
    }
}

impl Steps {
    pub fn all(&self) -> &[(DateTime<Utc>, i64)] {
        match self {
            Steps::One(step) => std::slice::from_ref(step),
            Steps::More(steps) => steps,
        }
    }

    /// The net change of an instant.
    pub fn at(&self, at: DateTime<Utc>) -> i64 {
        let here = self.all().iter().find(|(instant, _)| *instant == at);
        here.map_or(0, |(_, change)| *change)
    }

    /// The same with a change more.
    pub fn with(self, at: DateTime<Utc>, change: i64) -> Steps {
        let mut steps = match self {
            Steps::One(step) => vec![step],
            Steps::More(steps) => steps,
        };
        match steps.iter_mut().find(|(instant, _)| *instant == at) {
            Some((_, net)) => *net += change,
            None => steps.push((at, change)),
        }
        steps.retain(|(_, net)| *net != 0);
        match steps[..] {
            [step] => Steps::One(step),
            _ => Steps::More(steps),
        }
    }
}
