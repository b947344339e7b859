//! Where people live and what things are called, each once.

use crate::territory::day;
use hashbrown::HashMap;
use parcours_model::codes::Commune;
use parcours_model::geography::{CommuneRecord, Territory, TerritoryLevel};
use std::sync::Arc;

/// The number of what lies in no known commune.
const NOWHERE: u32 = 0;

/// The levels by which people are told apart.
const LEVELS: [TerritoryLevel; 3] = [
    TerritoryLevel::Commune,
    TerritoryLevel::Epci,
    TerritoryLevel::Departement,
];

/// Communes of residence, as today's geography knows them.
#[derive(Debug)]
pub(crate) struct Places {
    all: Vec<Place>,
    numbers: HashMap<&'static str, u32>,
    codes: Names,
}

#[derive(Debug)]
struct Place {
    record: Option<&'static CommuneRecord>,
    /// Its codes at each of the levels, by their places among the codes.
    parts: [u32; 3],
}

impl Default for Places {
    fn default() -> Self {
        let mut codes = Names::default();
        let nowhere = Place {
            record: None,
            parts: [codes.place(""); 3],
        };
        Places {
            all: vec![nowhere],
            numbers: HashMap::new(),
            codes,
        }
    }
}

impl Places {
    /// The number of the commune that had this code on a day.
    pub fn place(&mut self, code: &str, since: i64) -> u32 {
        let commune = Commune::read(code).ok();
        let Some(record) = commune.and_then(|commune| commune.record_on(day(since))) else {
            return NOWHERE;
        };
        let next = self.all.len();
        *self.numbers.entry(record.code).or_insert_with(|| {
            let parts = LEVELS.map(|level| self.codes.place(record.code_at(level).unwrap_or_default()));
            self.all.push(Place {
                record: Some(record),
                parts,
            });
            u32::try_from(next).expect("there are fewer than 2^32 communes")
        })
    }

    /// Of each place, by its number, whether it lies in a territory.
    pub fn within(&self, territory: Territory) -> Vec<bool> {
        let code = |place: &Place| place.record.and_then(|record| record.code_at(territory.level));
        let places = self.all.iter();
        places.map(|place| code(place) == Some(territory.code)).collect()
    }

    /// The territory of a level in which a place lies, as a number; of a région none.
    pub fn part(&self, place: u32, level: TerritoryLevel) -> u32 {
        let of_level = LEVELS.iter().position(|known| *known == level);
        of_level.map_or(0, |level| self.all[place as usize].parts[level])
    }

    /// The code of the territory of this number; empty where it is unknown.
    pub fn code(&self, part: u32) -> &str {
        self.codes.name(part)
    }

    /// Whether today's geography does not know the place of this number.
    pub fn is_nowhere(place: u32) -> bool {
        place == NOWHERE
    }
}

/// Texts, each once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    all: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Names {
    /// The number of a text.
    pub fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).expect("there are fewer than 2^32 names");
        let name: Arc<str> = name.into();
        self.all.push(name.clone());
        self.places.insert(name, place);
        place
    }

    /// The number of a text, if there is one.
    pub fn find(&self, name: &str) -> Option<u32> {
        self.places.get(name).copied()
    }

    /// The text of a number.
    pub fn name(&self, place: u32) -> &str {
        &self.all[place as usize]
    }
}
