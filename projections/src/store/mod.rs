//! The port to the views' database, as small as the engine needs it, and its two adapters.
//!
//! Who owns what: readers are shared and pooled ([`Store`]). A [`Writer`] is one session, owned by one task; the locks
//! it holds end with it, however it ends.
//!
//! Commits need not be on disk when they return: a view's rows and its checkpoint move in one transaction, so a crash
//! of the machine takes a view back a moment, both together, and the log has the rest.

mod generation;
mod migrations;
mod passed_over;
pub(crate) mod postgres;
pub(crate) mod sql;
pub(crate) mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use parcours_log::supervision::Supervisor;
use parcours_log::tree::Hash;
use parcours_log::{Anchor, Location};
use tokio_util::sync::CancellationToken;

pub(crate) use generation::{Crossing, Generation, Mark, State};
pub(crate) use passed_over::Noted;

use crate::ViewError;
use crate::change::Changes;
use crate::view::{Table, Value, View};

/// Why a SELECT has no answer.
#[derive(Debug)]
pub(crate) enum QueryError {
    /// A table is not there: dropped meanwhile, because another generation has taken over.
    Gone,
    /// Everything else.
    Failed(ViewError),
}

impl From<QueryError> for ViewError {
    fn from(error: QueryError) -> ViewError {
        match error {
            QueryError::Gone => ViewError::Unavailable("a table of a view is not there".into()),
            QueryError::Failed(error) => error,
        }
    }
}

/// Reading, and sessions for writing.
#[async_trait]
pub(crate) trait Store: Send + Sync + 'static {
    /// A table of a generation, as it is written in SQL.
    fn table(&self, name: &str, generation: i64) -> String;

    /// An expression over the columns of a generation, as it is written in SQL elsewhere.
    fn of_generation(&self, expression: &str, view: &str, generation: i64) -> String;

    /// The condition that a row `alias` of a table has words that begin with each of those in a parameter (`?5`).
    fn has_words(&self, table: &Table, generation: i64, alias: &str, parameter: &str) -> String;

    /// All generations of all views.
    async fn generations(&self) -> Result<Vec<Generation>, ViewError>;

    /// What views pass over.
    async fn passed_over(&self) -> Result<Vec<Noted>, ViewError>;

    /// Answers a SELECT, whose parameters are `?1`, `?2`…
    async fn query(&self, sql: String, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, QueryError>;

    /// SHA-256 over all rows of these tables on one consistent state. See [`digest`](crate::digest).
    async fn digest(&self, tables: Vec<(&'static Table, String)>) -> Result<[u8; 32], QueryError>;

    /// A new session.
    async fn writer(&self) -> Result<Box<dyn Writer>, ViewError>;
}

/// One session that writes. After an error it is to be dropped, and with it what it had begun and its locks.
#[async_trait]
pub(crate) trait Writer: Send {
    /// Takes the lock of this name for as long as the session lives. False if another session has it.
    async fn try_lock(&mut self, name: &str) -> Result<bool, ViewError>;

    /// All generations of a view, as they are now.
    async fn generations(&mut self, view: &str) -> Result<Vec<Generation>, ViewError>;

    /// Makes the tables of a new generation of the view, which is to be loaded up to `target`.
    async fn create(&mut self, view: &'static View, target: Anchor) -> Result<Generation, ViewError>;

    /// Writes what streams up to `cursor` contribute to a generation that is loading, all or nothing.
    async fn load(&mut self, load: Load) -> Result<(), ViewError>;

    /// Ends the loading: indexes, no rows of zeros, and the checkpoint at the target.
    async fn loaded(&mut self, view: &'static View, generation: &Generation) -> Result<(), ViewError>;

    /// Writes changes and moves the checkpoint, all or nothing. False, and nothing done, if the generation is not in
    /// the state or not at the checkpoint that the step expects.
    async fn advance(&mut self, step: Step) -> Result<bool, ViewError>;

    /// Begins a takeover: until it ends, no other session moves the view. Answers the live generation.
    async fn hold(&mut self, view: &'static View) -> Result<Option<Generation>, ViewError>;

    /// Ends a takeover: in the transaction begun by [`hold`](Writer::hold), writes these last steps of the generation,
    /// makes it live, and retires the one that was.
    async fn take_over(
        &mut self,
        view: &'static View,
        generation: i64,
        steps: Vec<Step>,
    ) -> Result<bool, ViewError>;

    /// Notes that the view passes over, from now on, the entry of this leaf hash at `position`.
    async fn pass_over(&mut self, view: &'static View, position: u64, leaf: Hash) -> Result<(), ViewError>;

    /// Drops a generation which is not live: one that is retired, or that nobody will finish.
    async fn discard(&mut self, generation: &Generation) -> Result<(), ViewError>;
}

/// What [`Writer::load`] writes.
#[derive(Clone, Debug)]
pub(crate) struct Load {
    pub view: &'static View,
    pub generation: i64,
    pub changes: Arc<Changes>,
    /// The last stream of which the changes tell; the generation's cursor afterwards.
    pub cursor: u64,
    /// How many entries have been read for it in all.
    pub done: u64,
}

/// What [`Writer::advance`] writes.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub view: &'static View,
    pub generation: i64,
    pub state: State,
    pub from: Mark,
    pub to: Mark,
    pub changes: Arc<Changes>,
}

/// Opens the views' database, makes it if it is missing, and brings its schema up to date.
pub(crate) async fn open(
    location: &Location,
    supervisor: &Supervisor,
    stop: &CancellationToken,
) -> Result<Arc<dyn Store>, ViewError> {
    Ok(match location {
        Location::Sqlite(file) => Arc::new(sqlite::Sqlite::open(file, supervisor).await?),
        Location::Postgres(url) => Arc::new(postgres::Postgres::open(url, stop).await?),
    })
}

/// Opens the views' database to look into it. In SQLite nothing is made, changed or left beside the file.
pub(crate) async fn look(location: &Location, stop: &CancellationToken) -> Result<Arc<dyn Store>, ViewError> {
    Ok(match location {
        Location::Sqlite(file) => Arc::new(sqlite::Looking::open(file).await?),
        Location::Postgres(url) => Arc::new(postgres::Postgres::open(url, stop).await?),
    })
}

/// Numbers are stored as the databases' signed 64-bit integers.
pub(crate) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
