//! A set of tables of one view, and how far it has come.

use std::str::FromStr;

use parcours_log::Anchor;
use parcours_log::tree::Hash;

use crate::{Value, View, ViewError};

/// See the migrations for what each state means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Loading,
    CatchingUp,
    Live,
    Retired,
}

impl State {
    /// As it is stored.
    pub fn name(self) -> &'static str {
        match self {
            State::Loading => "loading",
            State::CatchingUp => "catching_up",
            State::Live => "live",
            State::Retired => "retired",
        }
    }
}

impl FromStr for State {
    type Err = ViewError;
    fn from_str(name: &str) -> Result<Self, ViewError> {
        let all = [State::Loading, State::CatchingUp, State::Live, State::Retired];
        let found = all.into_iter().find(|state| state.name() == name);
        found.ok_or_else(|| {
            ViewError::Unavailable(format!("the views' database holds a generation that is {name:?}"))
        })
    }
}

/// How far a generation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    /// All before here is digested.
    pub at: Anchor,
    /// Where it is on its way across a gap, if it is on one: of the streams that have gone on since the checkpoint, some
    /// are ahead of it.
    pub crossing: Option<Crossing>,
}

/// A way across a gap: stream after stream of those that it touches, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Crossing {
    /// The checkpoint to which it leads.
    pub to: Anchor,
    /// How many of the streams are done.
    pub done: u64,
}

impl Mark {
    /// All before this place, and nothing after it.
    pub fn at(at: Anchor) -> Mark {
        Mark { at, crossing: None }
    }

    /// The number of entries digested.
    pub fn checkpoint(&self) -> u64 {
        self.at.size
    }

    /// The place to which the way across a gap leads, if there is one, and how many streams are done, as they are stored.
    pub fn stored(&self) -> [i64; 3] {
        let crossing = self
            .crossing
            .map_or([0, 0], |Crossing { to, done }| [to.size, done]);
        [self.checkpoint(), crossing[0], crossing[1]].map(super::stored)
    }

    /// The leaf hashes at both ends of that way, as they are stored.
    pub fn stored_leaves(&self) -> (String, Option<String>) {
        let target = self.crossing.map(|crossing| crossing.to.leaf.to_string());
        (self.at.leaf.to_string(), target)
    }
}

/// A row of `view_generations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Generation {
    pub view: String,
    pub number: i64,
    pub version: u32,
    pub state: State,
    /// The number of entries digested.
    pub checkpoint: u64,
    /// Up to where streams are loaded; later, where the way across a gap leads, if it is ahead of the checkpoint.
    pub target: u64,
    /// The last stream loaded, if any; later, how many streams of a gap are done.
    pub cursor: Option<u64>,
    /// How many entries were read in loading.
    pub done: u64,
    /// Its tables, as they are written in SQL.
    pub tables: Vec<String>,
    /// The leaf hash of the last entry before `checkpoint`, and of the last one before `target` if that is ahead of it; not
    /// known of a generation of a program that did not keep them.
    pub leaf: Option<Hash>,
    pub target_leaf: Option<Hash>,
}

/// The columns that [`Generation::read`] reads, in its order.
pub(crate) const COLUMNS: &str =
    "view, generation, version, state, checkpoint, target, cursor, done, tables, leaf, target_leaf";

impl Generation {
    /// Reads [`COLUMNS`].
    pub fn read(row: &[Value]) -> Result<Self, ViewError> {
        use Value::{Integer, Null, Text};
        let damaged = || {
            ViewError::Unavailable(format!(
                "the views' database holds a generation that cannot be: {row:?}"
            ))
        };
        let hash = |value: &Value| match value {
            Null => Ok(None),
            Text(hash) => hash.parse().map(Some).map_err(|_| damaged()),
            _ => Err(damaged()),
        };
        let count = |number: &i64| u64::try_from(*number).map_err(|_| damaged());
        let [
            Text(view),
            Integer(number),
            Integer(version),
            Text(state),
            Integer(checkpoint),
            Integer(target),
            cursor,
            Integer(done),
            Text(tables),
            leaf,
            target_leaf,
        ] = row
        else {
            return Err(damaged());
        };
        Ok(Generation {
            view: view.clone(),
            number: *number,
            version: u32::try_from(*version).map_err(|_| damaged())?,
            state: state.parse()?,
            checkpoint: count(checkpoint)?,
            target: count(target)?,
            cursor: match cursor {
                Null => None,
                Integer(cursor) => Some(count(cursor)?),
                _ => return Err(damaged()),
            },
            done: count(done)?,
            tables: tables.split_whitespace().map(Into::into).collect(),
            leaf: hash(leaf)?,
            target_leaf: hash(target_leaf)?,
        })
    }
}

impl Generation {
    /// A generation about to be loaded; `table` names its tables.
    pub fn new(view: &View, number: i64, target: Anchor, table: impl Fn(&str, i64) -> String) -> Self {
        Generation {
            view: view.name.into(),
            number,
            version: view.version,
            state: State::Loading,
            checkpoint: 0,
            target: target.size,
            cursor: None,
            done: 0,
            tables: view
                .tables
                .iter()
                .map(|described| table(described.name, number))
                .collect(),
            leaf: Some(Anchor::start().leaf),
            target_leaf: Some(target.leaf),
        }
    }

    /// How far it has come on its way from one place to another.
    pub fn crossing(&self, at: Anchor, to: Anchor) -> Mark {
        let done = self.cursor.unwrap_or(0);
        Mark {
            at,
            crossing: Some(Crossing { to, done }),
        }
    }

    /// It has come further.
    pub fn come_to(&mut self, mark: Mark) {
        self.checkpoint = mark.checkpoint();
        self.leaf = Some(mark.at.leaf);
        self.target = mark.crossing.map_or(0, |crossing| crossing.to.size);
        self.target_leaf = mark.crossing.map(|crossing| crossing.to.leaf);
        self.cursor = Some(mark.crossing.map_or(0, |crossing| crossing.done));
    }
}
