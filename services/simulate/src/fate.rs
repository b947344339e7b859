//! How a parcours ends, and whether it succeeds as PROGRAMME.md counts success.

use super::dice::{Dice, Quota};
use super::settings::Settings;
use chrono::NaiveDate;
use parcours_model::codes::Month;
use parcours_model::streams::parcours::ExitReason;
use std::collections::BTreeMap;

/// How the training ends; what comes of it is dealt later.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    /// The plan is done.
    Full,
    /// Something better comes before the plan is done.
    Early,
    /// The person gives up or is excluded.
    Dropout,
    /// For a reason that counts in no rate.
    Neutral(ExitReason),
}

/// What will have become of a person six months after the exit.
#[derive(Clone, Copy)]
pub(super) struct Fate {
    pub reason: ExitReason,
    /// A certification obtained in full, from the start to six months after the exit.
    pub certified: bool,
    /// An employment started in that time.
    pub employed: bool,
    /// A business created or taken over in that time.
    pub created: bool,
}

impl Fate {
    pub fn succeeds(&self) -> bool {
        self.certified || self.employed || self.created
    }

    /// The same of somebody who takes no examination: what would have been a certification is a job.
    pub fn without_certification(self) -> Self {
        Self {
            employed: self.employed || (self.certified && !self.created),
            certified: false,
            ..self
        }
    }
}

/// Deals out fates so that the wanted rates come out.
///
/// Successes are dealt apart for each month of exit. Whoever gives up leaves early, so among those who left by some
/// day they are too many, and a rate that is right in the long run would be too low in every figure of a short time.
pub(super) struct Fates {
    wanted: f64,
    dropouts: Quota,
    /// Successes due to the leavers of a month so far, beyond those they had.
    due: BTreeMap<Option<Month>, f64>,
}

/// A success falls to the next leaver once this much of one is due, give or take [`JITTER`]: sooner to those who stay.
/// With 72 % of success overall, 28 % of those who give up find work all the same.
const STAYER: f64 = 0.5;
const DROPOUT: f64 = 1.1;
const JITTER: f64 = 0.3;
/// What is due at first, so that on average nothing is left over at the end of a month.
const HEAD_START: f64 = 0.15;

impl Fates {
    pub fn new(settings: &Settings) -> Self {
        let dropouts = Quota::new(settings.dropout_rate);
        Self {
            wanted: settings.success_rate,
            dropouts,
            due: BTreeMap::new(),
        }
    }

    /// How the training of the next person who starts ends.
    pub fn manner(&mut self, dice: &mut Dice) -> Manner {
        use ExitReason::{Deceased, Health, MovedAway};
        if dice.chance(0.05) {
            return Manner::Neutral(dice.weighted(&[(50, Health), (45, MovedAway), (5, Deceased)]));
        }
        match self.dropouts.draw() {
            true => Manner::Dropout,
            false => dice.weighted(&[(68, Manner::Full), (32, Manner::Early)]),
        }
    }

    /// The fate of a person who leaves on a day.
    pub fn deal(&mut self, dice: &mut Dice, manner: Manner, exit: NaiveDate) -> Fate {
        use ExitReason::{Abandoned, Completed, Employment, Excluded, MovedAway, QualifyingTraining};
        let succeeds = self.succeeds(dice, manner, exit);
        let reason = match (manner, succeeds) {
            (Manner::Neutral(reason), _) => reason,
            (Manner::Dropout, _) => dice.weighted(&[(85, Abandoned), (15, Excluded)]),
            (Manner::Early, true) => dice.weighted(&[(76, Employment), (24, QualifyingTraining)]),
            (Manner::Early, false) => QualifyingTraining,
            (Manner::Full, _) => dice.weighted(&[(95, Completed), (5, QualifyingTraining)]),
        };
        let (certified, employed, created) = match reason {
            MovedAway => (false, dice.chance(0.3), false),
            _ if !succeeds => (false, false, false),
            Abandoned | Excluded => dice.weighted(&[(92, (false, true, false)), (8, (false, false, true))]),
            Employment => dice.weighted(&[(72, (false, true, false)), (28, (true, true, false))]),
            QualifyingTraining => dice.weighted(&[(75, (true, false, false)), (25, (false, true, false))]),
            _ => dice.weighted(&[
                (36, (true, false, false)),
                (34, (false, true, false)),
                (24, (true, true, false)),
                (4, (false, false, true)),
                (2, (true, false, true)),
            ]),
        };
        Fate {
            reason,
            certified,
            employed,
            created,
        }
    }

    fn succeeds(&mut self, dice: &mut Dice, manner: Manner, exit: NaiveDate) -> bool {
        let threshold = match manner {
            Manner::Neutral(_) => return false,
            Manner::Dropout => DROPOUT,
            Manner::Full | Manner::Early => STAYER,
        };
        let jitter = dice.between(-1_000, 1_000) as f64 / 1_000.0 * JITTER;
        let due = self.due.entry(Month::of(exit)).or_insert(HEAD_START);
        *due += self.wanted;
        let succeeds = *due >= threshold + jitter;
        if succeeds {
            *due -= 1.0;
        }
        succeeds
    }
}
