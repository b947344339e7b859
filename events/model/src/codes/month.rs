use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Months, NaiveDate};

use super::Invalid;
use super::text::{digits, text_code};
use crate::bounds::Dates;
use crate::judged::{Judged, Misfit};
use schemars::Schema;

/// A calendar month, `2026-03`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: u16,
    month: u8,
}

text_code!(Month in as_text, code: "a month" | "un mois", expected: "YYYY-MM" | "AAAA-MM",
    pattern: "^(19[0-9]{2}|20[0-9]{2}|2100)-(0[1-9]|1[0-2])$", example: "2026-03", read: str::parse);

impl Month {
    /// The month with this year and number (1 to 12), if the year is from 1900 to 2100.
    pub fn new(year: i32, month: u32) -> Option<Month> {
        let known = (1900..=2100).contains(&year) && (1..=12).contains(&month);
        known.then_some(Month {
            year: year as u16,
            month: month as u8,
        })
    }

    /// The month a day is in, if its year is from 1900 to 2100.
    pub fn of(day: NaiveDate) -> Option<Month> {
        Month::new(day.year(), day.month())
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.year.into()
    }

    /// The month's number, 1 to 12.
    pub fn number(self) -> u32 {
        self.month.into()
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1).expect("a Month is a month of the calendar")
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        let next = self.first_day() + Months::new(1);
        next.pred_opt().expect("a Month is far from the calendar's ends")
    }

    /// The month after, unless this is the last that can be written.
    pub fn next(self) -> Option<Month> {
        Month::of(self.first_day() + Months::new(1))
    }
}

impl Judged for Month {
    fn judge(&self) -> Result<(), Misfit> {
        Dates::judge_year(self.year(), self)
    }
    fn describe(schema: &mut Schema) {
        Dates::describe(schema);
    }
}

impl FromStr for Month {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let parts = text
            .split_once('-')
            .filter(|(year, month)| year.len() == 4 && month.len() == 2);
        parts
            .and_then(|(year, month)| Month::new(digits(year)? as i32, digits(month)? as u32))
            .ok_or_else(|| Month::refused(text))
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn months_follow_one_another_across_the_year() {
        assert!(month("2025-12") < month("2026-01"));
        assert_eq!(month("2025-12").next(), Some(month("2026-01")));
        assert_eq!(month("2100-12").next(), None);
    }

    #[test]
    fn february_ends_when_the_calendar_says() {
        assert_eq!(month("2028-02").last_day().to_string(), "2028-02-29");
        assert_eq!(month("2100-02").last_day().to_string(), "2100-02-28");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for wrong in [
            "2026-00",
            "2026-13",
            "2026-3",
            "2026-03-01",
            "1899-12",
            "2101-01",
            "+026-03",
        ] {
            assert!(wrong.parse::<Month>().is_err(), "{wrong}");
        }
    }
}
