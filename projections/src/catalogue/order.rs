//! In which order sessions are told: stretch after stretch, in each by one whole number, which both databases reckon alike, and
//! then by their names.
//!
//! Where that number is a column, its index gives the page without a look at the sessions before and after it.

use super::filter::around;
use super::question::{Query, Sort};
use crate::territory::days;
use parcours_model::geography::Point;

/// Between the places of two stretches: more than any number of days of a column.
const DAYS: i64 = 100_000;

/// Some of the sessions `s`, all of which are told before those of the next stretch.
pub(super) struct Stretch {
    /// The number by which they stand in their order, in SQL.
    pub by: String,
    /// Which they are, as a condition.
    pub which: String,
    /// What is added to the number in the place that a cursor names.
    pub from: i64,
}

/// What a question is answered with.
pub(super) fn stretches(query: &Query) -> Vec<Stretch> {
    let whole = |by: String| {
        vec![Stretch {
            by,
            which: String::new(),
            from: 0,
        }]
    };
    match (query.sort(), query.near.and_then(around)) {
        (Sort::Begin, _) => whole("s.from_day".to_owned()),
        (Sort::Distance, Some((centre, _))) => {
            whole(format!("({} * {DAYS} + s.from_day)", square_of_distance(centre)))
        }
        (Sort::Soonest | Sort::Distance, _) => {
            let today = days(query.today());
            let all_year = format!("s.entry = 'permanent' AND s.to_day >= {today}");
            let which = [
                format!(" AND s.from_day >= {today}"),
                format!(" AND s.from_day < {today} AND {all_year}"),
                format!(" AND s.from_day < {today} AND NOT ({all_year})"),
            ];
            let stretches = which.into_iter().zip(0..).map(|(which, number)| Stretch {
                by: "s.from_day".to_owned(),
                which,
                from: number * DAYS,
            });
            stretches.collect()
        }
    }
}

impl Stretch {
    /// Where a page of it begins that comes after a place: `None` if all of it is before that.
    pub fn after(&self, place: i64, is_alone: bool) -> Option<Option<i64>> {
        match place - self.from {
            inside if is_alone || (0..DAYS).contains(&inside) => Some(Some(inside)),
            before if before < 0 => Some(None),
            _ => None,
        }
    }
}

/// The square of the distance from a place, in millionths of a degree of latitude. A degree of longitude is as wide as it is
/// midway between the two places, to the first order: within 500 km that is right to a thousandth.
fn square_of_distance(from: Point) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a coordinate is at most 180 degrees"
    )]
    let millionths = |number: f64| (number * 1e6).round() as i64;
    let (latitude, longitude) = (millionths(from.lat), millionths(from.lon));
    let angle = from.lat.to_radians();
    let (cosine, slope) = (
        millionths(angle.cos()),
        millionths(angle.sin().to_radians() / 2.0),
    );
    let north = format!("(s.latitude - {latitude})");
    let east = format!("((s.longitude - {longitude}) * ({cosine} - {north} * {slope} / 1000000) / 1000000)");
    format!("({north} * {north} + {east} * {east})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use parcours_model::geography;
    use rusqlite::Connection;

    #[test]
    fn the_square_of_a_distance_is_that_of_the_great_circle() {
        const KILOMETRES: f64 = 111.195;
        let database = Connection::open_in_memory().unwrap();
        let centre = |code: &str| geography::commune(code).unwrap().centre.unwrap();
        let rouen = centre("76540");
        for code in ["76351", "14118", "61001", "35238", "59350", "69123", "67482"] {
            let there = centre(code);
            let sql = square_of_distance(rouen)
                .replace("s.latitude", &((there.lat * 1e6).round() as i64).to_string())
                .replace("s.longitude", &((there.lon * 1e6).round() as i64).to_string());
            let square: i64 = database
                .query_row(&format!("SELECT {sql}"), [], |row| row.get(0))
                .unwrap();
            let (told, exact) = (
                (square as f64).sqrt() / 1e6 * KILOMETRES,
                there.kilometres_to(rouen),
            );
            assert!(
                (told / exact - 1.0).abs() < 0.002,
                "{code}: {told} km for {exact} km"
            );
        }
    }
}
