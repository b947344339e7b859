//! A table of what was known of each parcours and from when to when, in memory: what every sum over people goes through.
//!
//! A row is never changed but for its end, and both are known by positions of the log: whatever is before the checkpoint
//! stands for good. So the memory of a generation up to a checkpoint becomes that up to a later one by the rows that began
//! between the two and those that ended there, however long the log is. A question costs some tens of nanoseconds a row.

mod places;

pub(crate) use places::{Names, Places};

use crate::protection::RecordKeys;
use crate::territory::days;
use crate::{Reader, Row, Value, ViewError};
use chrono::{DateTime, NaiveDate, Utc};
use std::fmt::Debug;
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

/// What is open-ended is known in a log of any size.
pub(crate) const FOR_EVER: i64 = i64::MAX;

/// The day of what has not happened: after every day that a question is asked as of.
pub(crate) const NEVER: i32 = i32::MAX;

/// The table is named, so that a generation that is gone is found out.
const CHECKPOINT: &str = "
    SELECT {<table>:generation}, {<table>:checkpoint} WHERE NOT EXISTS (SELECT 1 FROM {<table>} WHERE since < 0)";

/// What began from entry ?1 on, before entry ?2.
const BEGAN: &str = "
    SELECT since, until, parcours, <columns> FROM {<table>} WHERE since >= ?1 AND since < ?2 ORDER BY since LIMIT ?3";

/// What ended from entry ?1 on, before entry ?2, and began before ?1.
const ENDED: &str = "
    SELECT since, until FROM {<table>} WHERE until >= ?1 AND until < ?2 AND since < ?1";

/// The number of the first column of a table that only its view knows, after those that all have.
pub(crate) const FIRST: usize = 3;

/// Rows read at a time.
const PAGE: usize = 4_096;

/// What is known, and when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The number of entries of the log then; `None` for all that is known now.
    pub size: Option<u64>,
    /// The instant: what is dated after its day has not happened.
    pub instant: DateTime<Utc>,
}

/// What is held of a row of a view's table: that has the columns `since`, `until` and `parcours`, and a row stands in every
/// log of more than `since` and at most `until` entries. One position of the log begins one row at most.
pub(crate) trait Kept: Copy + Debug + Send + Sync + 'static {
    /// The table.
    const TABLE: &'static str;
    /// Its other columns, between commas.
    const COLUMNS: &'static str;

    /// Reads them, from column [`FIRST`] on. `key` is the record key; 0 where nothing is protected.
    fn read(row: &Row, key: u32, texts: &mut Texts) -> Self;
}

/// Texts of rows, which hold their numbers.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    pub places: Places,
    pub operators: Names,
    /// Of which there are few.
    pub words: Names,
}

impl Texts {
    /// The number of a word.
    pub fn word(&mut self, word: Option<&str>) -> u8 {
        let place = self.words.place(word.unwrap_or_default());
        u8::try_from(place).expect("folds write few words")
    }
}

/// Held by all who read the views of a process, and empty until somebody asks.
#[derive(Clone, Debug)]
pub(crate) struct Memory<T> {
    held: Arc<RwLock<Held<T>>>,
    can_protect: bool,
}

/// The rows of one generation, up to its checkpoint.
#[derive(Debug)]
pub(crate) struct Held<T> {
    keys: Option<RecordKeys>,
    generation: i64,
    /// The number of entries digested.
    size: u64,
    /// In the order of `since`, which is that of one parcours alone.
    rows: Vec<Stretch<T>>,
    pub texts: Texts,
}

/// What was known for a while.
#[derive(Clone, Copy, Debug)]
struct Stretch<T> {
    since: u64,
    until: u64,
    what: T,
}

impl<T: Kept> Memory<T> {
    /// Nothing yet; counts can be protected if there are record keys.
    pub fn new(keys: Option<RecordKeys>) -> Self {
        Memory {
            can_protect: keys.is_some(),
            held: Arc::new(RwLock::new(Held::empty(keys, 0))),
        }
    }

    /// Whether there are record keys.
    pub fn can_protect(&self) -> bool {
        self.can_protect
    }

    /// Answers a question from what is held, brought up to where the view stands, on a thread of its own.
    pub async fn ask<R: Send + 'static>(
        &self,
        reader: &Reader,
        protected: bool,
        tell: impl FnOnce(&Held<T>) -> R + Send + 'static,
    ) -> Result<R, ViewError> {
        if protected && !self.can_protect {
            let none = "figures are to be protected, and these views were opened without record keys";
            return Err(ViewError::Unavailable(none.into()));
        }
        let held = self.up_to_date(reader).await?;
        let told = tokio::task::spawn_blocking(move || tell(&held)).await;
        told.map_err(|fallen| match fallen.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(stopped) => ViewError::Unavailable(stopped.to_string()),
        })
    }

    async fn up_to_date(&self, reader: &Reader) -> Result<OwnedRwLockReadGuard<Held<T>>, ViewError> {
        let (generation, size) = Held::<T>::checkpoint(reader).await?;
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

impl<T: Kept> Held<T> {
    fn empty(keys: Option<RecordKeys>, generation: i64) -> Self {
        Held {
            keys,
            generation,
            size: 0,
            rows: Vec::new(),
            texts: Texts::default(),
        }
    }

    /// The number of entries of the log of which it knows.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// What was known of everybody when the log had `size` entries.
    pub fn as_of(&self, size: u64) -> impl Iterator<Item = &T> {
        let begun = self.rows.partition_point(|row| row.since < size);
        let stood = self.rows[..begun].iter().filter(move |row| size <= row.until);
        stood.map(|row| &row.what)
    }

    fn is_at(&self, generation: i64, size: u64) -> bool {
        self.generation == generation && self.size >= size
    }

    async fn checkpoint(reader: &Reader) -> Result<(i64, u64), ViewError> {
        let rows = reader.query(&sql::<T>(CHECKPOINT), &[]).await?;
        let row = rows.first();
        Ok(row.map_or((0, 0), |row| (row.integer(0), row.integer(1).cast_unsigned())))
    }

    /// Reads what is new. What another generation held is forgotten; one that takes over meanwhile is read from the start.
    async fn catch_up(&mut self, reader: &Reader) -> Result<(), ViewError> {
        loop {
            let (generation, size) = Self::checkpoint(reader).await?;
            if self.is_at(generation, size) {
                return Ok(());
            }
            if self.generation != generation {
                *self = Held::empty(self.keys.take(), generation);
            }
            self.read(reader, size).await?;
            if Self::checkpoint(reader).await?.0 == generation {
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
        for row in &reader.query(&sql::<T>(ENDED), &[from, to.clone()]).await? {
            let since = row.integer(0).cast_unsigned();
            if let Ok(place) = self.rows.binary_search_by_key(&since, |row| row.since) {
                self.rows[place].until = row.integer(1).cast_unsigned();
            }
        }
        let mut from = self.size;
        let began = sql::<T>(BEGAN);
        loop {
            let page = [number(from), to.clone(), number(PAGE as u64)];
            let page = reader.query(&began, &page).await?;
            for row in &page {
                let stretch = self.stretch(row);
                from = stretch.since + 1;
                self.rows.push(stretch);
            }
            if page.len() < PAGE {
                return Ok(());
            }
        }
    }

    fn stretch(&mut self, row: &Row) -> Stretch<T> {
        let key = self.keys.as_ref().map_or(0, |keys| {
            let parcours = row.text(2).parse();
            keys.of(parcours.expect("folds write the uuid of the parcours"))
        });
        Stretch {
            since: row.integer(0).cast_unsigned(),
            until: row.integer(1).cast_unsigned(),
            what: T::read(row, key, &mut self.texts),
        }
    }
}

/// Of one table.
fn sql<T: Kept>(of_any: &str) -> String {
    of_any
        .replace("<table>", T::TABLE)
        .replace("<columns>", T::COLUMNS)
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(FOR_EVER))
}

/// A day of a column, as it is held.
pub(crate) fn short(days: i64) -> i32 {
    i32::try_from(days).expect("folds write days of the calendar")
}

/// A day of a question, as days are held.
pub(crate) fn held_day(day: NaiveDate) -> i32 {
    short(days(day))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::Output;

    /// What is held of the rows of some parcours, once the log has so many entries. Their table has the key `since, parcours`,
    /// and `until` as the first of its values.
    pub fn held<T: Kept>(outputs: impl IntoIterator<Item = Output>, size: u64) -> Held<T> {
        let mut held = Held::empty(Some(RecordKeys::new(&[1; 32])), 0);
        held.size = size;
        for (_, key, values) in outputs.into_iter().flat_map(|output| output.rows) {
            let row = Row([&key[..1], &values[..1], &key[1..], &values[1..]].concat());
            let row = held.stretch(&row);
            held.rows.push(row);
        }
        held.rows.sort_by_key(|row| row.since);
        held
    }
}
