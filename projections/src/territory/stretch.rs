//! A period, in one piece or cut into months, quarters or years.

use super::By;
use super::standing::days;
use chrono::NaiveDate;
use parcours_model::codes::Month;

/// Stretches of time that follow one another without a gap.
#[derive(Debug)]
pub(super) struct Stretches {
    /// What each is called.
    pub keys: Vec<String>,
    /// The first day of each.
    begin: Vec<i64>,
    /// The last day of all that counts.
    last: i64,
}

impl Stretches {
    /// A period cut by `by`, or whole. What is after the day `as_of` does not count.
    pub fn new(by: Option<By>, from: NaiveDate, to: NaiveDate, as_of: NaiveDate) -> Self {
        let cut = match by {
            Some(by) => cut(by, from, to),
            None => vec![(String::new(), from)],
        };
        let (keys, begin) = cut.into_iter().map(|(key, first)| (key, days(first))).unzip();
        Stretches {
            keys,
            begin,
            last: days(to.min(as_of)),
        }
    }

    /// The stretch in which a day lies, from 1; 0 for a day before them all, none for one after them.
    pub fn find(&self, day: i64) -> Option<usize> {
        (day <= self.last).then(|| self.begin.partition_point(|begin| *begin <= day))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.begin.len()
    }
}

/// The months, quarters or years of a period, each with its first day in it.
fn cut(by: By, from: NaiveDate, to: NaiveDate) -> Vec<(String, NaiveDate)> {
    let key = |month: Month| match by {
        By::Quarter => format!("{}-Q{}", month.year(), month.number().div_ceil(3)),
        By::Year => month.year().to_string(),
        _ => month.to_string(),
    };
    let months = std::iter::successors(Month::of(from), |month| month.next())
        .take_while(move |month| month.first_day() <= to);
    let mut cut: Vec<_> = months
        .map(|month| (key(month), month.first_day().max(from)))
        .collect();
    cut.dedup_by(|later, first| later.0 == first.0);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_is_cut_into_months_quarters_and_years_and_nothing_of_it_is_lost() {
        let told = |by: By, from: &str, to: &str| {
            let cut = cut(by, day(from), day(to)).into_iter();
            cut.map(|(key, first)| format!("{key} {first}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(By::Quarter, "2025-11-15", "2026-04-02"),
            ["2025-Q4 2025-11-15", "2026-Q1 2026-01-01", "2026-Q2 2026-04-01"]
        );
        assert_eq!(
            told(By::Year, "2025-11-15", "2026-04-02"),
            ["2025 2025-11-15", "2026 2026-01-01"]
        );
        assert_eq!(
            told(By::Month, "2026-02-03", "2026-02-03"),
            ["2026-02 2026-02-03"]
        );
    }

    #[test]
    fn a_day_lies_in_one_stretch_before_them_or_after_what_counts() {
        let (from, to) = (day("2026-01-15"), day("2026-03-31"));
        let stretches = Stretches::new(Some(By::Month), from, to, day("2026-03-10"));
        let found = |text| stretches.find(days(day(text)));
        assert_eq!((found("2026-01-14"), found("2026-01-15")), (Some(0), Some(1)));
        assert_eq!((found("2026-01-31"), found("2026-02-01")), (Some(1), Some(2)));
        assert_eq!((found("2026-03-10"), found("2026-03-11")), (Some(3), None));
        assert_eq!(stretches.count(), 3);
    }
}
