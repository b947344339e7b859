//! A session that writes: one connection, whose advisory locks are the session's.

use async_trait::async_trait;
use parcours_log::Anchor;
use parcours_log::postgres::{ANSWER_LIMIT, Session};
use parcours_log::tree::Hash;
use sha2::{Digest as _, Sha256};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;

use super::tables::{self, Execution, Prepared};
use super::{qualified, reader};
use crate::ViewError;
use crate::store::generation::COLUMNS;
use crate::store::sql::{self, Dialect};
use crate::store::{Generation, Load, State, Step, Writer, passed_over, stored};
use crate::view::View;

/// How long to wait for readers of a table that is to be dropped; they go first.
const PATIENCE: &str = "SET LOCAL lock_timeout = '5s'";

/// The session. What it writes takes as long as it takes: a batch, a table that is loaded, an index.
pub(super) struct PostgresWriter {
    session: Session,
    prepared: Prepared,
}

impl PostgresWriter {
    pub fn new(session: Session) -> Self {
        Self {
            session,
            prepared: Prepared::new(),
        }
    }
}

async fn begin(client: &Client) -> Result<(), ViewError> {
    Ok(client.batch_execute("BEGIN").await?)
}

async fn end(client: &Client, commit: bool) -> Result<(), ViewError> {
    Ok(client
        .batch_execute(if commit { "COMMIT" } else { "ROLLBACK" })
        .await?)
}

/// Moves the checkpoint and writes, in the transaction under way. False if the checkpoint is not where the step
/// expects it; then something may be written, and the transaction must end with ROLLBACK.
async fn write(client: &Client, prepared: &mut Prepared, step: &Step) -> Result<bool, ViewError> {
    let mut executions = vec![checkpoint(step)];
    executions.extend(tables::executions(step.view, step.generation, &step.changes));
    let counts = tables::execute(client, prepared, &executions).await?;
    Ok(counts[0] == 1)
}

#[async_trait]
impl Writer for PostgresWriter {
    async fn try_lock(&mut self, name: &str) -> Result<bool, ViewError> {
        let hash = Sha256::digest(format!("parcours-views/{name}"));
        let number = i64::from_be_bytes(hash[..8].try_into().expect("eight of thirty-two bytes"));
        let asked: [&(dyn ToSql + Sync); 1] = [&number];
        let taken = self.session.query_one("SELECT pg_try_advisory_lock($1)", &asked);
        Ok(self.session.ask(ANSWER_LIMIT, taken).await?.get(0))
    }

    async fn generations(&mut self, view: &str) -> Result<Vec<Generation>, ViewError> {
        let generations = generations(&self.session, view, "");
        self.session.within(ANSWER_LIMIT, generations).await
    }

    async fn create(&mut self, view: &'static View, target: Anchor) -> Result<Generation, ViewError> {
        let client: &Client = &self.session;
        let written = async {
            let lz4 =
                "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'";
            let lz4 = client.query_opt(lz4, &[]).await?.is_some_and(|row| row.get(0));
            begin(client).await?;
            let last = generations(client, view.name, "")
                .await?
                .last()
                .map_or(0, |generation| generation.number);
            let generation = Generation::new(view, last + 1, target, qualified);
            for (table, name) in view.tables.iter().zip(&generation.tables) {
                client
                    .batch_execute(&sql::create(Dialect::Postgres, table, name))
                    .await?;
                for statement in tables::long_texts(table, name, lz4) {
                    client.batch_execute(&statement).await?;
                }
            }
            let insert = format!(
                "INSERT INTO parcours_views.view_generations ({COLUMNS}) VALUES ($1, $2, $3, $4, 0, $5, NULL, 0, $6, $7, $8)"
            );
            let (leaf, target_leaf) = (Anchor::start().leaf.to_string(), target.leaf.to_string());
            let (version, target) = (i64::from(view.version), stored(target.size));
            let (state, tables) = (generation.state.name(), generation.tables.join(" "));
            client
                .execute(
                    &insert,
                    &[
                        &view.name,
                        &generation.number,
                        &version,
                        &state,
                        &target,
                        &tables,
                        &leaf,
                        &target_leaf,
                    ],
                )
                .await?;
            end(client, true).await?;
            Ok(generation)
        };
        self.session.patiently(written).await
    }

    async fn load(&mut self, load: Load) -> Result<(), ViewError> {
        let client: &Client = &self.session;
        let written = async {
            begin(client).await?;
            let update = "UPDATE parcours_views.view_generations SET cursor = $3, done = $4
                          WHERE view = $1 AND generation = $2 AND state = 'loading'";
            let (cursor, done) = (stored(load.cursor), stored(load.done));
            if client
                .execute(update, &[&load.view.name, &load.generation, &cursor, &done])
                .await?
                != 1
            {
                end(client, false).await?;
                return Err(ViewError::Rebuilding(load.view.name.into()));
            }
            tables::load(client, load.view, load.generation, &load.changes).await?;
            end(client, true).await
        };
        self.session.patiently(written).await
    }

    async fn loaded(&mut self, view: &'static View, generation: &Generation) -> Result<(), ViewError> {
        let client: &Client = &self.session;
        let written = async {
            // Sorting and grouping what was just loaded is the whole work; the server's defaults would do it in many small
            // pieces.
            client
                .batch_execute("SET maintenance_work_mem = '64MB'; SET work_mem = '64MB'")
                .await?;
            let tables = || view.tables.iter().zip(&generation.tables);
            let indexes = async |table, name| {
                for statement in sql::indexes(
                    Dialect::Postgres,
                    table,
                    &sql::name(table.name, generation.number),
                    name,
                ) {
                    client.batch_execute(&statement).await?;
                }
                Ok::<_, ViewError>(())
            };
            for (table, name) in tables().filter(|(table, _)| !table.sums) {
                indexes(table, name).await?;
            }
            begin(client).await?;
            for (table, name) in tables().filter(|(table, _)| table.sums) {
                let bare = sql::name(table.name, generation.number);
                client.batch_execute(&tables::add_up(table, &bare, name)).await?;
                indexes(table, name).await?;
            }
            let update = "UPDATE parcours_views.view_generations
                          SET state = 'catching_up', checkpoint = target, leaf = target_leaf, done = target
                          WHERE view = $1 AND generation = $2 AND state = 'loading'";
            client.execute(update, &[&view.name, &generation.number]).await?;
            end(client, true).await?;
            for name in &generation.tables {
                client.batch_execute(&format!("ANALYZE {name}")).await?;
            }
            Ok(())
        };
        self.session.patiently(written).await
    }

    async fn advance(&mut self, step: Step) -> Result<bool, ViewError> {
        let Self { session, prepared } = self;
        let client: &Client = session;
        let written = async {
            begin(client).await?;
            let moved = write(client, prepared, &step).await?;
            end(client, moved).await?;
            Ok(moved)
        };
        session.patiently(written).await
    }

    async fn hold(&mut self, view: &'static View) -> Result<Option<Generation>, ViewError> {
        let client: &Client = &self.session;
        let written = async {
            begin(client).await?;
            let all = generations(client, view.name, "FOR UPDATE").await?;
            Ok(all.into_iter().find(|generation| generation.state == State::Live))
        };
        self.session.patiently(written).await
    }

    async fn take_over(
        &mut self,
        view: &'static View,
        generation: i64,
        steps: Vec<Step>,
    ) -> Result<bool, ViewError> {
        let Self { session, prepared } = self;
        let client: &Client = session;
        let written = async {
            for step in steps {
                if !write(client, prepared, &step).await? {
                    end(client, false).await?;
                    return Ok(false);
                }
            }
            let retire = "UPDATE parcours_views.view_generations SET state = 'retired' WHERE view = $1 AND state = 'live'";
            client.execute(retire, &[&view.name]).await?;
            let promote = "UPDATE parcours_views.view_generations SET state = 'live'
                           WHERE view = $1 AND generation = $2 AND state = 'catching_up'";
            let taken = client.execute(promote, &[&view.name, &generation]).await? == 1;
            end(client, taken).await?;
            Ok(taken)
        };
        session.patiently(written).await
    }

    async fn pass_over(&mut self, view: &'static View, position: u64, leaf: Hash) -> Result<(), ViewError> {
        let insert = passed_over::insert("parcours_views.view_passed_over");
        let (position, leaf) = (stored(position), leaf.to_string());
        let client: &Client = &self.session;
        let inserted =
            async { Ok::<_, ViewError>(client.execute(&insert, &[&view.name, &position, &leaf]).await?) };
        self.session.within(ANSWER_LIMIT, inserted).await.map(drop)
    }

    async fn discard(&mut self, generation: &Generation) -> Result<(), ViewError> {
        let client: &Client = &self.session;
        let written = async {
            begin(client).await?;
            client.batch_execute(PATIENCE).await?;
            let delete = "DELETE FROM parcours_views.view_generations
                          WHERE view = $1 AND generation = $2 AND state <> 'live'";
            if client
                .execute(delete, &[&generation.view, &generation.number])
                .await?
                == 1
            {
                for table in &generation.tables {
                    client
                        .batch_execute(&format!("DROP TABLE IF EXISTS {table}"))
                        .await?;
                }
            }
            end(client, true).await
        };
        self.session.patiently(written).await
    }
}

/// The generations of one view; `lock` ends the SELECT.
async fn generations(client: &Client, view: &str, lock: &str) -> Result<Vec<Generation>, ViewError> {
    let select = format!(
        "SELECT {COLUMNS} FROM parcours_views.view_generations WHERE view = $1 ORDER BY generation {lock}"
    );
    let rows = client.query(&select, &[&view]).await?;
    rows.iter()
        .map(|row| Generation::read(&reader::values(row)?))
        .collect()
}

fn checkpoint(step: &Step) -> Execution {
    let ([from, leads, done], [to, target, cursor]) = (step.from.stored(), step.to.stored());
    let (leaf, target_leaf) = step.to.stored_leaves();
    Execution {
        sql: format!(
            "UPDATE parcours_views.view_generations SET checkpoint = $7, target = $8, cursor = $9, leaf = $10, target_leaf = $11
             WHERE view = $1 AND generation = $2 AND state = $3 AND {} = ($4, $5, $6)",
            sql::MARK
        ),
        parameters: vec![
            Box::new(step.view.name),
            Box::new(step.generation),
            Box::new(step.state.name()),
            Box::new(from),
            Box::new(leads),
            Box::new(done),
            Box::new(to),
            Box::new(target),
            Box::new(cursor),
            Box::new(leaf),
            Box::new(target_leaf),
        ],
    }
}
