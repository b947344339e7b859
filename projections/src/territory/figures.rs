//! The figures of a territory over a period (PROGRAMME.md, "What territorial impact means, exactly").

use super::standing::days;
use crate::success::MATURITY_MONTHS;
use chrono::NaiveDate;
use parcours_model::calendar;
use schemars::JsonSchema;
use serde::Serialize;

/// The programme's criterion (R23): at least this share of the matured leavers succeed.
pub const SUCCESS_TARGET: f64 = 0.70;

/// The figures; every count is a number of parcours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Started in the period.
    pub entries: i64,
    /// Started on or before the last day, and not exited by then.
    pub in_progress: i64,
    /// Exited in the period.
    pub leavers: i64,
    /// Leavers for death, health or a move: in no rate.
    pub neutral: i64,
    /// Leavers that are not neutral, and whose exit is six months old or more.
    pub matured: i64,
    /// Matured leavers with at least one of the three outcomes below.
    pub successes: i64,
    /// Matured leavers with a full certification.
    pub certified: i64,
    /// Matured leavers with an employment.
    pub employed: i64,
    /// Matured leavers with a business.
    pub created: i64,
    /// `successes` / `matured`; none while nobody is matured.
    pub success_rate: Option<f64>,
    /// Nobody is matured yet: it is too early for a rate.
    pub too_early: bool,
    /// Entries of level 4 at most / entries; none without entries.
    pub low_qualification_share: Option<f64>,
}

/// Sums over people, of which figures are made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    entries: i64,
    low_qualification: i64,
    leavers: i64,
    neutral: i64,
    matured: i64,
    successes: i64,
    certified: i64,
    employed: i64,
    created: i64,
}

impl Count {
    /// Somebody starts.
    pub fn start(&mut self, low_qualification: bool) {
        self.entries += 1;
        self.low_qualification += i64::from(low_qualification);
    }

    /// Somebody leaves. A neutral exit counts among the leavers and in no rate, whatever was obtained.
    pub fn leave(&mut self, neutral: bool, obtained: [bool; 3], matured: bool) {
        self.leavers += 1;
        self.neutral += i64::from(neutral);
        if matured && !neutral {
            self.matured += 1;
            let [certified, employed, created] = obtained.map(i64::from);
            self.certified += certified;
            self.employed += employed;
            self.created += created;
            self.successes += certified | employed | created;
        }
    }

    /// Adds other people.
    pub fn add(&mut self, other: &Count) {
        self.entries += other.entries;
        self.low_qualification += other.low_qualification;
        self.leavers += other.leavers;
        self.neutral += other.neutral;
        self.matured += other.matured;
        self.successes += other.successes;
        self.certified += other.certified;
        self.employed += other.employed;
        self.created += other.created;
    }

    /// How many more started than left.
    pub fn balance(&self) -> i64 {
        self.entries - self.leavers
    }

    /// The figures, rates included; `in_progress` are under way at the end.
    pub fn figures(&self, in_progress: i64) -> Figures {
        Figures {
            entries: self.entries,
            in_progress,
            leavers: self.leavers,
            neutral: self.neutral,
            matured: self.matured,
            successes: self.successes,
            certified: self.certified,
            employed: self.employed,
            created: self.created,
            success_rate: rate(self.successes, self.matured),
            too_early: self.matured == 0,
            low_qualification_share: rate(self.low_qualification, self.entries),
        }
    }
}

impl Figures {
    /// Whether they are of anybody.
    pub(super) fn of_anybody(&self) -> bool {
        self.entries + self.leavers + self.in_progress > 0
    }
}

/// The last exit day that is matured on `as_of`: adding months never turns the order of two days round.
pub(crate) fn last_matured(as_of: NaiveDate) -> i64 {
    let mut day = as_of
        .checked_sub_months(chrono::Months::new(MATURITY_MONTHS))
        .unwrap_or(NaiveDate::MIN);
    // The end of a month may take in a few days more: 28 February is six months after 28, 29, 30 and 31 August.
    while let Some(next) = day
        .succ_opt()
        .filter(|next| calendar::months_later(*next, MATURITY_MONTHS) <= as_of)
    {
        day = next;
    }
    days(day)
}

/// A share of a whole, if there is a whole.
pub(crate) fn rate(part: i64, whole: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^53")]
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_end_of_february_matures_the_end_of_august() {
        assert_eq!(last_matured(date("2026-02-28")), days(date("2025-08-31")));
        assert_eq!(last_matured(date("2026-02-27")), days(date("2025-08-27")));
        assert_eq!(last_matured(date("2028-02-28")), days(date("2027-08-28")));
        assert_eq!(last_matured(date("2026-03-01")), days(date("2025-09-01")));
    }

    #[test]
    fn every_day_of_four_years_matures_exactly_when_its_six_months_have_passed() {
        let exit = date("2024-02-29");
        for later in 0..1500 {
            let as_of = calendar::days_later(date("2024-01-01"), later);
            let matured = calendar::months_later(exit, MATURITY_MONTHS) <= as_of;
            assert_eq!(days(exit) <= last_matured(as_of), matured, "{exit} as of {as_of}");
        }
    }

    #[test]
    fn without_anybody_matured_it_is_too_early_for_a_rate() {
        let mut count = Count::default();
        count.leave(false, [true, false, false], false);
        let figures = count.figures(0);
        assert_eq!((figures.leavers, figures.matured, figures.certified), (1, 0, 0));
        assert_eq!((figures.success_rate, figures.too_early), (None, true));
    }

    #[test]
    fn a_person_with_two_outcomes_is_one_success_and_a_neutral_exit_is_none() {
        let mut count = Count::default();
        count.leave(false, [true, true, false], true);
        count.leave(true, [true, true, true], true);
        let figures = count.figures(0);
        assert_eq!((figures.leavers, figures.neutral, figures.matured), (2, 1, 1));
        assert_eq!(
            (
                figures.certified,
                figures.employed,
                figures.created,
                figures.successes
            ),
            (1, 1, 0, 1)
        );
        assert_eq!(
            (figures.success_rate, figures.low_qualification_share),
            (Some(1.0), None)
        );
    }
}
