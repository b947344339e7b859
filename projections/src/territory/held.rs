//! What a parcours weighed for a while, in memory.

use super::By;
use crate::Row;
use crate::memory::{FIRST, Held, Kept, Places, Texts, short};

/// What a parcours weighed for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parcours {
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

impl Kept for Parcours {
    const TABLE: &'static str = "territory_parcours";
    const COLUMNS: &'static str =
        "commune, resident_day, operator, channel, level, situation, gender, age, start_day, exit_day,
        neutral, certified, employed, created";

    fn read(row: &Row, key: u32, texts: &mut Texts) -> Self {
        let level = row.integer(FIRST + 4);
        Parcours {
            key,
            words: [
                texts.word(Some(row.text(FIRST + 3))),
                texts.word(Some(&level.to_string())),
                texts.word(Some(row.text(FIRST + 5))),
                texts.word(row.optional_text(FIRST + 6)),
                texts.word(row.optional_text(FIRST + 7)),
            ],
            place: texts.places.place(row.text(FIRST), row.integer(FIRST + 1)),
            operator: texts
                .operators
                .place(row.optional_text(FIRST + 2).unwrap_or_default()),
            start: short(row.integer(FIRST + 8)),
            exit: row.optional_integer(FIRST + 9).map(short),
            low_qualification: level <= LOW_QUALIFICATION,
            neutral: row.boolean(FIRST + 10),
            obtained: [11, 12, 13].map(|column| row.boolean(FIRST + column)),
        }
    }
}

impl Parcours {
    /// The number of the commune of residence, of which [`Places::within`] tells.
    pub fn place(&self) -> usize {
        self.place as usize
    }

    /// Whether today's geography does not know the commune.
    pub fn is_nowhere(&self) -> bool {
        Places::is_nowhere(self.place)
    }
}

impl Held<Parcours> {
    /// The part of a breakdown in which somebody is, as a number; not by stretches of time.
    pub(super) fn part(&self, by: By, row: &Parcours) -> u32 {
        let word = |place: usize| u32::from(row.words[place]);
        match by {
            By::Commune | By::Epci | By::Departement => by
                .level()
                .map_or(0, |level| self.texts.places.part(row.place, level)),
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
    pub(super) fn key(&self, by: By, part: u32) -> &str {
        match by {
            By::Commune | By::Epci | By::Departement => self.texts.places.code(part),
            By::Operator => self.texts.operators.name(part),
            _ => self.texts.words.name(part),
        }
    }
}
