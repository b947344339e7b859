//! Writing: one connection, owned by the sequencer's thread.
//!
//! A commit is one statement: it moves the head if the head is still the one expected, and everything else hangs
//! on that. So it is one round trip, one transaction, one sync, and needs no lock taken beforehand.

use std::sync::Arc;

use bytes::Bytes;
use parcours_model::{EventKey, StreamId};
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Row as Answer, Statement};

use super::reader::{entry, head};
use super::{config, connect, in_time, migrate};
use crate::LogError;
use crate::store::{Batch, Commit, HeadRow, StoredStream, Writer, number, stored, stream_id};

mod statements;
use statements::{Columns, Statements};

/// The writing connection.
pub(crate) struct PostgresWriter {
    config: Config,
    /// `None` after a failure, until the next question.
    link: Option<Link>,
    /// Whether a transaction is open, which holds the lock of the head's row.
    locked: bool,
}

struct Link {
    client: Client,
    statements: Statements,
}

impl PostgresWriter {
    /// Connects, and makes or migrates the schema.
    pub async fn open(url: &str) -> Result<PostgresWriter, LogError> {
        let config = config(url)?;
        let mut client = connect(&config).await?;
        migrate(&mut client).await?;
        let mut writer = PostgresWriter {
            config,
            link: None,
            locked: false,
        };
        writer.link().await?;
        Ok(writer)
    }

    /// The connection; a new one if the last is gone.
    async fn link(&mut self) -> Result<&Link, LogError> {
        let lost = self.link.as_ref().is_none_or(|link| link.client.is_closed());
        if lost {
            self.locked = false;
            self.link = None;
            let client = connect(&self.config).await?;
            let statements = in_time(Statements::prepare(&client)).await?;
            // Other settings are for the operator to choose; this one would answer before anything is on disk.
            in_time(client.batch_execute(
                "SELECT set_config('synchronous_commit', 'on', false)
                 WHERE current_setting('synchronous_commit') = 'off'",
            ))
            .await?;
            self.link = Some(Link { client, statements });
        }
        Ok(self.link.as_ref().expect("set just now"))
    }

    /// Asks one of the prepared questions.
    async fn ask(
        &mut self,
        which: fn(&Statements) -> &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Answer>, LogError> {
        let link = self.link().await?;
        let answer = in_time(link.client.query(which(&link.statements), parameters)).await;
        if answer.is_err() {
            // Whatever it was, a new connection has no half-open transaction and no answer still to come.
            self.link = None;
            self.locked = false;
        }
        answer
    }

    async fn head(&mut self) -> Result<HeadRow, LogError> {
        let rows = self.ask(|s| &s.head, &[]).await?;
        head(
            rows.first()
                .ok_or_else(|| LogError::Damaged("the head is missing".into()))?,
        )
    }

    /// Sends the batch. The lock, if it was held, is given back in the same breath.
    async fn write(&mut self, batch: &Batch) -> Result<Commit, Failure> {
        let locked = std::mem::take(&mut self.locked);
        let link = self.link().await.map_err(Failure::Refused)?;
        let columns = Columns::of(batch);
        let append = columns.send(&link.client, &link.statements.append);
        let answer = if locked {
            let both = futures_util::future::join(append, link.client.batch_execute("COMMIT"));
            tokio::time::timeout(super::ANSWER_LIMIT, both)
                .await
                .map(|(rows, end)| {
                    let rows = rows?;
                    end.map(|()| rows)
                })
        } else {
            tokio::time::timeout(super::ANSWER_LIMIT, append).await
        };
        match answer {
            Ok(Ok(rows)) if rows.is_empty() => Ok(Commit::Moved),
            Ok(Ok(_)) => Ok(Commit::Done),
            Ok(Err(error)) if is_taken(&error) => Ok(Commit::KeyTaken),
            Ok(Err(error)) => {
                // The server's own word, short of its going down, is that nothing was written.
                let rolled_back = error.code().is_some_and(|code| !code.code().starts_with("57P"));
                self.link = None;
                Err(if rolled_back {
                    Failure::Refused(error.into())
                } else {
                    Failure::Unknown(error.into())
                })
            }
            Err(_) => {
                self.link = None;
                let limit = super::ANSWER_LIMIT.as_secs();
                Err(Failure::Unknown(LogError::Unavailable(format!(
                    "no answer in {limit} s"
                ))))
            }
        }
    }

    /// After a connection was lost in the middle of a commit: asks the server whether it had been done.
    async fn find_out(&mut self, batch: &Batch, error: LogError) -> Result<Commit, LogError> {
        let unknown = || {
            let whether = "whether these events were recorded is not known; to send them again is safe";
            LogError::Unavailable(format!("{error}; {whether}"))
        };
        let head = self.head().await.map_err(|_| unknown())?;
        if head == batch.before {
            return self.write(batch).await.map_err(|failure| match failure {
                Failure::Refused(error) => error,
                Failure::Unknown(_) => unknown(),
            });
        }
        let last = batch.rows.last().expect("a batch without rows is not written");
        let leaf = self
            .ask(|s| &s.leaf, &[&stored(last.entry.position)])
            .await
            .map_err(|_| unknown())?;
        let done = leaf
            .first()
            .is_some_and(|row| row.get::<_, &[u8]>(0) == last.leaf.0);
        Ok(if done { Commit::Done } else { Commit::Moved })
    }
}

/// Why a commit did not come about.
enum Failure {
    /// Nothing was written.
    Refused(LogError),
    /// The connection was lost: it may have been done.
    Unknown(LogError),
}

/// Whether the error says that an event's name is in the log already.
fn is_taken(error: &tokio_postgres::Error) -> bool {
    let Some(error) = error.as_db_error() else {
        return false;
    };
    *error.code() == SqlState::UNIQUE_VIOLATION && error.constraint() == Some("event_ids_pkey")
}

impl Writer for PostgresWriter {
    const FAR: bool = true;

    async fn lock(&mut self) -> Result<HeadRow, LogError> {
        self.unlock().await;
        let link = self.link().await?;
        let begin = link.client.batch_execute("BEGIN");
        let locked = link.client.query(&link.statements.lock, &[]);
        let (_, rows) = match in_time(futures_util::future::try_join(begin, locked)).await {
            Ok(answers) => answers,
            Err(error) => {
                self.link = None;
                return Err(error);
            }
        };
        self.locked = true;
        head(
            rows.first()
                .ok_or_else(|| LogError::Damaged("the head is missing".into()))?,
        )
    }

    async fn unlock(&mut self) {
        if std::mem::take(&mut self.locked)
            && let Some(link) = &self.link
            && in_time(link.client.batch_execute("ROLLBACK")).await.is_err()
        {
            self.link = None;
        }
    }

    async fn commit(&mut self, batch: &Batch) -> Result<Commit, LogError> {
        if batch.rows.is_empty() {
            let head = self.head().await;
            self.unlock().await;
            return Ok(if head? == batch.before {
                Commit::Done
            } else {
                Commit::Moved
            });
        }
        match self.write(batch).await {
            Ok(commit) => Ok(commit),
            Err(Failure::Refused(error)) => Err(error),
            Err(Failure::Unknown(error)) => self.find_out(batch, error).await,
        }
    }

    async fn streams(&mut self, ids: &[StreamId], below: u64) -> Result<Vec<StoredStream>, LogError> {
        let kinds: Vec<_> = ids.iter().map(|id| id.kind.name()).collect();
        let uuids: Vec<_> = ids.iter().map(|id| id.uuid).collect();
        let rows = self
            .ask(|s| &s.streams, &[&kinds, &uuids, &stored(below)])
            .await?;
        let mut streams: Vec<_> = ids
            .iter()
            .map(|id| StoredStream {
                id: *id,
                number: None,
                entries: Vec::new(),
            })
            .collect();
        for row in rows {
            let asked = usize::try_from(row.get::<_, i64>(0) - 1).ok();
            let Some(stream) = asked.and_then(|asked| streams.get_mut(asked)) else {
                continue;
            };
            stream.number = Some(number(row.get(1))?);
            if row.get::<_, Option<i64>>(2).is_some() {
                stream.entries.push(entry(&row, 2, stream.id)?);
            }
        }
        Ok(streams)
    }

    async fn moved(&mut self, from: u64, below: u64) -> Result<Vec<StreamId>, LogError> {
        let rows = self.ask(|s| &s.moved, &[&stored(from), &stored(below)]).await?;
        rows.iter().map(|row| stream_id(row.get(0), row.get(1))).collect()
    }

    async fn sources(&mut self, from: u64) -> Result<Vec<(u64, Arc<str>)>, LogError> {
        let rows = self.ask(|s| &s.sources, &[&stored(from)]).await?;
        rows.iter()
            .map(|row| Ok((number(row.get(0))?, row.get::<_, &str>(1).into())))
            .collect()
    }

    async fn entries(&mut self, positions: &[u64]) -> Result<Vec<(u64, Bytes)>, LogError> {
        let positions: Vec<_> = positions.iter().map(|position| stored(*position)).collect();
        let rows = self.ask(|s| &s.entries, &[&positions]).await?;
        rows.iter()
            .map(|row| Ok((number(row.get(0))?, Bytes::copy_from_slice(row.get(1)))))
            .collect()
    }

    async fn positions(&mut self, keys: &[EventKey]) -> Result<Vec<(usize, u64)>, LogError> {
        let ids: Vec<_> = keys.iter().map(|key| &*key.id).collect();
        let sources: Vec<_> = keys.iter().map(|key| &*key.source).collect();
        let rows = self.ask(|s| &s.positions, &[&ids, &sources]).await?;
        let asked = |row: &Answer| usize::try_from(row.get::<_, i64>(0) - 1).unwrap_or_default();
        rows.iter()
            .map(|row| Ok((asked(row), number(row.get(1))?)))
            .collect()
    }
}
