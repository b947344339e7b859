//! The figures of a territory over a period (PROGRAMME.md, "What territorial impact means, exactly").

use super::standing::{Sums, days};
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

/// Adds up what days bring.
pub(super) struct Adder {
    from: i64,
    to: i64,
    last_matured: i64,
    low_qualification: i64,
    figures: Figures,
}

impl Adder {
    /// Figures of the days from `from` to `to`, both included, as of the day `as_of`.
    pub fn new(from: NaiveDate, to: NaiveDate, as_of: NaiveDate) -> Self {
        Self {
            from: days(from),
            to: days(to),
            last_matured: last_matured(as_of),
            low_qualification: 0,
            figures: Figures::default(),
        }
    }

    /// Adds one day's sums. Days may come in any order; those after the period count for nothing.
    pub fn add(&mut self, day: i64, sums: &Sums) {
        let [
            entries,
            low_qualification,
            leavers,
            neutral,
            certified,
            employed,
            created,
            successes,
        ] = sums;
        if day > self.to {
            return;
        }
        let figures = &mut self.figures;
        figures.in_progress += entries - leavers;
        if day < self.from {
            return;
        }
        figures.entries += entries;
        self.low_qualification += low_qualification;
        figures.leavers += leavers;
        figures.neutral += neutral;
        if day <= self.last_matured {
            figures.matured += leavers - neutral;
            figures.successes += successes;
            figures.certified += certified;
            figures.employed += employed;
            figures.created += created;
        }
    }

    /// The figures, rates included.
    pub fn finish(mut self) -> Figures {
        let figures = &mut self.figures;
        figures.too_early = figures.matured == 0;
        figures.success_rate = rate(figures.successes, figures.matured);
        figures.low_qualification_share = rate(self.low_qualification, figures.entries);
        self.figures
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
        let mut adder = Adder::new(date("2026-01-01"), date("2026-12-31"), date("2026-06-01"));
        adder.add(days(date("2026-03-01")), &[0, 0, 1, 0, 1, 0, 0, 1]);
        let figures = adder.finish();
        assert_eq!(
            (
                figures.leavers,
                figures.matured,
                figures.success_rate,
                figures.too_early
            ),
            (1, 0, None, true)
        );
    }

    #[test]
    fn who_started_before_the_period_and_left_in_it_is_a_leaver_and_no_entry() {
        let mut adder = Adder::new(date("2026-01-01"), date("2026-12-31"), date("2027-12-31"));
        adder.add(days(date("2025-12-31")), &[2, 2, 0, 0, 0, 0, 0, 0]);
        adder.add(days(date("2026-01-01")), &[0, 0, 1, 0, 0, 1, 0, 1]);
        adder.add(days(date("2027-01-01")), &[0, 0, 1, 0, 0, 0, 0, 0]);
        let figures = adder.finish();
        assert_eq!((figures.entries, figures.leavers, figures.in_progress), (0, 1, 1));
        assert_eq!(
            (figures.success_rate, figures.low_qualification_share),
            (Some(1.0), None)
        );
    }
}
