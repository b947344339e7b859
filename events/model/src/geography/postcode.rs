//! Postcodes, which people take for the codes of communes: only for telling them which code is meant.

use super::{CommuneRecord, commune};
use std::cmp::Reverse;
use std::sync::LazyLock;

/// Postcodes in their order, each with the codes of its communes between spaces.
static POSTCODES: LazyLock<Vec<(&str, &str)>> = LazyLock::new(|| {
    let table = include_str!("../../geography/postcodes.tsv");
    table.lines().filter_map(|line| line.split_once('\t')).collect()
});

/// The current communes that have this postcode, the largest first.
pub fn of_postcode(postcode: &str) -> Vec<&'static CommuneRecord> {
    let found = POSTCODES.binary_search_by_key(&postcode, |(code, _)| code);
    let codes = found.map_or("", |place| POSTCODES[place].1);
    let mut communes: Vec<_> = codes.split(' ').filter_map(commune).collect();
    communes.sort_by_key(|commune| Reverse(commune.population));
    communes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(postcode: &str) -> Vec<&'static str> {
        of_postcode(postcode).iter().map(|commune| commune.name).collect()
    }

    #[test]
    fn a_postcode_leads_to_its_communes_the_largest_first() {
        assert_eq!(names("76000"), ["Rouen"]);
        assert_eq!(names("75015"), ["Paris"]);
        assert_eq!(names("50100")[0], "Cherbourg-en-Cotentin");
        assert_eq!(names("76999"), [""; 0]);
        assert_eq!(names(""), [""; 0]);
    }

    #[test]
    fn every_postcode_has_a_current_commune() {
        assert!(POSTCODES.is_sorted() && POSTCODES.len() > 6_000);
        for (postcode, codes) in POSTCODES.iter() {
            assert_eq!(
                of_postcode(postcode).len(),
                codes.split(' ').count(),
                "{postcode}"
            );
        }
    }
}
