//! Writing: one connection, owned by the committer's thread.
//!
//! A commit is one statement: it moves the head if the head is still the one expected, and everything else hangs
//! on that. So it is one round trip, one transaction, one sync, and needs no lock taken beforehand.

use tokio_postgres::Client;

use super::link::Link;
use super::reader::head;
use super::{SCHEMA, config, connect, in_time, shelve};
use crate::store::index::shelf::{Step, Stepped};
use crate::store::{self, Batch, Commit, HeadRow, Writer, stored};
use crate::{Anchor, LogError};

mod statements;
use statements::{Columns, Statements};

/// The writing connection.
pub(crate) struct PostgresWriter {
    link: Link<Statements>,
    /// Whether a transaction is open, which holds the lock of the head's row.
    locked: bool,
}

impl PostgresWriter {
    /// Connects, and makes or migrates the schema.
    pub async fn open(url: &str) -> Result<PostgresWriter, LogError> {
        let config = config(url)?;
        let mut client = connect(&config).await?;
        SCHEMA.migrate_postgres::<LogError>(&mut client).await?;
        let mut link = Link::new(config);
        link.open().await?;
        Ok(PostgresWriter { link, locked: false })
    }

    /// The connection. A lock does not outlive its own.
    async fn link(&mut self) -> Result<(&Client, &Statements), LogError> {
        self.locked &= !self.link.is_lost();
        self.link.open().await
    }

    async fn head(&mut self) -> Result<HeadRow, LogError> {
        let rows = self.link.ask(|s| &s.head, &[]).await?;
        head(
            rows.first()
                .ok_or_else(|| LogError::Damaged("the head is missing".into()))?,
        )
    }

    /// Sends the batch. The lock, if it was held, is given back in the same breath.
    async fn write(&mut self, batch: &Batch) -> Result<Commit, Failure> {
        let locked = std::mem::take(&mut self.locked);
        let (client, statements) = self.link().await.map_err(Failure::Refused)?;
        let columns = Columns::of(batch);
        let append = columns.send(client, &statements.append);
        let answer = if locked {
            let both = futures_util::future::join(append, client.batch_execute("COMMIT"));
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
            Ok(Err(error)) => {
                // The server's own word, short of its going down, is that nothing was written.
                let rolled_back = error.code().is_some_and(|code| !code.code().starts_with("57P"));
                self.link.lose();
                Err(if rolled_back {
                    Failure::Refused(error.into())
                } else {
                    Failure::Unknown(error.into())
                })
            }
            Err(_) => {
                self.link.lose();
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
            .link
            .ask(|s| &s.leaf, &[&stored(last.entry.position)])
            .await
            .map_err(|_| unknown())?;
        let done = leaf
            .first()
            .is_some_and(|row| row.get::<_, &[u8]>(0) == last.entry.leaf.0);
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

impl Writer for PostgresWriter {
    async fn lock(&mut self) -> Result<HeadRow, LogError> {
        self.unlock().await;
        let (client, statements) = self.link().await?;
        let begin = client.batch_execute("BEGIN");
        let locked = client.query(&statements.lock, &[]);
        let (_, rows) = match in_time(futures_util::future::try_join(begin, locked)).await {
            Ok(answers) => answers,
            Err(error) => {
                self.link.lose();
                return Err(error);
            }
        };
        self.locked = true;
        head(
            rows.first()
                .ok_or_else(|| LogError::Damaged("the head is missing".into()))?,
        )
    }

    async fn end(&mut self, head: &HeadRow) -> Result<Anchor, LogError> {
        let last = stored(head.size()) - 1;
        let rows = self.link.ask(|s| &s.leaf, &[&last]).await?;
        let leaf = rows.first().map(|row| store::hash(row.get(0)));
        store::end(head.size(), leaf.transpose()?)
    }

    async fn unlock(&mut self) {
        if std::mem::take(&mut self.locked)
            && let Some(client) = self.link.client()
            && in_time(client.batch_execute("ROLLBACK")).await.is_err()
        {
            self.link.lose();
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

    async fn reach(&mut self, recorded: i64) -> Result<HeadRow, LogError> {
        let head = self.lock().await?;
        if head.recorded >= recorded {
            self.unlock().await;
            return Ok(head);
        }
        self.locked = false;
        let (client, statements) = self.link.open().await?;
        let raised = async {
            client.execute(&statements.reach, &[&recorded]).await?;
            client.batch_execute("COMMIT").await
        };
        // If it failed, the connection goes, and with it the lock; whether it was done is found out by whoever is next.
        match in_time(raised).await {
            Ok(()) => Ok(HeadRow { recorded, ..head }),
            Err(error) => {
                self.link.lose();
                Err(error)
            }
        }
    }

    async fn shelve(&mut self, step: &Step) -> Result<Stepped, LogError> {
        let (client, _) = self.link().await?;
        let stepped = in_time(shelve::shelve(client, step)).await;
        if stepped.is_err() {
            self.link.lose();
        }
        stepped
    }
}
