//! What a view is: its tables, and one pure function of one stream's history.
//!
//! Everything the engine does follows from that purity. Live, it writes `fold(after) − fold(before)` of the streams
//! that a batch of the log touches; rebuilt, it writes `fold(whole stream)` of every stream. Both give the same rows,
//! so late, corrected and annulled facts need no case of their own. Streams that everybody writes are folded record by
//! record instead ([`Running`](crate::Running)), live and rebuilt alike.

use std::fmt;

use parcours_model::{History, Record, StreamKind};

use crate::running::Begin;

/// What a column holds. Both databases order values of a kind alike (text by its bytes).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Nothing. Never in a key.
    Null,
    /// BIGINT.
    Integer(i64),
    /// TEXT.
    Text(String),
    /// BOOLEAN.
    Boolean(bool),
}

/// The type of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// BIGINT.
    Integer,
    /// TEXT, without NUL characters.
    Text,
    /// BOOLEAN.
    Boolean,
}

/// A table of a view. In the database its name ends with the generation: `territory_parcours_g3`.
#[derive(Debug)]
pub struct Table {
    /// Its name, unique among the tables of all views.
    pub name: &'static str,
    /// The columns of the primary key, in order.
    pub keys: &'static [(&'static str, Kind)],
    /// The other columns.
    pub values: &'static [(&'static str, Kind)],
    /// Whether this is a tally: its values are integers, added up over streams. A row whose sums are all 0 does not exist.
    pub sums: bool,
    /// Column lists, such as `commune, start_day`: an index each.
    pub indexes: &'static [&'static str],
    /// A column of words between spaces, by which rows are looked for: the database's own index of words is over it. Not of
    /// sums.
    pub words: Option<&'static str>,
}

/// A view. A changed fold, or changed tables, is a greater version, and thereby a rebuild beside.
#[derive(Debug)]
pub struct View {
    /// Its name.
    pub name: &'static str,
    /// From 1. Never reused for another fold or other tables.
    pub version: u32,
    /// Its tables.
    pub tables: &'static [Table],
    /// The kinds of stream it listens to. The fold is never given another.
    pub streams: &'static [StreamKind],
    /// What a stream contributes. Pure: the same history gives the same output for ever; an empty one gives nothing.
    pub fold: fn(&History) -> Result<Output, Indigestible>,
    /// Whether each record of a stream replaces all that the stream contributed before, and nothing of it ever goes: then
    /// what that was is not folded.
    pub replaces: bool,
    /// The hot kinds among `streams`, each with its fold record by record; `fold` is never given one of them.
    pub running: &'static [(StreamKind, Begin)],
}

/// An event of which the fold does not know what to make. It stops the view, and is tried again after a fix.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event at position {position} cannot be digested: {detail}")]
pub struct Indigestible {
    /// Where the event stands in the log.
    pub position: u64,
    /// What is wrong, for the person who will fix the view.
    pub detail: String,
}

impl Indigestible {
    /// The event of `record` is the one at fault.
    pub fn new(record: &Record, detail: impl Into<String>) -> Self {
        Self {
            position: record.position,
            detail: detail.into(),
        }
    }

    /// The entry at `position` brought it; the fold may blame another one for it.
    pub(crate) fn brought_by(self, position: u64) -> Self {
        let detail = if self.position == position {
            self.detail
        } else {
            self.to_string()
        };
        Self { position, detail }
    }
}

/// A primary key.
pub type Key = Vec<Value>;

/// A row, or an amount to add to one: the index of its table, its key, and what the key leads to.
pub(crate) type Entry<T> = (usize, Key, Vec<T>);

/// What one stream contributes to a view.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// Rows, in the order they were given.
    pub(crate) rows: Vec<Entry<Value>>,
    /// Amounts. A key may come several times.
    pub(crate) tallies: Vec<Entry<i64>>,
}

impl Output {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// A row of `tables[table]`. One row a key: keys of different streams never collide (they hold the stream's UUID
    /// or a name that is only this stream's), and one stream gives a key once.
    pub fn row(&mut self, table: usize, key: impl Into<Key>, values: impl Into<Vec<Value>>) {
        self.rows.push((table, key.into(), values.into()));
    }

    /// Amounts to be added to the row `key` of `tables[table]`, whichever streams contribute to it.
    pub fn tally(&mut self, table: usize, key: impl Into<Key>, amounts: impl Into<Vec<i64>>) {
        self.tallies.push((table, key.into(), amounts.into()));
    }

    /// Whether the stream contributes nothing.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.tallies.is_empty()
    }
}

impl Table {
    /// All columns: those of the key, then the others.
    pub(crate) fn columns(&self) -> impl Iterator<Item = &'static (&'static str, Kind)> + Clone {
        self.keys.iter().chain(self.values)
    }
}

impl View {
    /// Whether the view listens to streams of this kind.
    pub(crate) fn listens(&self, kind: StreamKind) -> bool {
        self.streams.contains(&kind)
    }
}

impl Value {
    /// Whether it may stand in a column of this kind.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        match self {
            Value::Null => true,
            Value::Integer(_) => kind == Kind::Integer,
            Value::Text(_) => kind == Kind::Text,
            Value::Boolean(_) => kind == Kind::Boolean,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Null => f.write_str("null"),
            Value::Integer(number) => number.fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Boolean(truth) => truth.fmt(f),
        }
    }
}

macro_rules! value_from {
    ($($source:ty => $variant:ident),* $(,)?) => {
        $(impl From<$source> for Value {
            fn from(value: $source) -> Self { Value::$variant(value.into()) }
        })*
    };
}
value_from!(i64 => Integer, i32 => Integer, u32 => Integer, u16 => Integer, u8 => Integer, String => Text, &str => Text, bool => Boolean);

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}
