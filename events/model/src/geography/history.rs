//! The history of the official geographic code: what a code that was a commune's means today.

use chrono::NaiveDate;

use super::CommuneRecord;
use super::table::{Edition, Former};

impl Edition {
    /// The commune of an accepted code: one that an event may carry, since it is a current commune's or counts as one.
    pub(crate) fn accepted(&self, code: &str) -> Option<&CommuneRecord> {
        let found = self.accepted.binary_search_by_key(&code, |known| known.code);
        found
            .ok()
            .map(|place| &self.communes[usize::from(self.accepted[place].commune)])
    }

    /// The commune of today that `code` named on `day`, or names now; `None` if nothing tells. A code that was taken
    /// from one commune and later given to another (none has been since 2000) is told apart by the day.
    pub(crate) fn meant(&self, code: &str, day: Option<NaiveDate>) -> Option<&CommuneRecord> {
        let former = self.former(code);
        let then = day.and_then(|day| {
            former
                .iter()
                .find(|former| former.until.is_some_and(|until| day < until))
        });
        match then {
            Some(former) => self.commune(former.commune),
            None => self
                .accepted(code)
                .or_else(|| self.commune(former.last()?.commune)),
        }
    }

    /// What became of a code that is no commune's: which commune took it over, and since when, where that is known.
    pub(crate) fn retired(&self, code: &str) -> Option<(&CommuneRecord, Option<NaiveDate>)> {
        let last = self.former(code).last()?;
        Some((self.commune(last.commune)?, last.until))
    }

    fn former(&self, code: &str) -> &[Former] {
        let from = self.former.partition_point(|former| former.code < code);
        let count = self.former[from..]
            .iter()
            .take_while(|former| former.code == code)
            .count();
        &self.former[from..from + count]
    }
}

#[cfg(test)]
mod tests {
    use super::super::edition;
    use super::*;

    fn day(text: &str) -> Option<NaiveDate> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn every_former_code_leads_to_a_current_commune() {
        for former in &edition().former {
            assert!(edition().commune(former.code).is_none(), "{}", former.code);
            assert!(edition().meant(former.code, None).is_some(), "{}", former.code);
        }
        assert_eq!(edition().meant("20004", None).unwrap().name, "Ajaccio");
    }

    #[test]
    fn a_code_that_moved_without_a_merger_leads_to_its_new_one() {
        for (old, new) in [
            ("14011", "14581"),
            ("12076", "12218"),
            ("49069", "49126"),
            ("69159", "69114"),
        ] {
            assert_eq!(edition().meant(old, None).unwrap().code, new);
            assert_eq!(edition().retired(old).unwrap().1, day("2025-01-01"));
        }
    }

    #[test]
    fn a_code_that_came_back_is_a_commune_s_on_any_day() {
        for code in ["15031", "15035", "15047", "15171"] {
            for day in [None, day("2015-06-01"), day("2020-06-01"), day("2026-06-01")] {
                assert_eq!(edition().meant(code, day).unwrap().code, code);
            }
        }
    }

    #[test]
    fn a_code_given_to_another_commune_is_told_apart_by_the_day() {
        let edition = Edition::read(
            "R\t28\tNormandie\nD\t76\t28\tSeine-Maritime\nE\t\t\nC\t76001\t1\t\t\tUn\nC\t76002\t2\t\t\tDeux\nF\t76001\t76002\t2020-01-01\n",
        );
        let meant = |day| edition.meant("76001", day).unwrap().name;
        assert_eq!(
            (meant(day("2019-12-31")), meant(day("2020-01-01"))),
            ("Deux", "Un")
        );
        assert_eq!(meant(None), "Un");
    }

    #[test]
    fn what_nobody_has_had_is_unknown() {
        assert_eq!(edition().meant("76999", None), None);
        assert_eq!(edition().retired("76540"), None);
    }
}
