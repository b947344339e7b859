//! In which order sessions are told: stretch after stretch, in each by one whole number, which both databases reckon alike, and
//! then by their names.
//!
//! Where that number is a column, its index gives the page without a look at the sessions before and after it.

use super::filter::{DEGREE, around};
use super::question::{Query, Sort};
use crate::territory::days;
use parcours_model::geography::{self, CommuneRecord, Point};
use std::ops::Range;

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
    /// The places of them all.
    places: Range<i64>,
}

/// Communes whose sessions are looked for together, the nearest first: most pages are full after the first of these.
const TOGETHER: [usize; 4] = [4, 16, 64, 256];

/// What a question is answered with.
pub(super) fn stretches(query: &Query) -> Vec<Stretch> {
    match (query.sort(), query.near.and_then(around)) {
        (Sort::Begin, _) => vec![Stretch {
            by: "s.from_day".to_owned(),
            which: String::new(),
            from: 0,
            places: i64::MIN..i64::MAX,
        }],
        (Sort::Distance, Some((centre, kilometres))) => nearest(centre, kilometres),
        (Sort::Soonest | Sort::Distance, _) => soonest(days(query.today())),
    }
}

fn soonest(today: i64) -> Vec<Stretch> {
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
        places: number * DAYS..(number + 1) * DAYS,
    });
    stretches.collect()
}

/// The sessions of a few communes after those of the ones that are nearer.
fn nearest(centre: Point, kilometres: f64) -> Vec<Stretch> {
    let from = Centre::of(centre);
    let near = |record: &CommuneRecord| {
        let place = record.centre?;
        // Most of the country lies too far north or south to be worth the great circle.
        if (place.lat - centre.lat).abs() * DEGREE > kilometres {
            return None;
        }
        (place.kilometres_to(centre) <= kilometres).then(|| (from.square(place), record.code))
    };
    let mut communes: Vec<(i64, &str)> = geography::communes().iter().filter_map(near).collect();
    communes.sort_unstable();
    let by = format!("({} * {DAYS} + s.from_day)", from.sql());
    let (mut stretches, mut begin, mut rest) = (Vec::new(), i64::MIN, &communes[..]);
    for count in TOGETHER {
        // What is equally far is told together.
        let last = rest.get(count - 1).map_or(i64::MAX, |(square, _)| *square);
        let (these, others) = rest.split_at(rest.partition_point(|(square, _)| *square <= last));
        let Some((next, _)) = others.first() else { break };
        let codes: Vec<String> = these.iter().map(|(_, code)| format!("'{code}'")).collect();
        let end = next * DAYS;
        stretches.push(Stretch {
            by: by.clone(),
            which: format!(" AND s.commune IN ({})", codes.join(", ")),
            from: 0,
            places: begin..end,
        });
        (begin, rest) = (end, others);
    }
    stretches.push(Stretch {
        which: format!(" AND {by} >= {begin}"),
        by,
        from: 0,
        places: begin..i64::MAX,
    });
    stretches
}

impl Stretch {
    /// Where a page of it begins that comes after a place: `None` if all of it is before that.
    pub fn after(&self, place: i64) -> Option<Option<i64>> {
        match place {
            place if self.places.contains(&place) => Some(Some(place - self.from)),
            place if place < self.places.start => Some(None),
            _ => None,
        }
    }
}

/// A place from which distances are taken, in millionths of a degree, or of 1. A degree of longitude is as wide as it is midway
/// between the two places, to the first order: within 500 km that is right to a thousandth.
struct Centre {
    latitude: i64,
    longitude: i64,
    cosine: i64,
    slope: i64,
}

impl Centre {
    fn of(place: Point) -> Centre {
        let angle = place.lat.to_radians();
        Centre {
            latitude: millionths(place.lat),
            longitude: millionths(place.lon),
            cosine: millionths(angle.cos()),
            slope: millionths(angle.sin().to_radians() / 2.0),
        }
    }

    /// The square of the distance of a session `s`, in millionths of a degree of latitude, in SQL.
    fn sql(&self) -> String {
        let Centre {
            latitude,
            longitude,
            cosine,
            slope,
        } = self;
        let north = format!("(s.latitude - {latitude})");
        let east =
            format!("((s.longitude - {longitude}) * ({cosine} - {north} * {slope} / 1000000) / 1000000)");
        format!("({north} * {north} + {east} * {east})")
    }

    /// The same of a place, to the unit.
    fn square(&self, place: Point) -> i64 {
        let north = millionths(place.lat) - self.latitude;
        let width = self.cosine - north * self.slope / 1_000_000;
        let east = (millionths(place.lon) - self.longitude) * width / 1_000_000;
        north * north + east * east
    }
}

/// Degrees as columns hold them: what is reckoned here of a place is what the database reckons of its row.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a coordinate is at most 180 degrees"
)]
pub(super) fn millionths(number: f64) -> i64 {
    (number * 1e6).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    #[test]
    fn the_square_of_a_distance_is_that_of_the_great_circle_and_the_same_in_sql() {
        const KILOMETRES: f64 = 111.195;
        let database = Connection::open_in_memory().unwrap();
        let centre = |code: &str| geography::commune(code).unwrap().centre.unwrap();
        let rouen = centre("76540");
        let from = Centre::of(rouen);
        for code in ["76351", "14118", "61001", "35238", "59350", "69123", "67482"] {
            let there = centre(code);
            let sql = from
                .sql()
                .replace("s.latitude", &millionths(there.lat).to_string())
                .replace("s.longitude", &millionths(there.lon).to_string());
            let square: i64 = database
                .query_row(&format!("SELECT {sql}"), [], |row| row.get(0))
                .unwrap();
            assert_eq!(from.square(there), square, "{code}");
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

    #[test]
    fn the_nearest_stretches_follow_one_another_and_leave_nothing_out() {
        let rouen = geography::commune("76540").unwrap().centre.unwrap();
        for kilometres in [0.0, 3.0, 10.0, 60.0, 500.0] {
            let stretches = nearest(rouen, kilometres);
            assert_eq!(stretches.first().unwrap().places.start, i64::MIN);
            assert_eq!(stretches.last().unwrap().places.end, i64::MAX);
            for pair in stretches.windows(2) {
                assert_eq!(pair[0].places.end, pair[1].places.start);
            }
        }
    }
}
