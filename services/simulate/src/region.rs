//! The région's communes: where people live, and what is near.

use super::dice::Dice;
use parcours_model::geography::{self, CommuneRecord, Point, TerritoryLevel};

/// Inhabitants of a town that has rooms and workshops for a training.
const TOWN: u32 = 5_000;
/// So many of the largest towns have a training body whatever chance says: the seats of the départements' services are
/// among them.
const TOWNS_OF_THEIR_OWN: usize = 24;
/// Draws among all inhabitants until one lives in a town.
const SOUGHT: usize = 200;

/// The inhabited communes of a région.
pub(super) struct Region {
    pub code: &'static str,
    communes: Vec<(&'static CommuneRecord, Point)>,
    /// Inhabitants of each commune and all before it.
    inhabitants: Vec<u64>,
    /// A degree of longitude over a degree of latitude, in the middle of the région.
    narrowing: f64,
}

impl Region {
    /// The région with this INSEE code, if there is one with inhabitants on the map.
    pub fn of(code: &str) -> Option<Self> {
        let code = geography::territory(TerritoryLevel::Region, code)?.code;
        let communes: Vec<_> = geography::communes_of(TerritoryLevel::Region, code)
            .filter(|record| record.population > 0)
            .filter_map(|record| Some((record, record.centre?)))
            .collect();
        let inhabitants: Vec<u64> = communes
            .iter()
            .scan(0, |total, (record, _)| {
                *total += u64::from(record.population);
                Some(*total)
            })
            .collect();
        let middle = communes.iter().map(|(_, at)| at.lat).sum::<f64>() / communes.len() as f64;
        (!communes.is_empty()).then_some(Self {
            code,
            communes,
            inhabitants,
            narrowing: cosine(middle),
        })
    }

    /// The codes of its départements.
    pub fn departements(&self) -> Vec<&'static str> {
        let mut codes: Vec<_> = self
            .communes
            .iter()
            .map(|(commune, _)| commune.departement)
            .collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// The index of a commune drawn as inhabitants are spread.
    pub fn home(&self, dice: &mut Dice) -> usize {
        let total = self.inhabitants.last().copied().unwrap_or_default();
        let person = dice.below(total);
        self.inhabitants.partition_point(|reached| *reached <= person)
    }

    /// Where training bodies of these numbers, from 0, stand: the first ones in a town of their own each, the largest
    /// first; the others in towns, as their inhabitants are spread. Workshops, computers and trains are there.
    pub fn seats(&self, dice: &mut Dice, count: u32) -> Vec<usize> {
        let mut towns: Vec<usize> = (0..self.communes.len()).collect();
        towns.sort_by_key(|town| (std::cmp::Reverse(self.communes[*town].0.population), *town));
        towns.truncate(TOWNS_OF_THEIR_OWN);
        let is_town = |home: &usize| self.communes[*home].0.population >= TOWN;
        let mut elsewhere = || {
            let homes = std::iter::repeat_with(|| self.home(dice));
            homes.take(SOUGHT).find(is_town)
        };
        (0..count as usize)
            .map(|number| {
                let own = towns.get(number).copied();
                own.or_else(&mut elsewhere).unwrap_or_default()
            })
            .collect()
    }

    pub fn commune(&self, index: usize) -> &'static CommuneRecord {
        self.communes[index].0
    }

    /// Every commune's index and its share of the inhabitants.
    pub fn shares(&self) -> impl Iterator<Item = (usize, f64)> {
        let total = self.inhabitants.last().copied().unwrap_or(1) as f64;
        self.communes
            .iter()
            .enumerate()
            .map(move |(index, (record, _))| (index, f64::from(record.population) / total))
    }

    /// The indexes of the nearest of `towns` (indexes of communes), at most `most`, nearest first.
    pub fn nearest(&self, from: usize, towns: &[usize], most: usize) -> Vec<u16> {
        let mut near: Vec<(u64, u16)> = towns
            .iter()
            .zip(0..)
            .map(|(town, index)| (self.separation(from, *town), index))
            .collect();
        if near.len() > most {
            near.select_nth_unstable(most);
            near.truncate(most);
        }
        near.sort_unstable();
        near.into_iter().take(most).map(|(_, index)| index).collect()
    }

    /// Grows with the distance. On a flat map and without the system's trigonometry, whose last bit differs from
    /// one machine to the next: the same seed gives the same bytes on all.
    fn separation(&self, a: usize, b: usize) -> u64 {
        let (a, b) = (self.communes[a].1, self.communes[b].1);
        let (north, east) = (a.lat - b.lat, (a.lon - b.lon) * self.narrowing);
        ((north * north + east * east) * 1e9) as u64
    }
}

/// The cosine of an angle in degrees, by the first terms of its series: to 0.01 up to 70°.
fn cosine(degrees: f64) -> f64 {
    let square = (degrees * std::f64::consts::PI / 180.0).powi(2);
    1.0 - square / 2.0 + square * square / 24.0 - square * square * square / 720.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(region: &Region, code: &str) -> usize {
        region
            .communes
            .iter()
            .position(|(record, _)| record.code == code)
            .unwrap()
    }

    #[test]
    fn homes_are_spread_as_inhabitants_are() {
        let normandie = Region::of("28").unwrap();
        let le_havre = index(&normandie, "76351");
        let share =
            f64::from(normandie.commune(le_havre).population) / *normandie.inhabitants.last().unwrap() as f64;
        let mut dice = Dice::new(1, 1);
        let there = (0..20_000)
            .filter(|_| normandie.home(&mut dice) == le_havre)
            .count() as f64
            / 20_000.0;
        assert!((there - share).abs() < 0.006, "{there} of {share}");
    }

    #[test]
    fn training_bodies_stand_in_towns_in_each_departement_of_the_region() {
        let normandie = Region::of("28").unwrap();
        let seats = normandie.seats(&mut Dice::new(1, 1), 60);
        let towns: Vec<&str> = seats.iter().map(|seat| normandie.commune(*seat).name).collect();
        for town in [
            "Rouen",
            "Le Havre",
            "Caen",
            "Évreux",
            "Dieppe",
            "Alençon",
            "Lisieux",
            "Saint-Lô",
        ] {
            assert!(towns.contains(&town), "{town} of {towns:?}");
        }
        let least = seats.iter().map(|seat| normandie.commune(*seat).population).min();
        assert!(least >= Some(TOWN), "{towns:?}");
    }

    #[test]
    fn a_region_without_towns_has_training_bodies_all_the_same() {
        for region in ["94", "01", "06"] {
            let region = Region::of(region).unwrap();
            assert_eq!(region.seats(&mut Dice::new(1, 1), 40).len(), 40);
        }
    }

    #[test]
    fn near_dieppe_comes_rouen_before_caen_before_cherbourg() {
        let normandie = Region::of("28").unwrap();
        let [dieppe, caen, cherbourg, rouen] =
            ["76217", "14118", "50129", "76540"].map(|code| index(&normandie, code));
        assert_eq!(normandie.nearest(dieppe, &[caen, cherbourg, rouen], 2), [2, 0]);
    }

    #[test]
    fn a_departement_is_no_region() {
        assert!(Region::of("14").is_none() && Region::of("99").is_none());
    }
}
