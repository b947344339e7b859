//! The table of the view, in memory: what every sum over people goes through.
//!
//! A row is never changed but for its end, and both are known by positions of the log: whatever is before the checkpoint
//! stands for good. So the memory of a generation up to a checkpoint becomes that up to a later one by the rows that began
//! between the two and those that ended there, however long the log is. A question costs 5 ns a row.

use super::By;
use super::protection::RecordKeys;
use super::standing::{FOR_EVER, day};
use crate::{Reader, Row, Value, ViewError};
use hashbrown::HashMap;
use parcours_model::codes::Commune;
use parcours_model::geography::{CommuneRecord, Territory, TerritoryLevel};
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// The table is named, so that a generation that is gone is found out.
const CHECKPOINT: &str = "
    SELECT {territory_parcours:generation}, {territory_parcours:checkpoint}
    WHERE NOT EXISTS (SELECT 1 FROM {territory_parcours} WHERE since < 0)";

/// What began from entry ?1 on, before entry ?2.
const BEGAN: &str = "
    SELECT since, until, commune, resident_day, operator, channel, level, situation, gender, age, start_day, exit_day,
        neutral, certified, employed, created, parcours
    FROM {territory_parcours} WHERE since >= ?1 AND since < ?2 ORDER BY since LIMIT ?3";

/// What ended from entry ?1 on, before entry ?2, and began before ?1.
const ENDED: &str = "
    SELECT since, until FROM {territory_parcours} WHERE until >= ?1 AND until < ?2 AND since < ?1";

/// Rows read at a time.
const PAGE: usize = 4_096;

/// Held by all who read the views of a process, and empty until somebody asks.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    held: Arc<RwLock<Held>>,
    can_protect: bool,
}

/// The rows of one generation, up to its checkpoint.
#[derive(Debug, Default)]
pub(super) struct Held {
    keys: Option<RecordKeys>,
    generation: i64,
    /// The number of entries digested.
    size: u64,
    /// In the order of `since`, which is that of one parcours alone.
    rows: Vec<Parcours>,
    places: Places,
    operators: Names,
    words: Names,
}

/// What a parcours weighed for a while.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parcours {
    since: u64,
    until: u64,
    /// The record key; 0 where nothing is protected.
    pub key: u32,
    /// Days since 1 January 1970.
    pub start: i32,
    pub exit: Option<i32>,
    place: u32,
    operator: u32,
    /// By their places among the words: channel, level, situation, gender, age.
    words: [u8; 5],
    pub low_qualification: bool,
    pub neutral: bool,
    /// Certified, employed, created.
    pub obtained: [bool; 3],
}

/// The highest level that counts as a low qualification: the baccalauréat (R24).
const LOW_QUALIFICATION: i64 = 4;

impl Memory {
    /// Nothing yet; counts can be protected if there are record keys.
    pub fn new(keys: Option<RecordKeys>) -> Memory {
        let can_protect = keys.is_some();
        let held = Held {
            keys,
            ..Held::default()
        };
        Memory {
            held: Arc::new(RwLock::new(held)),
            can_protect,
        }
    }

    /// Whether there are record keys.
    pub fn can_protect(&self) -> bool {
        self.can_protect
    }

    /// What is held, brought up to where the view stands.
    pub(super) async fn up_to_date(&self, reader: &Reader) -> Result<OwnedRwLockReadGuard<Held>, ViewError> {
        let (generation, size) = checkpoint(reader).await?;
        let held = self.held.clone().read_owned().await;
        if held.is_at(generation, size) {
            return Ok(held);
        }
        drop(held);
        let mut held = self.held.clone().write_owned().await;
        held.catch_up(reader).await?;
        Ok(held.downgrade())
    }
}

async fn checkpoint(reader: &Reader) -> Result<(i64, u64), ViewError> {
    let rows = reader.query(CHECKPOINT, &[]).await?;
    let row = rows.first();
    Ok(row.map_or((0, 0), |row| (row.integer(0), row.integer(1).cast_unsigned())))
}

impl Held {
    /// The number of entries of the log of which it knows.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Everybody who weighed something when the log had `size` entries.
    pub fn as_of(&self, size: u64) -> impl Iterator<Item = &Parcours> {
        let begun = self.rows.partition_point(|row| row.since < size);
        self.rows[..begun].iter().filter(move |row| size <= row.until)
    }

    /// Of each place whether it lies in a territory.
    pub fn within(&self, territory: Territory) -> Vec<bool> {
        let code = |place: &Place| place.record.and_then(|record| record.code_at(territory.level));
        let places = self.places.all.iter();
        places.map(|place| code(place) == Some(territory.code)).collect()
    }

    /// The part of a breakdown in which somebody is, as a number; not by stretches of time.
    pub fn part(&self, by: By, row: &Parcours) -> u32 {
        let place = || self.places.all[row.place as usize].parts;
        let word = |place: usize| u32::from(row.words[place]);
        match by {
            By::Commune => place()[0],
            By::Epci => place()[1],
            By::Departement => place()[2],
            By::Operator => row.operator,
            By::Channel => word(0),
            By::Level => word(1),
            By::Situation => word(2),
            By::Gender => word(3),
            By::Age => word(4),
            By::Month | By::Quarter | By::Year => 0,
        }
    }

    /// What the part of this number is called; empty where it is unknown.
    pub fn key(&self, by: By, part: u32) -> &str {
        let names = match by {
            By::Commune | By::Epci | By::Departement => &self.places.codes,
            By::Operator => &self.operators,
            _ => &self.words,
        };
        &names.all[part as usize]
    }

    fn is_at(&self, generation: i64, size: u64) -> bool {
        self.generation == generation && self.size >= size
    }

    /// Reads what is new. What another generation held is forgotten; one that takes over meanwhile is read from the start.
    async fn catch_up(&mut self, reader: &Reader) -> Result<(), ViewError> {
        loop {
            let (generation, size) = checkpoint(reader).await?;
            if self.is_at(generation, size) {
                return Ok(());
            }
            if self.generation != generation {
                *self = Held {
                    generation,
                    keys: self.keys.take(),
                    ..Held::default()
                };
            }
            self.read(reader, size).await?;
            if checkpoint(reader).await?.0 == generation {
                self.size = size;
                return Ok(());
            }
            self.generation = 0;
        }
    }

    async fn read(&mut self, reader: &Reader, size: u64) -> Result<(), ViewError> {
        // What an attempt that failed has left.
        let known = self.rows.partition_point(|row| row.since < self.size);
        self.rows.truncate(known);
        let (from, to) = (number(self.size), number(size));
        for row in &reader.query(ENDED, &[from, to.clone()]).await? {
            let since = row.integer(0).cast_unsigned();
            if let Ok(place) = self.rows.binary_search_by_key(&since, |row| row.since) {
                self.rows[place].until = row.integer(1).cast_unsigned();
            }
        }
        let mut from = self.size;
        loop {
            let page = [number(from), to.clone(), number(PAGE as u64)];
            let page = reader.query(BEGAN, &page).await?;
            for row in &page {
                let row = self.parcours(row);
                from = row.since + 1;
                self.rows.push(row);
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }

    fn parcours(&mut self, row: &Row) -> Parcours {
        let level = row.integer(6);
        let mut word = |text: Option<&str>| {
            let place = self.words.place(text.unwrap_or_default());
            u8::try_from(place).expect("folds write few words")
        };
        Parcours {
            since: row.integer(0).cast_unsigned(),
            until: row.integer(1).cast_unsigned(),
            words: [
                word(Some(row.text(5))),
                word(Some(&level.to_string())),
                word(Some(row.text(7))),
                word(row.optional_text(8)),
                word(row.optional_text(9)),
            ],
            place: self.places.place(row.text(2), row.integer(3)),
            operator: self.operators.place(row.optional_text(4).unwrap_or_default()),
            start: short(row.integer(10)),
            exit: row.optional_integer(11).map(short),
            low_qualification: level <= LOW_QUALIFICATION,
            neutral: row.boolean(12),
            obtained: [13, 14, 15].map(|column| row.boolean(column)),
            key: self.keys.as_ref().map_or(0, |keys| {
                let parcours = row.text(16).parse();
                keys.of(parcours.expect("folds write the uuid of the parcours"))
            }),
        }
    }
}

impl Parcours {
    /// The number of the commune of residence, of which [`Held::within`] tells.
    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// Whether today's geography does not know the commune.
    pub fn is_nowhere(&self) -> bool {
        self.place == NOWHERE
    }
}

/// The number of what lies in no known commune.
const NOWHERE: u32 = 0;

/// Communes of residence, as today's geography knows them.
#[derive(Debug)]
struct Places {
    all: Vec<Place>,
    numbers: HashMap<&'static str, u32>,
    codes: Names,
}

#[derive(Debug)]
struct Place {
    record: Option<&'static CommuneRecord>,
    /// Commune, EPCI and département, by their places among the codes.
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
    fn place(&mut self, code: &str, since: i64) -> u32 {
        let commune = Commune::read(code).ok();
        let Some(record) = commune.and_then(|commune| commune.record_on(day(since))) else {
            return NOWHERE;
        };
        let next = self.all.len();
        *self.numbers.entry(record.code).or_insert_with(|| {
            let levels = [
                TerritoryLevel::Commune,
                TerritoryLevel::Epci,
                TerritoryLevel::Departement,
            ];
            let parts = levels.map(|level| self.codes.place(record.code_at(level).unwrap_or_default()));
            self.all.push(Place {
                record: Some(record),
                parts,
            });
            u32::try_from(next).expect("there are fewer than 2^32 communes")
        })
    }
}

/// Texts, each once.
#[derive(Debug, Default)]
struct Names {
    all: Vec<Arc<str>>,
    places: HashMap<Arc<str>, u32>,
}

impl Names {
    fn place(&mut self, name: &str) -> u32 {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = u32::try_from(self.all.len()).expect("there are fewer than 2^32 names");
        let name: Arc<str> = name.into();
        self.all.push(name.clone());
        self.places.insert(name, place);
        place
    }
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(FOR_EVER))
}

fn short(days: i64) -> i32 {
    i32::try_from(days).expect("folds write days of the calendar")
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::Output;

    /// What is held of the rows of some parcours, once the log has so many entries.
    pub fn held(outputs: impl IntoIterator<Item = Output>, size: u64) -> Held {
        let mut held = Held {
            keys: Some(RecordKeys::new(&[1; 32])),
            size,
            ..Held::default()
        };
        for (_, key, values) in outputs.into_iter().flat_map(|output| output.rows) {
            let row = Row([&key[..1], &values, &key[1..]].concat());
            let row = held.parcours(&row);
            held.rows.push(row);
        }
        held.rows.sort_by_key(|row| row.since);
        held
    }
}
