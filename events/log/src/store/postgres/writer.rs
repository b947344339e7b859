//! Writing: one connection, owned by the committer's thread.
//!
//! A commit is one statement: it moves the head if the head is still the one expected, and everything else hangs
//! on that. So it is one round trip, one transaction, one sync, and needs no lock taken beforehand.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use super::link::Link;
use super::reader::head;
use super::{COMMIT_LIMIT, SCHEMA, shelve};
use crate::postgres::{ANSWER_LIMIT, Door, Fault, Session};
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
    pub async fn open(door: Door) -> Result<PostgresWriter, LogError> {
        SCHEMA.migrate_postgres::<LogError>(&door).await?;
        let mut link = Link::new(door);
        link.open().await?;
        Ok(PostgresWriter { link, locked: false })
    }

    /// The connection. A lock does not outlive its own.
    async fn link(&mut self) -> Result<(&Session, &Statements), LogError> {
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
        let (session, statements) = self.link().await.map_err(Failure::Refused)?;
        let columns = Columns::of(batch);
        let append = columns.send(session, &statements.append);
        let answer = async {
            if locked {
                let both = futures_util::future::join(append, session.batch_execute("COMMIT"));
                let (rows, end) = both.await;
                let rows = rows?;
                end.map(|()| rows)
            } else {
                append.await
            }
        };
        match session.ask(COMMIT_LIMIT, answer).await {
            Ok(rows) if rows.is_empty() => Ok(Commit::Moved),
            Ok(_) => Ok(Commit::Done),
            // The connection is as good as before: what was begun on it is rolled back.
            Err(Fault::Database(error)) if is_of_content(&error) => Ok(Commit::Refused(told(&error))),
            Err(fault) => {
                self.link.lose();
                // The server's own word, short of its going down, is that nothing was written.
                Err(if fault.is_answer() {
                    Failure::Refused(fault.into())
                } else {
                    Failure::Unknown(fault)
                })
            }
        }
    }

    /// After a connection was lost in the middle of a commit: asks the server whether it had been done. While it may still
    /// be under way (behind a lock, or waiting for a standby) nothing of it is seen, and what is tried again may fail for
    /// another reason: then it is not known.
    async fn find_out(&mut self, batch: &Batch, fault: Fault) -> Result<Commit, LogError> {
        let unknown = || LogError::OutcomeUnknown(fault.to_string());
        let head = self.head().await.map_err(|_| unknown())?;
        if head == batch.before {
            return match self.write(batch).await {
                Ok(Commit::Refused(_)) | Err(_) => Err(unknown()),
                Ok(commit) => Ok(commit),
            };
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

/// Whether the database refuses what a row holds: a value it cannot take (class 22), a constraint (23), a limit of its
/// own (54). Not one that what is there already stands against: positions and names are given out by the log alone, so that
/// such a row is a sign of damage, and no sender's fault.
fn is_of_content(error: &Error) -> bool {
    let against_others = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::FOREIGN_KEY_VIOLATION,
        SqlState::EXCLUSION_VIOLATION,
    ];
    error
        .code()
        .is_some_and(|code| ["22", "23", "54"].contains(&&code.code()[..2]) && !against_others.contains(code))
}

/// What the database says, without the row, which may be in its details.
fn told(error: &Error) -> String {
    let said = error.as_db_error();
    said.map_or_else(|| error.to_string(), |said| said.message().to_owned())
}

/// Why a commit did not come about.
enum Failure {
    /// Nothing was written.
    Refused(LogError),
    /// The connection was lost: it may have been done.
    Unknown(Fault),
}

impl Writer for PostgresWriter {
    async fn lock(&mut self) -> Result<HeadRow, LogError> {
        self.unlock().await;
        let (session, statements) = self.link().await?;
        let begin = session.batch_execute("BEGIN");
        let locked = session.query(&statements.lock, &[]);
        let both = futures_util::future::try_join(begin, locked);
        let (_, rows) = match session.ask(COMMIT_LIMIT, both).await {
            Ok(answers) => answers,
            Err(fault) => {
                self.link.lose();
                return Err(fault.into());
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
            && let Some(session) = self.link.session()
            && session
                .ask(ANSWER_LIMIT, session.batch_execute("ROLLBACK"))
                .await
                .is_err()
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
            Err(Failure::Unknown(fault)) => self.find_out(batch, fault).await,
        }
    }

    async fn reach(&mut self, recorded: i64) -> Result<HeadRow, LogError> {
        let head = self.lock().await?;
        if head.recorded >= recorded {
            self.unlock().await;
            return Ok(head);
        }
        self.locked = false;
        let (session, statements) = self.link.open().await?;
        let raised = async {
            session.execute(&statements.reach, &[&recorded]).await?;
            session.batch_execute("COMMIT").await
        };
        // If it failed, the connection goes, and with it the lock; whether it was done is found out by whoever is next.
        match session.ask(COMMIT_LIMIT, raised).await {
            Ok(()) => Ok(HeadRow { recorded, ..head }),
            Err(fault) => {
                self.link.lose();
                Err(fault.into())
            }
        }
    }

    async fn shelve(&mut self, step: &Step) -> Result<Stepped, LogError> {
        let (session, _) = self.link().await?;
        let stepped = session.ask(COMMIT_LIMIT, shelve::shelve(session, step)).await;
        if stepped.is_err() {
            self.link.lose();
        }
        Ok(stepped?)
    }
}
