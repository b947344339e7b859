//! The figures of a territory over a period (PROGRAMME.md, "What territorial impact means, exactly").

use super::standing::days;
use crate::protection::Cell;
use crate::success::MATURITY_MONTHS;
use chrono::NaiveDate;
use parcours_model::calendar;
use schemars::JsonSchema;
use serde::Serialize;

/// The programme's criterion (R23): at least this share of the matured leavers succeed.
pub const SUCCESS_TARGET: f64 = 0.70;

/// The figures; every count is a number of parcours. Where they are protected, each is told with a noise of its own, so that
/// parts do not quite add up, and is null where it would be from 1 to 4.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Figures {
    /// Started in the period.
    pub entries: Option<i64>,
    /// Started on or before the last day, and not exited by then.
    pub in_progress: Option<i64>,
    /// Exited in the period.
    pub leavers: Option<i64>,
    /// Leavers for death, health or a move: in no rate.
    pub neutral: Option<i64>,
    /// Leavers that are not neutral, and whose exit is six months old or more.
    pub matured: Option<i64>,
    /// Matured leavers with at least one of the three outcomes below.
    pub successes: Option<i64>,
    /// Matured leavers with a full certification.
    pub certified: Option<i64>,
    /// Matured leavers with an employment.
    pub employed: Option<i64>,
    /// Matured leavers with a business.
    pub created: Option<i64>,
    /// `successes` / `matured`; none while nobody is matured.
    pub success_rate: Option<f64>,
    /// Nobody is matured yet: it is too early for a rate.
    pub too_early: bool,
    /// Entries of level 4 at most / entries; none without entries.
    pub low_qualification_share: Option<f64>,
    /// A figure is withheld, since it is of few people: it is null. Left out where nothing is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withheld: bool,
}

/// Sums over people, of which figures are made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    entries: Cell,
    low_qualification: Cell,
    leavers: Cell,
    neutral: Cell,
    matured: Cell,
    successes: Cell,
    certified: Cell,
    employed: Cell,
    created: Cell,
}

impl Count {
    /// Somebody of this record key starts.
    pub fn start(&mut self, key: u32, low_qualification: bool) {
        self.entries.add_one(key);
        if low_qualification {
            self.low_qualification.add_one(key);
        }
    }

    /// Somebody leaves. A neutral exit counts among the leavers and in no rate, whatever was obtained.
    pub fn leave(&mut self, key: u32, neutral: bool, obtained: [bool; 3], matured: bool) {
        self.leavers.add_one(key);
        if neutral {
            self.neutral.add_one(key);
        } else if matured {
            self.matured.add_one(key);
            let kinds = [&mut self.certified, &mut self.employed, &mut self.created];
            kinds
                .into_iter()
                .zip(obtained)
                .filter(|(_, obtained)| *obtained)
                .for_each(|(kind, _)| kind.add_one(key));
            if obtained.contains(&true) {
                self.successes.add_one(key);
            }
        }
    }

    /// Adds other people.
    pub fn add(&mut self, other: &Count) {
        self.entries.add(other.entries);
        self.low_qualification.add(other.low_qualification);
        self.leavers.add(other.leavers);
        self.neutral.add(other.neutral);
        self.matured.add(other.matured);
        self.successes.add(other.successes);
        self.certified.add(other.certified);
        self.employed.add(other.employed);
        self.created.add(other.created);
    }

    /// Who started and did not leave.
    pub fn balance(&self) -> Cell {
        self.entries.less(self.leavers)
    }

    /// The figures, rates included; `in_progress` are under way at the end.
    pub fn figures(&self, in_progress: Cell, protected: bool) -> Figures {
        let mut withheld = false;
        let mut told = |cell: Cell| {
            let told = cell.told(protected);
            withheld |= told.is_none();
            told
        };
        let (entries, matured, successes) = (told(self.entries), told(self.matured), told(self.successes));
        let low_qualification = told(self.low_qualification);
        let figures = Figures {
            entries,
            in_progress: told(in_progress),
            leavers: told(self.leavers),
            neutral: told(self.neutral),
            matured,
            successes,
            certified: told(self.certified),
            employed: told(self.employed),
            created: told(self.created),
            success_rate: share(successes, matured),
            too_early: matured == Some(0),
            low_qualification_share: share(low_qualification, entries),
            withheld: false,
        };
        Figures { withheld, ..figures }
    }
}

/// A share of published counts: each has its own noise, and a part is never more than the whole.
fn share(part: Option<i64>, whole: Option<i64>) -> Option<f64> {
    let whole = whole?;
    rate(part?.min(whole), whole)
}

impl Figures {
    /// Whether they are of anybody.
    pub(super) fn of_anybody(&self) -> bool {
        // What is withheld is not nobody.
        [self.entries, self.leavers, self.in_progress]
            .iter()
            .any(|count| count.is_none_or(|count| count > 0))
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
        count.leave(1, false, [true, false, false], false);
        let figures = count.figures(Cell::default(), false);
        assert_eq!(
            (figures.leavers, figures.matured, figures.certified),
            (Some(1), Some(0), Some(0))
        );
        assert_eq!((figures.success_rate, figures.too_early), (None, true));
    }

    #[test]
    fn a_person_with_two_outcomes_is_one_success_and_a_neutral_exit_is_none() {
        let mut count = Count::default();
        count.leave(1, false, [true, true, false], true);
        count.leave(2, true, [true, true, true], true);
        let figures = count.figures(Cell::default(), false);
        assert_eq!(
            (figures.leavers, figures.neutral, figures.matured),
            (Some(2), Some(1), Some(1))
        );
        assert_eq!(
            (figures.certified, figures.employed, figures.created),
            (Some(1), Some(1), Some(0))
        );
        assert_eq!((figures.successes, figures.success_rate), (Some(1), Some(1.0)));
        assert_eq!(figures.low_qualification_share, None);
    }

    #[test]
    fn a_rate_of_few_is_withheld_and_no_rate_is_above_one() {
        let few = Count {
            matured: Cell { count: 2, key: 0 },
            ..Count::default()
        };
        for key in (0..100).map(|part| part * (u32::MAX / 100)) {
            let mut count = few;
            count.matured.key = key;
            count.successes = Cell {
                count: 2,
                key: key.wrapping_mul(3),
            };
            let figures = count.figures(Cell::default(), true);
            let told = figures.matured;
            assert_eq!(
                figures.success_rate.is_some(),
                told >= Some(5) && figures.successes.is_some()
            );
            assert!(figures.success_rate.is_none_or(|rate| rate <= 1.0));
            assert!(told.is_some() || figures.withheld);
        }
    }
}
