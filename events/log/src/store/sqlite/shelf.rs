//! The runs of the index: what is read of them, by whoever has a connection.

use std::borrow::Borrow;
use std::ops::Range;
use std::path::Path;

use bytes::Bytes;
use rusqlite::{Connection, Row};

use super::reader;
use crate::LogError;
use crate::store::index::run::{RunRow, Standing};
use crate::store::index::shelf::{Hold, Loose, Shelf, State};
use crate::store::{number, stored};

/// A connection, owned or borrowed.
pub(crate) struct SqliteShelf<C>(pub C);

impl SqliteShelf<Connection> {
    /// With a connection of its own.
    pub fn open(file: &Path) -> Result<SqliteShelf<Connection>, LogError> {
        Ok(SqliteShelf(reader::connect(file)?))
    }
}

impl<C: Borrow<Connection>> SqliteShelf<C> {
    fn connection(&self) -> &Connection {
        self.0.borrow()
    }
}

impl<C: Borrow<Connection>> Shelf for SqliteShelf<C> {
    async fn state(&self) -> Result<State, LogError> {
        let mut select = self
            .connection()
            .prepare_cached("SELECT version, indexed, runs, keeper, beat FROM index_state")?;
        let mut rows = select.query([])?;
        let Some(row) = rows.next()? else {
            return Err(LogError::Damaged("the state of the index is missing".into()));
        };
        Ok(State {
            version: row.get(0)?,
            indexed: number(row.get(1)?)?,
            runs: number(row.get(2)?)?,
            hold: Hold {
                keeper: row.get(3)?,
                beat: row.get(4)?,
            },
        })
    }

    async fn runs(&self) -> Result<Vec<(RunRow, Standing)>, LogError> {
        let mut select = self.connection().prepare_cached(
            "SELECT run, level, first, until, names, streams, summary, standing FROM index_runs ORDER BY first, run",
        )?;
        let mut rows = select.query([])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push(run(row)?);
        }
        Ok(runs)
    }

    async fn blocks(&self, numbers: &[Range<u64>]) -> Result<(i64, Vec<(u64, Bytes)>), LogError> {
        let connection = self.connection();
        reader::at_once(connection, || {
            let mut select = connection.prepare_cached(
                "SELECT number, bytes FROM index_blocks WHERE number >= ?1 AND number < ?2 ORDER BY number",
            )?;
            let mut blocks = Vec::new();
            for range in numbers {
                let mut rows = select.query((stored(range.start), stored(range.end)))?;
                while let Some(row) = rows.next()? {
                    let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
                    blocks.push((number(row.get(0)?)?, Bytes::copy_from_slice(bytes)));
                }
            }
            let version = connection
                .prepare_cached("SELECT version FROM index_state")?
                .query_row([], |row| row.get(0))?;
            Ok((version, blocks))
        })
    }

    async fn loose(&self, from: u64, limit: usize) -> Result<Vec<Loose>, LogError> {
        let mut select = self.connection().prepare_cached(
            "SELECT position, stream, entry FROM entries WHERE position >= ?1 ORDER BY position LIMIT ?2",
        )?;
        let mut rows = select.query((stored(from), stored(limit as u64)))?;
        let mut loose = Vec::new();
        while let Some(row) = rows.next()? {
            loose.push(Loose {
                position: number(row.get(0)?)?,
                stream: number(row.get(1)?)?,
                entry: Bytes::copy_from_slice(row.get_ref(2)?.as_bytes().unwrap_or_default()),
            });
        }
        Ok(loose)
    }
}

fn run(row: &Row<'_>) -> Result<(RunRow, Standing), LogError> {
    let column = |column: usize| number(row.get(column)?);
    let run = RunRow {
        run: column(0)?,
        level: column(1)?,
        from: column(2)?,
        until: column(3)?,
        blocks: [column(4)?, column(5)?, column(6)?],
    };
    Ok((run, Standing::of(row.get(7)?)?))
}
