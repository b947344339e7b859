//! The views' file, only to look into it: nothing is made or left beside it, and it may lie where nothing can be written.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use parcours_log::database::ReadOnly;
use rusqlite::Connection;

use super::{BUSY_LIMIT, blocking, reader};
use crate::ViewError;
use crate::store::{Generation, Noted, QueryError, Store, Writer, passed_over, sql};
use crate::view::{Table, Value};

/// The file, open to be read.
pub(crate) struct Looking {
    way: ReadOnly,
    connection: Arc<Mutex<Connection>>,
}

impl Looking {
    pub async fn open(file: &Path) -> Result<Self, ViewError> {
        let file = file.to_owned();
        blocking(move || {
            let way = ReadOnly::find(&file).map_err(|error| ViewError::unavailable(&error))?;
            let connection = Arc::new(Mutex::new(way.connect(BUSY_LIMIT)?));
            Ok(Self { way, connection })
        })
        .await
    }

    async fn with<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let connection = self.connection.clone();
        let asked = blocking(move || {
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(question(&connection))
        });
        let answer = asked.await.map_err(QueryError::Failed)??;
        let alone = self.way.still_alone();
        alone.map_err(|disturbed| QueryError::Failed(ViewError::unavailable(&disturbed)))?;
        Ok(answer)
    }
}

#[async_trait]
impl Store for Looking {
    fn table(&self, name: &str, generation: i64) -> String {
        sql::name(name, generation)
    }

    fn of_generation(&self, expression: &str, view: &str, generation: i64) -> String {
        sql::of_generation(expression, "view_generations", view, generation)
    }

    fn has_words(&self, table: &Table, generation: i64, alias: &str, parameter: &str) -> String {
        let bare = sql::name(table.name, generation);
        sql::has_words(sql::Dialect::Sqlite, table, &bare, alias, parameter)
    }

    async fn generations(&self) -> Result<Vec<Generation>, ViewError> {
        self.with(reader::generations).await.map_err(ViewError::from)
    }

    async fn passed_over(&self) -> Result<Vec<Noted>, ViewError> {
        let select = passed_over::select("view_passed_over");
        passed_over::read(&self.query(select, Vec::new()).await?)
    }

    async fn query(&self, sql: String, parameters: Vec<Value>) -> Result<Vec<Vec<Value>>, QueryError> {
        self.with(move |connection| reader::query(connection, &sql, &parameters))
            .await
    }

    async fn digest(&self, tables: Vec<(&'static Table, String)>) -> Result<[u8; 32], QueryError> {
        self.with(move |connection| reader::digest(connection, &tables))
            .await
    }

    async fn writer(&self) -> Result<Box<dyn Writer>, ViewError> {
        Err(ViewError::Misplaced("they were opened to be read".to_owned()))
    }
}
