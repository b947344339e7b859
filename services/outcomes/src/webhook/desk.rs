//! What is asked about deliveries from the command line, while a service delivers or none does.

use parcours_log::Location;
use parcours_model::StreamId;
use parcours_projections::Value;
use parcours_projections::outcomes::Key;
use tokio_util::sync::CancellationToken;

use super::ledger::{count, cursor, integer, key, lane, place, text};
use super::store::{self, Session, Store};
use crate::OutcomesError;

const ENDPOINTS: &str = "
    SELECT partner, position, ordinal, disabled, why, accepted_at, failed_at, failure,
        (SELECT count(*) FROM @waiting w WHERE w.partner = e.partner),
        (SELECT count(*) FROM @dead d WHERE d.partner = e.partner)
    FROM @endpoints e ORDER BY partner";
const WAITING: &str = "
    SELECT lane, position, ordinal, attempts, due, why FROM @waiting
    WHERE partner = ?1 ORDER BY due, lane LIMIT ?2";
const LETTERS: &str = "
    SELECT lane, position, ordinal, attempts, died, why, replay FROM @dead
    WHERE partner = ?1 ORDER BY position, ordinal LIMIT ?2";
const REPLAY_ALL: &str = "UPDATE @dead SET replay = 1 WHERE partner = ?1";
const REPLAY: &str = "UPDATE @dead SET replay = 1 WHERE partner = ?1 AND position = ?2 AND ordinal = ?3";
const ENABLE: &str = "
    UPDATE @endpoints SET disabled = NULL, why = NULL, hastened = hastened + 1 WHERE partner = ?1";

/// Nothing is remembered of a partner any more.
const RESET: [&str; 3] = [
    "DELETE FROM @endpoints WHERE partner = ?1",
    "DELETE FROM @waiting WHERE partner = ?1",
    "DELETE FROM @dead WHERE partner = ?1",
];

/// Reads and orders.
pub struct Desk {
    session: Box<dyn Session>,
}

/// How the deliveries to a partner stand. Times are in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointStanding {
    /// Whose they are.
    pub partner: String,
    /// Everything up to here was accepted, waits, or is dead.
    pub cursor: Option<Key>,
    /// Since when it is not called, and why.
    pub disabled: Option<(i64, String)>,
    /// When it last accepted a message.
    pub accepted_at: Option<i64>,
    /// When an attempt last failed, and why.
    pub failed: Option<(i64, String)>,
    /// Trainees and sessions whose messages wait.
    pub waiting: u32,
    /// Messages that were given up.
    pub dead: u32,
}

/// A message that waits or is dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub key: Key,
    /// Whom or what it is about.
    pub about: StreamId,
    /// Attempts that failed.
    pub attempts: u32,
    /// When it is tried next, or died: in milliseconds since 1970.
    pub at: i64,
    /// Why the last attempt failed; `None` if there was none yet.
    pub why: Option<String>,
    /// For a dead letter, whether it is about to be tried again.
    pub replay: bool,
}

impl Desk {
    /// Opens what is remembered beside the views at `views`, to read it: nothing is made or changed. `None` where nothing is.
    pub async fn read(views: &Location) -> Result<Option<Self>, OutcomesError> {
        let session = store::read(views).await?;
        Ok(session.map(|session| Self { session }))
    }

    /// The same, to give orders. `None` where nothing is remembered.
    pub async fn open(views: &Location) -> Result<Option<Self>, OutcomesError> {
        match Self::read(views).await? {
            None => Ok(None),
            Some(_) => Self::of(&*store::open(views, &CancellationToken::new()).await?)
                .await
                .map(Some),
        }
    }

    /// The same, in a store that is open.
    pub(super) async fn of(store: &dyn Store) -> Result<Self, OutcomesError> {
        let session = store.session().await?;
        Ok(Self { session })
    }

    /// Every endpoint that was ever called, by the name of its partner.
    pub async fn endpoints(&mut self) -> Result<Vec<EndpointStanding>, OutcomesError> {
        let rows = self.session.query((ENDPOINTS, vec![])).await?;
        let read = |row: &Vec<Value>| {
            let at_with_reason = |at, why| Some((integer(row, at).ok()?, text(row, why).ok()?));
            Ok(EndpointStanding {
                partner: text(row, 0)?,
                cursor: cursor(row, 1)?,
                disabled: at_with_reason(3, 4),
                accepted_at: integer(row, 5).ok(),
                failed: at_with_reason(6, 7),
                waiting: count(row, 8)?,
                dead: count(row, 9)?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// What waits, the first due first; at most `limit`.
    pub async fn waiting(&mut self, partner: &str, limit: u32) -> Result<Vec<Held>, OutcomesError> {
        self.held(WAITING, partner, limit).await
    }

    /// What was given up, in the order of the list; at most `limit`.
    pub async fn letters(&mut self, partner: &str, limit: u32) -> Result<Vec<Held>, OutcomesError> {
        self.held(LETTERS, partner, limit).await
    }

    async fn held(
        &mut self,
        sql: &'static str,
        partner: &str,
        limit: u32,
    ) -> Result<Vec<Held>, OutcomesError> {
        let parameters = vec![Value::from(partner.to_owned()), Value::from(limit)];
        let rows = self.session.query((sql, parameters)).await?;
        let read = |row: &Vec<Value>| {
            Ok(Held {
                about: lane(row, 0)?,
                key: key(row, 1)?,
                attempts: count(row, 3)?,
                at: integer(row, 4)?,
                why: text(row, 5).ok(),
                replay: integer(row, 6).is_ok_and(|replay| replay != 0),
            })
        };
        rows.iter().map(read).collect()
    }

    /// Has whoever delivers try dead letters again: these, or all of them. Answers how many there are.
    pub async fn replay(&mut self, partner: &str, which: Option<&[Key]>) -> Result<u64, OutcomesError> {
        let partner = Value::from(partner.to_owned());
        let statements = match which {
            None => vec![(REPLAY_ALL, vec![partner])],
            Some(keys) => {
                let one = |key: &Key| {
                    let mut parameters = place(Some(*key));
                    parameters.insert(0, partner.clone());
                    (REPLAY, parameters)
                };
                keys.iter().map(one).collect()
            }
        };
        let touched = self.session.execute(statements).await?;
        Ok(touched.into_iter().sum())
    }

    /// Forgets how far the deliveries to a partner are, what waits and what is dead: whoever delivers begins again as with a
    /// partner that was never called. False if it was not.
    pub async fn reset(&mut self, partner: &str) -> Result<bool, OutcomesError> {
        let statements = RESET.map(|sql| (sql, vec![Value::from(partner.to_owned())]));
        let touched = self.session.execute(statements.to_vec()).await?;
        Ok(touched.first().is_some_and(|rows| *rows > 0))
    }

    /// Has whoever delivers call the endpoint again if it was disabled, and try at once whatever waits. False if it was
    /// never called.
    pub async fn enable(&mut self, partner: &str) -> Result<bool, OutcomesError> {
        let statement = (ENABLE, vec![Value::from(partner.to_owned())]);
        let touched = self.session.execute(vec![statement]).await?;
        Ok(touched.iter().any(|rows| *rows > 0))
    }
}
