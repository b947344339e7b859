//! What is remembered of one partner's deliveries, by whoever delivers: its lock, its cursor, what waits, what is dead.

use std::sync::Arc;

use parcours_log::Anchor;
use parcours_model::{StreamId, Words};
use parcours_projections::Value;
use parcours_projections::outcomes::Key;

use super::lanes::Waiting;
use super::store::{Session, Statement, Store};
use crate::{Hears, OutcomesError};

/// Dead letters taken to be tried again at once; the others come after them.
const REPLAYS: i64 = 100;

const BEGIN: &str = "
    INSERT INTO @endpoints (partner, position, ordinal) VALUES (?1, ?2, ?3) ON CONFLICT (partner) DO NOTHING";
const CURSOR: &str = "SELECT position, ordinal, size, leaf FROM @endpoints WHERE partner = ?1";
const DECLARED: &str = "SELECT declared FROM @endpoints WHERE partner = ?1";
const DECLARE: &str = "UPDATE @endpoints SET declared = ?2 WHERE partner = ?1";
const REWIND: &str = "UPDATE @endpoints SET position = -1, ordinal = -1 WHERE partner = ?1";
const NOTHING_WAITS: &str = "DELETE FROM @waiting WHERE partner = ?1";
const NOTHING_IS_DEAD: &str = "DELETE FROM @dead WHERE partner = ?1";
const WAITING: &str =
    "SELECT lane, position, ordinal, attempts, due, why, unreachable FROM @waiting WHERE partner = ?1";
const ORDERS: &str = "
    SELECT disabled, hastened, (SELECT count(*) FROM @dead d WHERE d.partner = e.partner)
    FROM @endpoints e WHERE partner = ?1";
const REPLAY: &str = "
    SELECT position, ordinal, lane, attempts, died, why FROM @dead
    WHERE partner = ?1 AND replay = 1 ORDER BY position, ordinal LIMIT ?2";
const KEEP: &str = "
    UPDATE @endpoints SET position = ?2, ordinal = ?3, accepted_at = COALESCE(?4, accepted_at),
        failed_at = COALESCE(?5, failed_at), failure = COALESCE(?6, failure), size = ?7, leaf = ?8
    WHERE partner = ?1";
const TOLD: &str = "UPDATE @endpoints SET size = ?2, leaf = ?3 WHERE partner = ?1";
const WAIT: &str = "
    INSERT INTO @waiting (partner, lane, position, ordinal, attempts, due, why, unreachable)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (partner, lane) DO UPDATE SET position = excluded.position, ordinal = excluded.ordinal,
        attempts = excluded.attempts, due = excluded.due, why = excluded.why, unreachable = excluded.unreachable";
const CLEAR: &str = "DELETE FROM @waiting WHERE partner = ?1 AND lane = ?2";
const BURY: &str = "
    INSERT INTO @dead (partner, position, ordinal, lane, attempts, died, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (partner, position, ordinal) DO UPDATE SET attempts = excluded.attempts, died = excluded.died,
        why = excluded.why, replay = 0";
const STILL_DEAD: &str = "
    UPDATE @dead SET attempts = ?4, died = ?5, why = ?6 WHERE partner = ?1 AND position = ?2 AND ordinal = ?3";
/// What came after it is not to be told before it.
const NO_REPLAY: &str = "UPDATE @dead SET replay = 0 WHERE partner = ?1 AND lane = ?2 AND replay = 1";
const UNBURY: &str = "DELETE FROM @dead WHERE partner = ?1 AND position = ?2 AND ordinal = ?3";
const DISABLE: &str = "UPDATE @endpoints SET disabled = ?2, why = ?3 WHERE partner = ?1";

/// A partner's ledger, and the lock on it: one process at a time writes here and calls this partner.
pub(super) struct Ledger {
    partner: Arc<str>,
    session: Box<dyn Session>,
}

/// Where deliveries begin again.
#[derive(Debug, PartialEq)]
pub(super) struct Standing {
    pub cursor: Option<Key>,
    /// The log as it was when messages were last taken from it; not known of a program that did not keep it.
    pub told: Option<Anchor>,
    pub waiting: Vec<(StreamId, Waiting)>,
}

/// What was asked from the command line.
#[derive(Debug, PartialEq)]
pub(super) struct Orders {
    pub disabled: bool,
    /// Whatever waits is to be tried when this changes.
    pub hastened: i64,
    /// To be tried again, in order.
    pub replays: Vec<Letter>,
    /// How many are dead.
    pub dead: u64,
}

/// A message that was given up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Letter {
    pub key: Key,
    pub lane: StreamId,
    pub attempts: u32,
    /// When, in milliseconds since 1970.
    pub died: i64,
    pub why: String,
}

/// What happened since the cursor was last kept.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    pub accepted_at: Option<i64>,
    pub failed_at: Option<i64>,
    pub failure: Option<String>,
}

impl Ledger {
    /// Takes the partner's ledger; `None` while another process has it.
    pub async fn take(store: &dyn Store, partner: &str) -> Result<Option<Self>, OutcomesError> {
        let mut session = store.session().await?;
        if !session.try_lock(partner).await? {
            return Ok(None);
        }
        Ok(Some(Self {
            partner: partner.into(),
            session,
        }))
    }

    /// Begins a ledger that was never kept after `start`; one that was goes on where it stands.
    pub async fn begin(&mut self, start: Option<Key>) -> Result<(), OutcomesError> {
        self.write(vec![(BEGIN, place(start))]).await
    }

    /// What the partner was declared to hear when it was called last; `None` if it never was, or by an earlier version.
    pub async fn declared(&mut self) -> Result<Option<Hears>, OutcomesError> {
        let rows = self.read(DECLARED, vec![]).await?;
        match rows.first().and_then(|row| row.first()) {
            None | Some(Value::Null) => Ok(None),
            Some(_) => text(&rows[0], 0)?
                .parse()
                .map(Some)
                .map_err(|wrong: String| damaged(&wrong)),
        }
    }

    /// The partner is declared so from now on. To `rewind` is to tell it everything from the beginning: what waits and what
    /// is dead is among that.
    pub async fn declare(&mut self, hears: &Hears, rewind: bool) -> Result<(), OutcomesError> {
        let mut statements = vec![(DECLARE, vec![Value::from(hears.to_string())])];
        if rewind {
            statements.extend([REWIND, NOTHING_WAITS, NOTHING_IS_DEAD].map(|statement| (statement, vec![])));
        }
        self.write(statements).await
    }

    /// Where deliveries begin again.
    pub async fn standing(&mut self) -> Result<Standing, OutcomesError> {
        let rows = self.read(CURSOR, vec![]).await?;
        let told = rows.first().map(|row| told(row, 2)).transpose()?.flatten();
        let cursor = rows.first().map(|row| cursor(row, 0)).transpose()?.flatten();
        let rows = self.read(WAITING, vec![]).await?;
        let waiting = rows.iter().map(|row| {
            let state = Waiting {
                key: key(row, 1)?,
                attempts: count(row, 3)?,
                due: integer(row, 4)?,
                why: text(row, 5).ok(),
                unreachable: integer(row, 6)? != 0,
            };
            Ok((lane(row, 0)?, state))
        });
        Ok(Standing {
            cursor,
            told,
            waiting: waiting.collect::<Result<_, OutcomesError>>()?,
        })
    }

    /// What was asked meanwhile.
    pub async fn orders(&mut self) -> Result<Orders, OutcomesError> {
        let rows = self.read(ORDERS, vec![]).await?;
        let row = rows.first().ok_or_else(|| damaged("its endpoint is not there"))?;
        let replays = self.read(REPLAY, vec![Value::Integer(REPLAYS)]).await?;
        let letter = |row: &Vec<Value>| {
            Ok(Letter {
                key: key(row, 0)?,
                lane: lane(row, 2)?,
                attempts: count(row, 3)?,
                died: integer(row, 4)?,
                why: text(row, 5)?,
            })
        };
        Ok(Orders {
            disabled: integer(row, 0).is_ok(),
            hastened: integer(row, 1)?,
            dead: u64::from(count(row, 2)?),
            replays: replays.iter().map(letter).collect::<Result<_, OutcomesError>>()?,
        })
    }

    /// Messages are about to be told that the log had no more than this place before.
    pub async fn told(&mut self, told: Anchor) -> Result<(), OutcomesError> {
        self.write(vec![(TOLD, identity(told))]).await
    }

    /// Moves the cursor, to before this place of the log.
    pub async fn keep(&mut self, cursor: Option<Key>, told: Anchor, news: News) -> Result<(), OutcomesError> {
        let mut parameters = place(cursor);
        parameters.extend([
            Value::from(news.accepted_at),
            Value::from(news.failed_at),
            Value::from(news.failure),
        ]);
        parameters.extend(identity(told));
        self.write(vec![(KEEP, parameters)]).await
    }

    /// Has a lane wait, or wait otherwise.
    pub async fn wait(&mut self, lane: StreamId, waiting: &Waiting) -> Result<(), OutcomesError> {
        self.write(vec![wait(lane, waiting)]).await
    }

    /// Nothing is left of a lane that waited.
    pub async fn clear(&mut self, lane: StreamId) -> Result<(), OutcomesError> {
        self.write(vec![clear(lane)]).await
    }

    /// Gives a message up, and has its lane wait for its next one, if it has one.
    pub async fn bury(&mut self, letter: &Letter, next: Option<&Waiting>) -> Result<(), OutcomesError> {
        let mut parameters = place(Some(letter.key));
        parameters.extend([
            Value::from(letter.lane.to_string()),
            Value::from(letter.attempts),
            Value::Integer(letter.died),
            Value::from(letter.why.clone()),
        ]);
        let lane = match next {
            Some(waiting) => wait(letter.lane, waiting),
            None => clear(letter.lane),
        };
        self.write(vec![(BURY, parameters), lane]).await
    }

    /// A dead letter was tried again, in vain.
    pub async fn still_dead(&mut self, letter: &Letter) -> Result<(), OutcomesError> {
        let mut parameters = place(Some(letter.key));
        parameters.extend([
            Value::from(letter.attempts),
            Value::Integer(letter.died),
            Value::from(letter.why.clone()),
        ]);
        let lane = Value::from(letter.lane.to_string());
        self.write(vec![(STILL_DEAD, parameters), (NO_REPLAY, vec![lane])])
            .await
    }

    /// A dead letter was accepted, or tells what may not be told any more.
    pub async fn unbury(&mut self, key: Key) -> Result<(), OutcomesError> {
        self.write(vec![(UNBURY, place(Some(key)))]).await
    }

    /// Calls this partner no more, until it is asked for; the lane whose message was answered so waits for that.
    pub async fn disable(
        &mut self,
        at: i64,
        why: &str,
        lane: Option<(StreamId, &Waiting)>,
    ) -> Result<(), OutcomesError> {
        let mut statements = vec![(DISABLE, vec![Value::Integer(at), Value::from(why.to_owned())])];
        statements.extend(lane.map(|(lane, waiting)| wait(lane, waiting)));
        self.write(statements).await
    }

    async fn read(
        &mut self,
        sql: &'static str,
        parameters: Vec<Value>,
    ) -> Result<Vec<Vec<Value>>, OutcomesError> {
        let statement = self.of_partner((sql, parameters));
        self.session.query(statement).await
    }

    async fn write(&mut self, statements: Vec<Statement>) -> Result<(), OutcomesError> {
        let statements = statements
            .into_iter()
            .map(|statement| self.of_partner(statement))
            .collect();
        self.session.execute(statements).await.map(drop)
    }

    /// The partner is the first parameter of every statement.
    fn of_partner(&self, (sql, mut parameters): Statement) -> Statement {
        parameters.insert(0, Value::from(self.partner.to_string()));
        (sql, parameters)
    }
}

fn wait(lane: StreamId, waiting: &Waiting) -> Statement {
    let mut parameters = vec![Value::from(lane.to_string())];
    parameters.extend(place(Some(waiting.key)));
    parameters.extend([
        Value::from(waiting.attempts),
        Value::Integer(waiting.due),
        Value::from(waiting.why.clone()),
        Value::Integer(waiting.unreachable.into()),
    ]);
    (WAIT, parameters)
}

fn clear(lane: StreamId) -> Statement {
    (CLEAR, vec![Value::from(lane.to_string())])
}

/// Position and ordinal as they are stored.
pub(super) fn place(key: Option<Key>) -> Vec<Value> {
    let (position, ordinal) = key.map_or((-1, -1), |key| (key.position.cast_signed(), key.ordinal.into()));
    vec![Value::Integer(position), Value::Integer(ordinal)]
}

/// A place of the log as it is stored.
fn identity(anchor: Anchor) -> Vec<Value> {
    let size = i64::try_from(anchor.size).unwrap_or(i64::MAX);
    vec![Value::Integer(size), Value::from(anchor.leaf.to_string())]
}

/// A place of the log from this column on, if it is known.
fn told(row: &[Value], column: usize) -> Result<Option<Anchor>, OutcomesError> {
    let Ok(size) = integer(row, column) else {
        return Ok(None);
    };
    let leaf = text(row, column + 1)?;
    Ok(Some(Anchor {
        size: u64::try_from(size).map_err(|_| damaged(&format!("{size} entries")))?,
        leaf: leaf
            .parse()
            .map_err(|_| damaged(&format!("{leaf:?} where a hash should stand")))?,
    }))
}

pub(super) fn integer(row: &[Value], column: usize) -> Result<i64, OutcomesError> {
    match row.get(column) {
        Some(Value::Integer(number)) => Ok(*number),
        other => Err(damaged(&format!("{other:?} where a number should stand"))),
    }
}

pub(super) fn count(row: &[Value], column: usize) -> Result<u32, OutcomesError> {
    let stored = integer(row, column)?;
    u32::try_from(stored).map_err(|_| damaged(&format!("{stored} where a count should stand")))
}

pub(super) fn text(row: &[Value], column: usize) -> Result<String, OutcomesError> {
    match row.get(column) {
        Some(Value::Text(text)) => Ok(text.clone()),
        other => Err(damaged(&format!("{other:?} where a text should stand"))),
    }
}

pub(super) fn lane(row: &[Value], column: usize) -> Result<StreamId, OutcomesError> {
    text(row, column)?
        .parse()
        .map_err(|wrong: Words| damaged(&wrong.to_string()))
}

/// Position and ordinal from this column on; none before every message.
pub(super) fn cursor(row: &[Value], column: usize) -> Result<Option<Key>, OutcomesError> {
    match integer(row, column)? {
        -1 => Ok(None),
        _ => key(row, column).map(Some),
    }
}

pub(super) fn key(row: &[Value], column: usize) -> Result<Key, OutcomesError> {
    let position = integer(row, column)?;
    Ok(Key {
        position: u64::try_from(position).map_err(|_| damaged(&format!("the position {position}")))?,
        ordinal: count(row, column + 1)?,
    })
}

fn damaged(what: &str) -> OutcomesError {
    OutcomesError::WebhooksUnavailable(format!("it holds {what}"))
}
