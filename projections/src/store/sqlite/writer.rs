//! A session that writes: a connection, and locks on files beside the database's.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use parcours_log::Anchor;
use parcours_log::database::OpenFile;
use parcours_log::tree::Hash;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::checkpoint::Checkpointer;
use super::tables::{self, Put};
use super::{blocking, reader};
use crate::ViewError;
use crate::store::generation::COLUMNS;
use crate::store::sql::{self, Dialect};
use crate::store::{Generation, Load, State, Step, Writer, passed_over, stored};
use crate::view::{Value, View};

/// The session. `connection` comes first, so that it lets go of the file before the gate opens.
pub(super) struct SqliteWriter {
    /// Away while a thread works with it; does not come back if the caller stopped waiting for that.
    connection: Option<Connection>,
    /// Held between [`Writer::hold`] and [`Writer::take_over`].
    held: Option<OwnedMutexGuard<()>>,
    file: PathBuf,
    open: OpenFile,
    gate: Arc<Mutex<()>>,
    checkpointer: Arc<Checkpointer>,
    locks: Vec<File>,
}

impl SqliteWriter {
    pub fn new(
        connection: Connection,
        file: &Path,
        open: OpenFile,
        gate: Arc<Mutex<()>>,
        checkpointer: Arc<Checkpointer>,
    ) -> Self {
        let file = file.to_owned();
        Self {
            connection: Some(connection),
            held: None,
            file,
            open,
            gate,
            checkpointer,
            locks: Vec::new(),
        }
    }

    /// Works with the connection, on a thread that may block, when it is this session's turn.
    async fn work<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut Connection) -> Result<T, ViewError> + Send + 'static,
    ) -> Result<T, ViewError> {
        let held = self.held.is_some();
        let turn = match self.held.take() {
            Some(turn) => turn,
            None => self.gate.clone().lock_owned().await,
        };
        let ended = || ViewError::Unavailable("this session of the views' database has ended".into());
        let mut connection = self.connection.take().ok_or_else(ended)?;
        let (connection, turn, done) = blocking(move || {
            let done = work(&mut connection);
            Ok((connection, turn, done))
        })
        .await?;
        self.connection = Some(connection);
        self.held = held.then_some(turn);
        self.checkpointer.written();
        // Whatever went into a file that was removed is lost with it.
        self.open.still_stands()?;
        done
    }

    /// Works in a transaction that begins as a writing one, so that what it reads is still so when it writes.
    async fn transaction<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&Connection) -> Result<T, ViewError> + Send + 'static,
    ) -> Result<T, ViewError> {
        self.work(|connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })
        .await
    }
}

#[async_trait]
impl Writer for SqliteWriter {
    async fn try_lock(&mut self, name: &str) -> Result<bool, ViewError> {
        let mut path = self.file.clone().into_os_string();
        path.push(format!(".{name}.lock"));
        let failed = |error: &std::io::Error| ViewError::unavailable(error);
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| failed(&error))?;
        match file.try_lock() {
            Ok(()) => self.locks.push(file),
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(failed(&error)),
        }
        Ok(true)
    }

    async fn generations(&mut self, view: &str) -> Result<Vec<Generation>, ViewError> {
        let view = view.to_owned();
        self.work(move |connection| generations(connection, &view)).await
    }

    async fn create(&mut self, view: &'static View, target: Anchor) -> Result<Generation, ViewError> {
        self.transaction(move |connection| {
            let last = generations(connection, view.name)?
                .last()
                .map_or(0, |generation| generation.number);
            let generation = Generation::new(view, last + 1, target, sql::name);
            for (table, name) in view.tables.iter().zip(&generation.tables) {
                connection.execute_batch(&sql::create(Dialect::Sqlite, table, name))?;
            }
            connection.execute(
                &format!(
                    "INSERT INTO view_generations ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, 0, ?5, NULL, 0, ?6, ?7, ?8)"
                ),
                (
                    view.name,
                    generation.number,
                    view.version,
                    generation.state.name(),
                    stored(target.size),
                    generation.tables.join(" "),
                    Anchor::start().leaf.to_string(),
                    target.leaf.to_string(),
                ),
            )?;
            Ok(generation)
        })
        .await
    }

    async fn load(&mut self, load: Load) -> Result<(), ViewError> {
        self.transaction(move |connection| {
            let update = "UPDATE view_generations SET cursor = ?3, done = ?4
                          WHERE view = ?1 AND generation = ?2 AND state = 'loading'";
            let key = (
                load.view.name,
                load.generation,
                stored(load.cursor),
                stored(load.done),
            );
            if connection.prepare_cached(update)?.execute(key)? != 1 {
                return Err(ViewError::Rebuilding(load.view.name.into()));
            }
            Ok(tables::write(
                connection,
                load.view,
                load.generation,
                &load.changes,
                Put::New,
            )?)
        })
        .await
    }

    async fn loaded(&mut self, view: &'static View, generation: &Generation) -> Result<(), ViewError> {
        let number = generation.number;
        // One index a transaction: the other views write in between.
        for table in view.tables {
            let name = sql::name(table.name, number);
            for statement in sql::indexes(Dialect::Sqlite, table, &name, &name) {
                self.transaction(move |connection| Ok(connection.execute_batch(&statement)?))
                    .await?;
            }
        }
        self.transaction(move |connection| {
            for table in view.tables.iter().filter(|table| table.sums) {
                let name = sql::name(table.name, number);
                connection.execute_batch(&format!("DELETE FROM {name} AS t WHERE {}", sql::zeros(table)))?;
            }
            let update =
                "UPDATE view_generations SET state = 'catching_up', checkpoint = target, leaf = target_leaf, done = target
                          WHERE view = ?1 AND generation = ?2 AND state = 'loading'";
            connection.execute(update, (view.name, number))?;
            Ok(())
        })
        .await
    }

    async fn advance(&mut self, step: Step) -> Result<bool, ViewError> {
        self.work(move |connection| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let moved = advance(&transaction, &step)?;
            if moved {
                transaction.commit()?;
            }
            Ok(moved)
        })
        .await
    }

    async fn hold(&mut self, view: &'static View) -> Result<Option<Generation>, ViewError> {
        self.held = Some(self.gate.clone().lock_owned().await);
        self.work(move |connection| {
            connection.execute_batch("BEGIN IMMEDIATE")?;
            let mut all = generations(connection, view.name)?.into_iter();
            Ok(all.find(|generation| generation.state == State::Live))
        })
        .await
    }

    async fn take_over(
        &mut self,
        view: &'static View,
        generation: i64,
        steps: Vec<Step>,
    ) -> Result<bool, ViewError> {
        let done = self.work(move |connection| {
            let taken = take_over(connection, view, generation, &steps)?;
            connection.execute_batch(if taken { "COMMIT" } else { "ROLLBACK" })?;
            Ok(taken)
        });
        let taken = done.await;
        self.held = None;
        taken
    }

    async fn pass_over(&mut self, view: &'static View, position: u64, leaf: Hash) -> Result<(), ViewError> {
        self.transaction(move |connection| {
            let insert = passed_over::insert("view_passed_over");
            connection.execute(&insert, (view.name, stored(position), leaf.to_string()))?;
            Ok(())
        })
        .await
    }

    async fn discard(&mut self, generation: &Generation) -> Result<(), ViewError> {
        let generation = generation.clone();
        self.transaction(move |connection| {
            let delete =
                "DELETE FROM view_generations WHERE view = ?1 AND generation = ?2 AND state <> 'live'";
            if connection.execute(delete, (generation.view, generation.number))? == 1 {
                for table in &generation.tables {
                    // The index of words is a table of its own.
                    let words = sql::words(table);
                    connection.execute_batch(&format!(
                        "DROP TABLE IF EXISTS {words}; DROP TABLE IF EXISTS {table}"
                    ))?;
                }
            }
            Ok(())
        })
        .await
    }
}

fn generations(connection: &Connection, view: &str) -> Result<Vec<Generation>, ViewError> {
    let sql = format!("SELECT {COLUMNS} FROM view_generations WHERE view = ?1 ORDER BY generation");
    let rows = reader::query(connection, &sql, &[Value::from(view)]).map_err(ViewError::from)?;
    rows.iter().map(|row| Generation::read(row)).collect()
}

/// Moves the checkpoint, if it is where the step expects it, and only then writes.
fn advance(connection: &Connection, step: &Step) -> Result<bool, ViewError> {
    let update = format!(
        "UPDATE view_generations SET checkpoint = ?7, target = ?8, cursor = ?9, leaf = ?10, target_leaf = ?11
         WHERE view = ?1 AND generation = ?2 AND state = ?3 AND {} = (?4, ?5, ?6)",
        sql::MARK
    );
    let ([from, leads, done], [to, target, cursor]) = (step.from.stored(), step.to.stored());
    let (leaf, target_leaf) = step.to.stored_leaves();
    let key = (
        step.view.name,
        step.generation,
        step.state.name(),
        from,
        leads,
        done,
        to,
        target,
        cursor,
        leaf,
        target_leaf,
    );
    let moved = connection.prepare_cached(&update)?.execute(key)? == 1;
    if moved {
        tables::write(
            connection,
            step.view,
            step.generation,
            &step.changes,
            Put::Replace,
        )?;
    }
    Ok(moved)
}

fn take_over(
    connection: &Connection,
    view: &View,
    generation: i64,
    steps: &[Step],
) -> Result<bool, ViewError> {
    for step in steps {
        if !advance(connection, step)? {
            return Ok(false);
        }
    }
    let retire = "UPDATE view_generations SET state = 'retired' WHERE view = ?1 AND state = 'live'";
    connection.execute(retire, [view.name])?;
    let promote = "UPDATE view_generations SET state = 'live'
                   WHERE view = ?1 AND generation = ?2 AND state = 'catching_up'";
    Ok(connection.execute(promote, (view.name, generation))? == 1)
}
