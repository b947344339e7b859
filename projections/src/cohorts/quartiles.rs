//! The times between two steps, as quartiles.
//!
//! A quantile is that of type 7 in R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages", The American
//! Statistician 50 (1996), 361–365: the order statistics stand at equal distances from 0 to 1, and what lies between two of
//! them is on the line from one to the other. It is what R, NumPy and the QUARTILE.INC of spreadsheets tell.

/// The lower quartile, the median and the upper quartile of some numbers of days, in days; none of nothing.
pub(super) fn quartiles(days: &mut [i32]) -> Option<[f64; 3]> {
    let last = days.len().checked_sub(1)?;
    days.sort_unstable();
    Some([1, 2, 3].map(|quarter| {
        let place = last * quarter;
        let (below, quarters) = (place / 4, place % 4);
        let low = f64::from(days[below]);
        let high = f64::from(days[last.min(below + 1)]);
        // Exact: a day has four quarters, and none is lost below 2^50 days.
        let part = [0.0, 0.25, 0.5, 0.75][quarters];
        low + part * (high - low)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quartiles_are_those_that_r_and_numpy_tell() {
        // quantile(c(…), c(.25, .5, .75), type = 7)
        for (days, told) in [
            (vec![7], [7.0, 7.0, 7.0]),
            (vec![3, 1], [1.5, 2.0, 2.5]),
            (vec![1, 2, 3, 4], [1.75, 2.5, 3.25]),
            (vec![30, 10, 20, 50, 40], [20.0, 30.0, 40.0]),
            (vec![-5, 0, 1, 2, 3, 90], [0.25, 1.5, 2.75]),
        ] {
            assert_eq!(quartiles(&mut days.clone()), Some(told), "{days:?}");
        }
    }

    #[test]
    fn nothing_has_no_quartiles() {
        assert_eq!(quartiles(&mut []), None);
    }
}
