//! Establishments that do not exist. INSEE gives no SIREN that begins with 000: whoever reads one knows it is
//! invented, while both keys (of the SIREN and of the SIRET) are right and every rule takes it.

use parcours_model::codes::Siret;

/// What an establishment is, as the fifth digit of its number shows.
#[derive(Clone, Copy)]
pub(super) enum Sort {
    Operator = 1,
    Partner = 2,
    Company = 3,
}

/// The establishment of that sort and number (up to 9,999), always the same.
pub(super) fn siret(sort: Sort, number: u32) -> Siret {
    let siren = keyed(u64::from(sort as u32 * 10_000 + number % 10_000));
    let siret = keyed(siren * 10_000 + 1);
    format!("{siret:014}").parse().expect("the key was made to fit")
}

/// The number with its Luhn key behind it.
fn keyed(number: u64) -> u64 {
    let mut total = 0;
    let (mut left, mut double) = (number, true);
    while left > 0 {
        let digit = left % 10 * if double { 2 } else { 1 };
        total += digit / 10 + digit % 10;
        (left, double) = (left / 10, !double);
    }
    number * 10 + (10 - total % 10) % 10
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_number_has_its_own_siret_and_none_could_be_real() {
        let all: BTreeSet<String> = [Sort::Operator, Sort::Partner, Sort::Company]
            .into_iter()
            .flat_map(|sort| (0..10_000).map(move |number| siret(sort, number).to_string()))
            .collect();
        assert_eq!(all.len(), 30_000);
        assert!(all.iter().all(|siret| siret.starts_with("000")));
    }
}
