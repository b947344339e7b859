/// A current commune.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CommuneRecord {
    /// Its INSEE code.
    pub code: &'static str,
    /// Its name, with the article.
    pub name: &'static str,
    /// The code of its intercommunalité; four islands and the overseas collectivities have none.
    pub epci: Option<&'static str>,
    /// The code of its département.
    pub departement: &'static str,
    /// The code of its région.
    pub region: &'static str,
    /// Inhabitants (*population municipale*), 0 where nobody is counted.
    pub population: u32,
    /// Its town hall, or its centre of mass where the hall's position is not known; none for the overseas
    /// collectivities and the few communes made or split again since the contours were drawn.
    pub centre: Option<Point>,
}

/// A place on Earth, WGS 84, in degrees. The table's are rounded to a thousandth, about 100 m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Latitude, positive to the north.
    pub lat: f64,
    /// Longitude, positive to the east.
    pub lon: f64,
}

/// Mean radius of the Earth (IUGG), in kilometres.
const EARTH_RADIUS: f64 = 6371.0088;

impl Point {
    /// The distance as the crow flies, in kilometres (haversine formula: within 0.5 % of the ellipsoid's).
    pub fn kilometres_to(self, other: Point) -> f64 {
        let (from, to) = (self.lat.to_radians(), other.lat.to_radians());
        let half_sine = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let square =
            half_sine(other.lat - self.lat) + from.cos() * to.cos() * half_sine(other.lon - self.lon);
        2.0 * EARTH_RADIUS * square.min(1.0).sqrt().asin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geography::{commune, communes};

    fn between(a: &str, b: &str) -> f64 {
        let centre = |code| commune(code).unwrap().centre.unwrap();
        centre(a).kilometres_to(centre(b))
    }

    #[test]
    fn distances_are_those_of_the_map() {
        assert_eq!(between("76540", "76540"), 0.0);
        let (rouen, le_havre, caen, paris) = ("76540", "76351", "14118", "75056");
        for (a, b, kilometres) in [
            (rouen, le_havre, 71.0),
            (rouen, caen, 110.0),
            (rouen, paris, 112.0),
        ] {
            assert!(
                (between(a, b) - kilometres).abs() < 3.0,
                "{a} to {b}: {}",
                between(a, b)
            );
            assert_eq!(between(a, b), between(b, a));
        }
    }

    #[test]
    fn the_far_side_of_the_earth_is_half_a_turn_away() {
        let turn = Point { lat: 10.0, lon: 20.0 }.kilometres_to(Point {
            lat: -10.0,
            lon: -160.0,
        });
        assert!(
            (turn - std::f64::consts::PI * EARTH_RADIUS).abs() < 0.01,
            "{turn}"
        );
    }

    #[test]
    fn every_commune_of_normandie_can_be_found_on_the_map() {
        let mut normandie = communes().iter().filter(|commune| commune.region == "28");
        assert!(normandie.all(|commune| {
            commune
                .centre
                .is_some_and(|at| (48.1..50.2).contains(&at.lat) && (-2.0..1.9).contains(&at.lon))
        }));
        assert_eq!(
            communes()
                .iter()
                .filter(|commune| commune.centre.is_none())
                .count(),
            98
        );
    }
}
