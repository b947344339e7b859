//! A parcours as it is planned: facts and their times; then as it becomes known, step by step.

use super::agenda::Step;
use super::dice::Dice;
use super::mishap;
use super::settings::Settings;
use super::workdays;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use parcours_model::streams::parcours;
use parcours_model::{Fact, StreamId, calendar};
use std::sync::Arc;

/// How a fact becomes known.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Telling {
    /// Within days, never before the facts ahead of it: later facts may rest on it.
    InTurn,
    /// At the moment it happens, on the portal; later facts may rest on it.
    AtOnce,
    /// Any time after the facts ahead of it; no other fact rests on this one.
    Whenever,
}

/// A fact that is planned.
pub(super) struct Draft {
    pub stream: StreamId,
    pub time: DateTime<Utc>,
    pub telling: Telling,
    pub sender: Arc<str>,
    pub fact: Fact,
    /// What is told first, and corrected later.
    pub first_told: Option<Box<(DateTime<Utc>, Fact)>>,
    /// The days between which the fact might as well have happened: a wrong day is one of these.
    pub window: Option<(NaiveDate, NaiveDate)>,
    /// It never was: somebody was mistaken for somebody else, which is found out later.
    pub imagined: bool,
}

/// The facts of one parcours, told by the files of its steps in any order.
pub(super) struct Journey {
    pub dice: Dice,
    pub parcours: StreamId,
    pub region: Arc<str>,
    drafts: Vec<Draft>,
}

/// A planned parcours, as it becomes known.
pub(super) struct Told {
    pub steps: Vec<Step>,
    /// When the last word on the release of the place is known.
    pub released: Option<DateTime<Utc>>,
}

impl Journey {
    pub fn new(dice: Dice, parcours: StreamId, region: Arc<str>) -> Self {
        Self {
            dice,
            parcours,
            region,
            drafts: Vec::with_capacity(48),
        }
    }

    /// Plans a fact of a day, which later ones may rest on.
    pub fn say(&mut self, sender: &Arc<str>, day: NaiveDate, fact: parcours::Fact) -> &mut Draft {
        self.draft(
            self.parcours,
            calendar::midnight(day),
            Telling::InTurn,
            sender,
            fact.into(),
        )
    }

    /// Plans a fact of a day on which nothing rests.
    pub fn mention(&mut self, sender: &Arc<str>, day: NaiveDate, fact: parcours::Fact) -> &mut Draft {
        self.draft(
            self.parcours,
            calendar::midnight(day),
            Telling::Whenever,
            sender,
            fact.into(),
        )
    }

    /// Plans what the person states on the portal at that moment.
    pub fn state(&mut self, time: DateTime<Utc>, fact: parcours::Fact) {
        let portal = Arc::clone(&self.region);
        self.draft(self.parcours, time, Telling::AtOnce, &portal, fact.into());
    }

    pub fn draft(
        &mut self,
        stream: StreamId,
        time: DateTime<Utc>,
        telling: Telling,
        sender: &Arc<str>,
        fact: Fact,
    ) -> &mut Draft {
        let sender = Arc::clone(sender);
        self.drafts.push(Draft {
            stream,
            time,
            telling,
            sender,
            fact,
            first_told: None,
            window: None,
            imagined: false,
        });
        self.drafts.last_mut().expect("one was just pushed")
    }

    /// Says when each fact becomes known, with what is told late, wrong or twice.
    ///
    /// Every order in which the service then receives them is one the rules accept: a fact told in turn is known
    /// after all those before it in effective order, and a fact told whenever after those told in turn before it.
    pub fn tell(mut self, settings: &Settings) -> Told {
        let mut drafts = std::mem::take(&mut self.drafts);
        drafts.sort_by_cached_key(|draft| (draft.time, draft.fact.place()));
        let mut steps = Vec::with_capacity(drafts.len() + 4);
        let mut released = None;
        let mut in_turn = DateTime::UNIX_EPOCH;
        for mut draft in drafts {
            let latest = self
                .hear(&draft, settings)
                .max(in_turn + TimeDelta::milliseconds(self.dice.between(1, 90_000)));
            if draft.telling != Telling::Whenever {
                in_turn = latest;
            } else if !draft.imagined && self.dice.chance(settings.correction_rate) {
                mishap::befall(&mut self.dice, &mut draft, latest);
            }
            let releases = frees_a_place(&draft.fact);
            let first = steps.len();
            mishap::tell(&mut self.dice, draft, latest, settings, &mut steps);
            if releases {
                released = steps[first..]
                    .iter()
                    .map(|step: &Step| step.known)
                    .max()
                    .max(released);
            }
        }
        steps.sort_by_key(|step| step.known);
        Told { steps, released }
    }

    /// When the sender tells of it, if nothing else has to be told first.
    fn hear(&mut self, draft: &Draft, settings: &Settings) -> DateTime<Utc> {
        if draft.telling == Telling::AtOnce {
            return draft.time + TimeDelta::milliseconds(self.dice.between(200, 3_000));
        }
        let first = draft
            .first_told
            .as_ref()
            .map_or(draft.time, |told| told.0.max(draft.time));
        let mut delay = self.dice.weighted(&[(40, 0), (30, 1), (15, 2), (10, 3), (5, 5)]);
        if draft.telling == Telling::Whenever && self.dice.chance(settings.late_rate) {
            delay += self.dice.between(14, 75) as u64;
        }
        let day = workdays::from_on(calendar::day(first) + Days::new(delay));
        workdays::office_hours(&mut self.dice, day)
    }
}

fn frees_a_place(fact: &Fact) -> bool {
    matches!(
        fact,
        Fact::Parcours(
            parcours::Fact::Exited(_) | parcours::Fact::Withdrawn(_) | parcours::Fact::Declined(_)
        )
    )
}
