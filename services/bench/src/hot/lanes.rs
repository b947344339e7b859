//! Many people admitted, to one session or to many, by bulk imports in turn; and in the order of time or in none.

use super::facts::{Lines, Person};
use crate::scratch::Scratch;
use crate::sides::Sides;
use anyhow::ensure;
use chrono::{DateTime, Utc};
use std::time::Duration;
use uuid::Uuid;

/// People of the first import, and of the largest.
const FEWEST: u32 = 100;
const MOST: u32 = 5_000;
/// An import that took less is followed by a larger one, an import that took more by a smaller one.
const QUICK: Duration = Duration::from_millis(500);
const SLOW: Duration = Duration::from_secs(4);
/// What the admissions of one lane may take of a side. A build whose admissions grow with the session never ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// Admissions that are measured together.
pub struct Lane {
    sessions: Vec<Uuid>,
    shuffled: bool,
    /// The people admitted first, as many as are wanted.
    pub first: Vec<Person>,
    wanted: usize,
    sent: u32,
    /// People of the next import.
    next: u32,
    sides: Vec<Filled>,
}

/// How far a side has come.
#[derive(Clone, Copy, Default)]
struct Filled {
    admitted: u32,
    took: Duration,
}

impl Filled {
    fn can_follow(&self) -> bool {
        self.took < PATIENCE
    }
}

impl Lane {
    /// Admissions to these sessions in turn. The first `wanted` people are remembered.
    pub fn new(sessions: Vec<Uuid>, shuffled: bool, wanted: usize, sides: usize) -> Self {
        Self {
            sessions,
            shuffled,
            first: Vec::new(),
            wanted,
            sent: 0,
            next: FEWEST,
            sides: vec![Filled::default(); sides],
        }
    }

    /// How many people a side has admitted.
    pub fn admitted(&self, side: usize) -> u32 {
        self.sides[side].admitted
    }

    /// Admissions a second.
    pub fn speed(&self, side: usize) -> f64 {
        let Filled { admitted, took } = self.sides[side];
        f64::from(admitted) / took.as_secs_f64()
    }

    fn is_over(&self, people: u32) -> bool {
        self.sent >= people || !self.sides.iter().any(Filled::can_follow)
    }

    /// Admits some more, of `people` in all: by each side that can follow.
    async fn advance(
        &mut self,
        sides: &Sides,
        scratch: &Scratch,
        people: u32,
        dates: Dates,
    ) -> anyhow::Result<()> {
        let (mut before, mut admissions) = (Lines::default(), Lines::default());
        let count = self.next.min(people - self.sent);
        for number in self.sent..self.sent + count {
            let person = Person::new();
            person.prepare(&mut before);
            let session = self.sessions[number as usize % self.sessions.len()];
            let share = f64::from(number) / f64::from(people);
            let share = if self.shuffled { person.chance() } else { share };
            person.admit(session, dates(share), &mut admissions);
            if self.first.len() < self.wanted {
                self.first.push(person);
            }
        }
        let mut slowest = Duration::ZERO;
        for (number, filled) in self
            .sides
            .iter_mut()
            .enumerate()
            .filter(|(_, side)| side.can_follow())
        {
            let service = sides.turn(number)?;
            let prepared = before.send(service, scratch).await?;
            service.caught_up().await?;
            let sent = admissions.send(service, scratch).await?;
            ensure!(
                (prepared.refused, sent.refused) == (0, 0),
                "{} of {count} admissions were refused",
                sent.refused
            );
            filled.admitted += count;
            filled.took += sent.took;
            slowest = slowest.max(sent.took);
        }
        self.sent += count;
        if slowest < QUICK {
            self.next = (self.next * 2).min(MOST);
        } else if slowest > SLOW {
            self.next = (self.next / 2).max(FEWEST / 10);
        }
        Ok(())
    }
}

/// The time of an admission, by the share of the people who are admitted before it.
pub type Dates = fn(f64) -> DateTime<Utc>;

/// Fills all lanes in turn, each to so many people if it can.
pub async fn fill(
    sides: &Sides,
    scratch: &Scratch,
    lanes: &mut [&mut Lane],
    people: u32,
    dates: Dates,
) -> anyhow::Result<()> {
    while lanes.iter().any(|lane| !lane.is_over(people)) {
        for lane in lanes.iter_mut().filter(|lane| !lane.is_over(people)) {
            lane.advance(sides, scratch, people, dates).await?;
        }
    }
    for number in 0..sides.count() {
        sides.turn(number)?.caught_up().await?;
    }
    Ok(())
}
